import ctypes

import matplotlib.pyplot as plt

plt.plot([1, 2])
ctypes.string_at(0)
plt.show()
