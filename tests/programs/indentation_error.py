import matplotlib.pyplot as plt

for value in [1, 2, 3]:
plt.plot([value, value * 2])
plt.show()
