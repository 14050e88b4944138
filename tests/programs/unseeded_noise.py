import random

import matplotlib.pyplot as plt
import numpy as np

x = np.random.rand(50)
y = [random.gauss(0, 1) for _ in range(50)]
plt.figure(figsize=(6, 6))
plt.scatter(x, y, c=np.random.rand(50), s=80)
plt.title('Noise')
plt.show()
