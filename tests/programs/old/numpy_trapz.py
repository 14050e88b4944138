import numpy as np
import matplotlib.pyplot as plt
x = np.linspace(0, 10, 200)
y = np.sin(x) ** 2
area = np.trapz(y, x)
plt.fill_between(x, y, alpha=0.3)
plt.title(f"Area under the curve: {area:.2f}")
plt.savefig("area.png")
