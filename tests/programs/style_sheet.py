import matplotlib.pyplot as plt
import numpy as np

plt.style.use('seaborn-v0_8-darkgrid')
np.random.seed(0)
fig, ax = plt.subplots(figsize=(9, 5))
for i in range(4):
    ax.plot(np.cumsum(np.random.randn(100)), label=f'Series {i + 1}')
ax.legend(loc='best')
ax.set_title('Random Walks')
plt.show()
