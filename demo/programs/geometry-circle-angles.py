"""The inscribed angle is half of the central one."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import Arc, Circle, Polygon


def point(degrees, radius=1.0):
    angle = np.deg2rad(degrees)
    return np.array([np.cos(angle), np.sin(angle)]) * radius


A, B, P = point(205), point(335), point(75)
O = np.zeros(2)

fig, ax = plt.subplots(figsize=(6, 6.4))
ax.add_patch(Circle(O, 1, fill=False, linewidth=2, color="#264653"))
ax.add_patch(Polygon([A, O, B], closed=True, color="#2a9d8f", alpha=0.25))
ax.plot(*zip(A, O, B), color="#2a9d8f", linewidth=2)
ax.plot(*zip(A, P, B), color="#e76f51", linewidth=2)
ax.plot(*zip(A, B), color="#264653", linewidth=1.2, linestyle="--")
ax.add_patch(Arc(O, 0.36, 0.36, theta1=205, theta2=335, color="#2a9d8f", linewidth=2))

left = np.degrees(np.arctan2(*(A - P)[::-1]))
right = np.degrees(np.arctan2(*(B - P)[::-1]))
ax.add_patch(Arc(P, 0.5, 0.5, theta1=left, theta2=right, color="#e76f51", linewidth=2))

for name, where in {"A": point(205, 1.12), "B": point(335, 1.12), "P": point(75, 1.12), "O": (0.02, 0.1)}.items():
    ax.text(*where, name, ha="center", va="center", fontsize=16, style="italic")
ax.text(0, -0.32, "130°", ha="center", color="#21867a", fontsize=14)
ax.text(0.19, 0.56, "65°", ha="center", color="#d1563a", fontsize=14)
ax.scatter(*zip(A, B, P, O), color="#264653", zorder=3)

ax.set_title("Inscribed and Central Angle", fontsize=16)
ax.set_aspect("equal")
ax.set_xlim(-1.25, 1.25)
ax.set_ylim(-1.25, 1.25)
ax.axis("off")
plt.savefig("circle.png", bbox_inches="tight")
