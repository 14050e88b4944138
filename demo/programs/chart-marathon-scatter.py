"""Three groups of runners with a fitted line and its band."""

import matplotlib.pyplot as plt
import numpy as np

plt.rcParams.update({"font.family": "serif", "axes.titlesize": 15, "axes.labelsize": 12})
rng = np.random.default_rng(11)

groups = {"Beginners": ("#1b9e77", "o", 32), "Club runners": ("#d95f02", "^", 58), "Elite": ("#7570b3", "s", 95)}
all_km, all_minutes = [], []
fig, ax = plt.subplots(figsize=(8, 5.5))
for name, (color, marker, centre) in groups.items():
    km = rng.normal(centre, 9, 40)
    minutes = 310 - 1.55 * km + rng.normal(0, 11, 40)
    ax.scatter(km, minutes, color=color, marker=marker, alpha=0.65, label=name)
    all_km.extend(km)
    all_minutes.extend(minutes)

slope, intercept = np.polyfit(all_km, all_minutes, 1)
line = np.linspace(min(all_km), max(all_km), 50)
fit = slope * line + intercept
ax.plot(line, fit, color="black", linewidth=1.5, label="Linear fit")
ax.fill_between(line, fit - 14, fit + 14, color="gray", alpha=0.2)

ax.set_title("Training Distance and Marathon Time")
ax.set_xlabel("Weekly distance (km)")
ax.set_ylabel("Finishing time (minutes)")
ax.legend(frameon=True, shadow=True)
ax.grid(linestyle=":")
fig.savefig("marathon.png", bbox_inches="tight", dpi=120)
