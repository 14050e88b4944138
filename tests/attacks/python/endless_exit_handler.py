import atexit
import time

import matplotlib.pyplot as plt

plt.plot([1, 2])
plt.savefig("early.png")
atexit.register(time.sleep, 600)
