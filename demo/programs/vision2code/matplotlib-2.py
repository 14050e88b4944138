"""A scalar field as filled contours with labelled levels, and a stream of arrows over it."""

import matplotlib.pyplot as plt
import numpy as np

x, y = np.meshgrid(np.linspace(-3, 3, 61), np.linspace(-2, 2, 41))
z = np.exp(-((x - 1) ** 2 + y**2)) - np.exp(-((x + 1) ** 2 + y**2))
fig, ax = plt.subplots(figsize=(5.6, 4.2), dpi=100)
filled = ax.contourf(x, y, z, levels=np.linspace(-1, 1, 11), cmap="RdBu_r")
lines = ax.contour(x, y, z, levels=[-0.5, 0.5], colors="k", linewidths=0.7)
ax.clabel(lines, fmt="%.1f", fontsize=8)
dy, dx = np.gradient(z)
ax.quiver(x[::5, ::5], y[::5, ::5], -dx[::5, ::5], -dy[::5, ::5], scale=2.2, width=0.003)
ax.plot([1, -1], [0, 0], "kx")
fig.colorbar(filled, ax=ax, label="potential")
ax.set_title("Potential and field of a dipole")
ax.set_xlabel("x")
ax.set_ylabel("y")
plt.savefig("matplotlib.png")
