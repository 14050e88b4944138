import matplotlib.pyplot as plt
import numpy as np

visitors = np.array([[12, 18, 25, 30], [22, 28, 34, 41], [15, 17, 19, 24]])
cities = ["Ghent", "Bruges", "Leuven"]
seasons = ["Winter", "Spring", "Autumn", "Summer"]
colors = ["#f4a261", "#2a9d8f", "#8d99ae"]

fig = plt.figure(figsize=(8, 6.5))
ax = fig.add_subplot(projection="3d")
for row, color in enumerate(colors):
    x = np.arange(4) - 0.3
    y = np.full(4, row - 0.25)
    ax.bar3d(x, y, np.zeros(4), 0.6, 0.5, visitors[row], color=color, edgecolor="white", linewidth=0.4)

ax.set_xticks(range(4), seasons)
ax.set_yticks(range(3), cities)
ax.set_zlabel("Visitors (thousands)")
ax.set_title("Museum Visitors by Season", fontsize=15)
ax.view_init(elev=24, azim=-125)
plt.savefig("visitors.png")
