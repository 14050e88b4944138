import matplotlib.pyplot as plt
import numpy as np

labels = np.array(['Speed', 'Power', 'Range', 'Comfort', 'Price'])
stats = np.array([4, 3, 5, 2, 4])
angles = np.linspace(0, 2 * np.pi, len(labels), endpoint=False)
stats = np.concatenate((stats, [stats[0]]))
angles = np.concatenate((angles, [angles[0]]))

fig = plt.figure(figsize=(6, 6))
ax = fig.add_subplot(111, polar=True)
ax.plot(angles, stats, 'o-', linewidth=2)
ax.fill(angles, stats, alpha=0.25)
ax.set_thetagrids(angles[:-1] * 180 / np.pi, labels)
ax.set_title('Car profile')
plt.show()
