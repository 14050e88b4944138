import matplotlib.pyplot as plt
import squarify

sizes = [500, 330, 220, 140, 90]
labels = [f'{name}\n{size}' for name, size in zip(['Docs', 'Photos', 'Music', 'Video', 'Other'], sizes)]
colors = plt.cm.Pastel1(range(5))

plt.figure(figsize=(8, 5))
squarify.plot(sizes=sizes, label=labels, color=colors, alpha=0.9, pad=True)
plt.axis('off')
plt.title('Disk usage (GB)')
plt.show()
