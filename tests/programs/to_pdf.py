import matplotlib.pyplot as plt

plt.figure(figsize=(5, 3))
plt.plot([0, 1, 2, 3], [10, 20, 25, 30], label='Trend')
plt.legend()
plt.title('For the paper')
plt.savefig('figure.pdf')
