import numpy as np
import matplotlib.pyplot as plt
x = np.array([1, 2, 3], dtype=np.float_)
plt.plot(x, np.round_(x * 1.234, 1))
plt.show()
