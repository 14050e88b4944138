import matplotlib.pyplot as plt
import numpy as np
from mpl_toolkits.axes_grid1.inset_locator import inset_axes, mark_inset

x = np.linspace(0.1, 10, 500)
fig, ax = plt.subplots(figsize=(7, 5))
ax.plot(x, np.sin(x * 5) / x)
axins = inset_axes(ax, width='40%', height='35%', loc='upper right')
axins.plot(x, np.sin(x * 5) / x)
axins.set_xlim(4, 5)
axins.set_ylim(-0.3, 0.3)
mark_inset(ax, axins, loc1=2, loc2=4, fc='none', ec='0.5')
plt.show()
