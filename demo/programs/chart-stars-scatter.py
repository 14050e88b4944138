"""A dark scatter plot with a colour scale, point sizes and transparency."""

import matplotlib.pyplot as plt
import numpy as np

rng = np.random.default_rng(7)
temperature = rng.uniform(3200, 9500, 90)
luminosity = 10 ** ((temperature - 5800) / 1900 + rng.normal(0, 0.25, 90))
radius = rng.gamma(3.0, 22.0, 90)

plt.style.use("dark_background")
fig, ax = plt.subplots(figsize=(8, 6))
points = ax.scatter(
    temperature, luminosity, s=radius, c=temperature, cmap="RdYlBu", alpha=0.8, edgecolors="white", linewidths=0.5
)
ax.scatter([5778], [1.0], s=160, marker="*", color="gold", zorder=3)
ax.annotate(
    "Sun",
    xy=(5778, 1.15),
    xytext=(5300, 14),
    color="gold",
    fontsize=13,
    arrowprops={"arrowstyle": "-", "color": "gold", "alpha": 0.7},
)

ax.set_yscale("log")
ax.invert_xaxis()
ax.set_title("Main Sequence Stars", fontsize=16, pad=12)
ax.set_xlabel("Surface temperature (K)")
ax.set_ylabel("Luminosity (Sun = 1)")
ax.grid(color="gray", alpha=0.3)
fig.colorbar(points, label="Temperature (K)")

fig.tight_layout()
fig.savefig("stars.png")
