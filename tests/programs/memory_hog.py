import matplotlib.pyplot as plt
import numpy as np

grid = np.ones((80000, 80000))
plt.imshow(grid)
plt.show()
