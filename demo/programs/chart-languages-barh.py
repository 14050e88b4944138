import matplotlib.pyplot as plt

languages = ["Python", "JavaScript", "SQL", "Java", "C++", "Rust", "Kotlin"]
share = [57.9, 52.3, 48.1, 30.2, 23.4, 14.6, 9.2]
error = [1.8, 1.7, 1.6, 1.4, 1.2, 0.9, 0.7]

fig, ax = plt.subplots(figsize=(8, 5))
colors = plt.cm.viridis([0.15, 0.27, 0.39, 0.51, 0.63, 0.75, 0.87])
ax.barh(languages, share, xerr=error, color=colors, height=0.65, capsize=3, ecolor="#444444")
for position, value in enumerate(share):
    ax.text(value + 2.6, position, f"{value}%", va="center", fontsize=10)

ax.invert_yaxis()
ax.set_xlim(0, 70)
ax.set_xlabel("Share of developers (%)")
ax.set_title("Programming Languages Used at Work", fontsize=14, pad=12)
ax.spines[["top", "right"]].set_visible(False)
ax.xaxis.grid(True, color="#dddddd")
ax.set_axisbelow(True)
fig.tight_layout()
fig.savefig("languages.png", dpi=110)
