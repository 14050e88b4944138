import time

import matplotlib.pyplot as plt

time.sleep(3600)
plt.plot([1, 2])
plt.show()
