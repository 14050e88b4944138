import matplotlib.pyplot as plt

plt.plot([1, 2, 3], [1, 4, 9])
plt.title('Squares')
plt.show()
plt.clf()

plt.plot([1, 2, 3], [1, 8, 27])
plt.title('Cubes')
plt.show()
