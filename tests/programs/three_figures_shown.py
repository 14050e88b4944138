import matplotlib.pyplot as plt

plt.figure(1)
plt.plot([1, 2, 3], [3, 2, 1])
plt.title('First')

plt.figure(2)
plt.bar(['x', 'y', 'z'], [4, 7, 2])
plt.title('Second')

plt.figure(3)
plt.scatter([1, 2, 3], [9, 4, 1])
plt.title('Third')

plt.show()
