import matplotlib.pyplot as plt
from matplotlib.sankey import Sankey

fig = plt.figure(figsize=(8, 5))
ax = fig.add_subplot(1, 1, 1, xticks=[], yticks=[], title='Where the water goes')
sankey = Sankey(ax=ax, unit=None)
sankey.add(flows=[1, -0.5, -0.3, -0.2], labels=['In', 'Farms', 'Homes', 'Lost'], orientations=[0, 0, 1, -1])
sankey.finish()
plt.show()
