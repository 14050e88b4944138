import numpy as np
%matplotlib inline
import matplotlib.pyplot as plt

plt.plot(np.arange(5))
plt.show()
