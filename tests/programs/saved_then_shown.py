import matplotlib.pyplot as plt

plt.figure(figsize=(7, 4))
plt.plot([2019, 2020, 2021, 2022], [5, 3, 6, 9])
plt.title('Visitors')
plt.savefig('visitors.png')
plt.show()
