import matplotlib.pyplot as plt

plt.figure(figsize=(6, 4))
plt.plot([5, 3, 8, 6])
plt.title('Seen for a moment')
plt.show(block=False)
plt.pause(0.5)
plt.close('all')
