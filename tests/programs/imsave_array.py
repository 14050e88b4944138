import matplotlib.pyplot as plt
import numpy as np

y, x = np.mgrid[-1:1:160j, -1:1:240j]
plt.imsave('rings.png', np.sin(12 * np.hypot(x, y)), cmap='magma')
