import sys

import matplotlib.pyplot as plt

values = []
if not values:
    print('no data', file=sys.stderr)
    sys.exit(3)
plt.plot(values)
plt.show()
