import matplotlib.pyplot as plt

fig, ax = plt.subplots(figsize=(6, 4))
ax.plot([1, 2, 3], [1, 2, 3])
fig.savefig('chart.png')

# Add the second series and save again
ax.plot([1, 2, 3], [3, 2, 1])
ax.set_title('Both series')
fig.savefig('chart.png', dpi=150)
