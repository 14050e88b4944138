import matplotlib
matplotlib.use('TkAgg')
import matplotlib.pyplot as plt

plt.figure(figsize=(6, 4))
plt.plot([1, 2, 3, 4], [10, 5, 8, 3])
plt.title('From a desktop')
plt.show()
