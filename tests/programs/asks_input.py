import matplotlib.pyplot as plt

n = int(input('How many bars? '))
plt.bar(range(n), range(n))
plt.show()
