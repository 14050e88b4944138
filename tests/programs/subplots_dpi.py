import matplotlib.pyplot as plt
import numpy as np

x = np.linspace(0, 2 * np.pi, 200)
fig, axs = plt.subplots(2, 2, figsize=(10, 8))
axs[0, 0].plot(x, np.sin(x), 'b-')
axs[0, 0].set_title('Sine')
axs[0, 1].plot(x, np.cos(x), 'r--')
axs[0, 1].set_title('Cosine')
axs[1, 0].plot(x, np.tan(x), 'g-.')
axs[1, 0].set_ylim(-5, 5)
axs[1, 0].set_title('Tangent')
axs[1, 1].fill_between(x, np.sin(x) ** 2, alpha=0.5)
axs[1, 1].set_title('Sine squared')
for ax in axs.flat:
    ax.set(xlabel='x', ylabel='y')
    ax.label_outer()
plt.savefig('output.png', dpi=150)
