import numpy as np
import matplotlib.pyplot as plt
fig, ax = plt.subplots()
ax.plot([1, 3, 2])
fig.canvas.draw()
buf = np.frombuffer(fig.canvas.tostring_rgb(), dtype=np.uint8)
img = buf.reshape(fig.canvas.get_width_height()[::-1] + (3,))
plt.figure(); plt.imshow(img)
plt.savefig("copy.png")
