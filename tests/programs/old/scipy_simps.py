import numpy as np
import matplotlib.pyplot as plt
from scipy.integrate import simps
x = np.linspace(0, np.pi, 50)
plt.plot(x, np.sin(x)); plt.title(f"{simps(np.sin(x), x):.3f}")
plt.show()
