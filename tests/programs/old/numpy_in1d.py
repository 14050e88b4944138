import numpy as np
import matplotlib.pyplot as plt
years = np.arange(2000, 2020)
marked = np.in1d(years, [2003, 2008, 2015])
plt.bar(years, np.arange(20), color=np.where(marked, "crimson", "lightgray"))
plt.show()
