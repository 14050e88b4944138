import matplotlib.pyplot as plt
import numpy as np

x = np.linspace(-5, 5, 60)
y = np.linspace(-5, 5, 60)
X, Y = np.meshgrid(x, y)
R = np.sqrt(X**2 + Y**2)
Z = np.sin(R) * np.exp(-R / 8)

fig = plt.figure(figsize=(8, 6))
ax = fig.add_subplot(projection="3d")
surface = ax.plot_surface(X, Y, Z, cmap="viridis", linewidth=0, antialiased=True)
ax.contour(X, Y, Z, zdir="z", offset=-1.2, cmap="viridis", alpha=0.6)

ax.set_zlim(-1.2, 1.0)
ax.set_xlabel("Distance x (m)")
ax.set_ylabel("Distance y (m)")
ax.set_zlabel("Height (m)")
ax.set_title("Ripples on a Pond", fontsize=15)
ax.view_init(elev=28, azim=-50)
fig.colorbar(surface, shrink=0.6, aspect=14, pad=0.1)
plt.show()
