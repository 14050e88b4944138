import sys
import warnings

import matplotlib.pyplot as plt

for i in range(2000):
    print('step', i, file=sys.stderr if i % 2 else sys.stdout)
warnings.warn('this is deprecated')
plt.figure(figsize=(6, 4))
plt.plot(range(10))
plt.title('Much talk')
plt.show()
