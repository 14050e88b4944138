import matplotlib.pyplot as plt
import numpy as np
from mpl_toolkits.mplot3d import Axes3D

t = np.linspace(0, 20, 400)
fig = plt.figure(figsize=(7, 6))
ax = fig.add_subplot(111, projection='3d')
ax.plot(np.sin(t), np.cos(t), t, color='purple')
ax.set_title('Helix')
ax.set_zlabel('Height')
plt.show()
