import urllib.request

import matplotlib.pyplot as plt

raw = urllib.request.urlopen('http://example.com/prices.csv').read()
plt.plot([float(v) for v in raw.split()])
plt.show()
