"""One series of horizontal bars with a logarithmic axis."""

import matplotlib.pyplot as plt

words = ["copper", "thread", "canyon", "violin", "pepper", "saddle"]
values = [10, 1000, 100, 10000, 10, 100000]
fig, ax = plt.subplots(figsize=(4.48, 4.48), dpi=100)
ax.barh(words, values, color="#8c564b", height=0.55)
ax.set_xscale("log")
ax.set_xlim(1, 1000000)
ax.set_xlabel("Votes")
ax.set_title("Most preferred objects", fontsize=14)
ax.grid(axis="x", color="#bbb")
ax.set_axisbelow(True)
fig.tight_layout()
plt.savefig("dvqa.png")
