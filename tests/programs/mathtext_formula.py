import matplotlib.pyplot as plt

plt.figure(figsize=(6, 2.5))
plt.text(0.5, 0.6, r'$\int_0^\infty e^{-x^2}\,dx = \frac{\sqrt{\pi}}{2}$', fontsize=26, ha='center')
plt.text(0.5, 0.2, r'Gauss, $\sigma_i^2 \leq \alpha$', fontsize=14, ha='center')
plt.axis('off')
plt.show()
