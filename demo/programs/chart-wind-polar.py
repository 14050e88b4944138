import matplotlib.pyplot as plt
import numpy as np

directions = ["N", "NE", "E", "SE", "S", "SW", "W", "NW"]
calm = np.array([4, 3, 2, 3, 5, 9, 8, 6])
breeze = np.array([5, 3, 2, 2, 4, 11, 12, 7])
storm = np.array([1, 0.5, 0.3, 0.5, 1, 4, 5, 2])
angle = np.deg2rad(np.arange(0, 360, 45))

fig = plt.figure(figsize=(6.5, 6.5), facecolor="#f4f6f8")
ax = plt.subplot(projection="polar")
ax.set_theta_zero_location("N")
ax.set_theta_direction(-1)

width = np.deg2rad(38)
ax.bar(angle, calm, width=width, color="#a8dadc", edgecolor="white", label="under 5 m/s")
ax.bar(angle, breeze, width=width, bottom=calm, color="#457b9d", edgecolor="white", label="5 to 12 m/s")
ax.bar(angle, storm, width=width, bottom=calm + breeze, color="#e63946", edgecolor="white", label="over 12 m/s")

ax.set_xticks(angle, directions, fontsize=12)
ax.set_yticks([5, 10, 15, 20, 25], ["", "10%", "", "20%", ""])
ax.set_rlabel_position(70)
ax.set_title("Wind Directions at the Harbour", fontsize=14, pad=18)
ax.legend(loc="lower right", bbox_to_anchor=(1.12, -0.1), framealpha=1)
plt.savefig("wind.png", facecolor=fig.get_facecolor())
