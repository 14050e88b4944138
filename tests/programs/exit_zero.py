import sys

import matplotlib.pyplot as plt

plt.figure(figsize=(6, 4))
plt.plot([3, 1, 2])
plt.savefig('done.png')
sys.exit(0)
