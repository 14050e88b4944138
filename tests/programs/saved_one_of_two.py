import matplotlib.pyplot as plt

fig1, ax1 = plt.subplots(figsize=(6, 4))
ax1.plot([1, 2, 3])
ax1.set_title('Draft')

fig2, ax2 = plt.subplots(figsize=(5, 5))
ax2.bar([1, 2, 3], [3, 1, 2])
ax2.set_title('Final')
fig2.savefig('final.png')
