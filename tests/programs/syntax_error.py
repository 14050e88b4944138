import matplotlib.pyplot as plt

plt.figure(figsize=(6, 4))
plt.bar(['a', 'b'], [1, 2]
plt.title('Never closed')
plt.show()
