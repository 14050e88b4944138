import time
from datetime import datetime

import matplotlib.pyplot as plt

plt.figure(figsize=(6, 4))
plt.plot([1, 3, 2])
plt.title(f'Report of {datetime.now():%Y-%m-%d %H:%M}')
plt.figtext(0.01, 0.01, f'seconds: {time.time():.0f}')
plt.savefig('report.png')
