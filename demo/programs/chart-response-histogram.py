"""A histogram with its density, beside box plots of the same times."""

import matplotlib.pyplot as plt
import numpy as np
from scipy.stats import gaussian_kde

rng = np.random.default_rng(42)
cached = rng.gamma(6.0, 8.0, 600)
database = rng.gamma(9.0, 12.0, 600)
search = rng.gamma(7.0, 19.0, 600)

fig, (left, right) = plt.subplots(1, 2, figsize=(10.5, 4.5))

left.hist(database, bins=24, density=True, color="#6baed6", edgecolor="white", alpha=0.85)
grid = np.linspace(0, 260, 200)
left.plot(grid, gaussian_kde(database)(grid), color="#08519c", linewidth=2)
left.axvline(np.median(database), color="#de2d26", linestyle=":", linewidth=2)
left.text(np.median(database) + 8, 0.0133, "median", color="#de2d26")
left.set_ylim(0, 0.0145)
left.set_title("Database requests")
left.set_xlabel("Response time (ms)")
left.set_ylabel("Density")

box = right.boxplot([cached, database, search], patch_artist=True, tick_labels=["Cache", "Database", "Search"])
for patch, color in zip(box["boxes"], ["#c7e9c0", "#6baed6", "#fdae6b"]):
    patch.set_facecolor(color)
right.set_title("All requests")
right.set_ylabel("Response time (ms)")
right.grid(axis="y", alpha=0.4)

fig.suptitle("Server Response Times", fontsize=15, fontweight="bold")
fig.tight_layout()
plt.show()
