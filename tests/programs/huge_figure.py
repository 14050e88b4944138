import matplotlib.pyplot as plt

plt.figure(figsize=(90, 90))
plt.plot([1, 2, 3])
plt.savefig('poster.png', dpi=100)
