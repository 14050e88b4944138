import matplotlib.pyplot as plt

plt.plot([1, 2, 3])
plt.savefig('first.png')

ratio = 5 / 0
plt.title(ratio)
plt.savefig('second.png')
