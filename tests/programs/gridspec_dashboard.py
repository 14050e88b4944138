import matplotlib.gridspec as gridspec
import matplotlib.pyplot as plt
import numpy as np

fig = plt.figure(figsize=(12, 8), constrained_layout=True)
gs = gridspec.GridSpec(2, 3, figure=fig)
ax1 = fig.add_subplot(gs[0, :2])
ax2 = fig.add_subplot(gs[0, 2])
ax3 = fig.add_subplot(gs[1, 0])
ax4 = fig.add_subplot(gs[1, 1:])

x = np.arange(12)
ax1.plot(x, x ** 1.5, color='crimson')
ax1.set_title('Trend')
ax2.pie([40, 35, 25], labels=['a', 'b', 'c'])
ax3.boxplot([x, x * 2, x + 3])
im = ax4.contourf(np.outer(np.sin(x), np.cos(x)), levels=12, cmap='RdBu')
fig.colorbar(im, ax=ax4)
fig.suptitle('Dashboard')
plt.show()
