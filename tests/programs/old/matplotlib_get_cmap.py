import matplotlib.pyplot as plt
import matplotlib.cm as cm
import numpy as np
cmap = cm.get_cmap("viridis", 6)
plt.bar(range(6), [3, 5, 2, 8, 4, 6], color=[cmap(i) for i in range(6)])
plt.show()
