"""The skeleton of caffeine from its atoms and bonds."""

import matplotlib.pyplot as plt

atoms = {
    1: ("N", -1.21, 0.70),
    2: ("C", -1.21, -0.70),
    3: ("N", 0.00, -1.40),
    4: ("C", 1.21, -0.70),
    5: ("C", 1.21, 0.70),
    6: ("C", 0.00, 1.40),
    7: ("N", 2.54, 1.13),
    8: ("C", 3.37, 0.00),
    9: ("N", 2.54, -1.13),
    10: ("O", -2.42, -1.40),
    11: ("O", 0.00, 2.80),
    12: ("CH3", -2.42, 1.40),
    13: ("CH3", 0.00, -2.80),
    14: ("CH3", 2.97, 2.46),
}
single = [(1, 2), (2, 3), (3, 4), (5, 6), (6, 1), (5, 7), (7, 8), (9, 4), (1, 12), (3, 13), (7, 14)]
double = [(4, 5), (9, 8), (2, 10), (6, 11)]
colors = {"N": "#2456c9", "O": "#d62728", "CH3": "#333333"}

fig, ax = plt.subplots(figsize=(6, 5.6))
for start, end in single + double:
    (_, x1, y1), (_, x2, y2) = atoms[start], atoms[end]
    ax.plot([x1, x2], [y1, y2], color="black", linewidth=2.2, zorder=1)
for start, end in double:
    (_, x1, y1), (_, x2, y2) = atoms[start], atoms[end]
    length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5
    dx, dy = 0.16 * (y1 - y2) / length, 0.16 * (x2 - x1) / length
    trim_x, trim_y = 0.12 * (x2 - x1), 0.12 * (y2 - y1)
    ax.plot([x1 + dx + trim_x, x2 + dx - trim_x], [y1 + dy + trim_y, y2 + dy - trim_y], color="black", linewidth=2.2)

for name, x, y in atoms.values():
    if name != "C":
        background = {"boxstyle": "round,pad=0.12", "facecolor": "white", "edgecolor": "none"}
        ax.text(x, y, name, ha="center", va="center", fontsize=17, color=colors[name], bbox=background)

ax.text(0.45, -3.75, "Caffeine, melting point 235 °C", ha="center", fontsize=13)
ax.set_aspect("equal")
ax.set_xlim(-3.4, 4.3)
ax.set_ylim(-4.1, 3.4)
ax.axis("off")
plt.savefig("caffeine.png", bbox_inches="tight")
