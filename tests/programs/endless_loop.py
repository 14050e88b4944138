import matplotlib.pyplot as plt

x = 0
while x < 10:
    plt_value = x * 2
plt.plot([x])
plt.show()
