import matplotlib.pyplot as plt


def branch(x, y, length):
    plt.plot([x, x + length], [y, y + length])
    branch(x + length, y + length, length * 0.9)


branch(0, 0, 1)
plt.show()
