import matplotlib.pyplot as plt
plt.boxplot([[1, 2, 3, 4], [2, 3, 4, 5]], labels=["A", "B"])
plt.show()
