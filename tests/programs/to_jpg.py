import matplotlib.pyplot as plt
import numpy as np

data = np.arange(100).reshape(10, 10)
plt.figure(figsize=(4, 3))
plt.imshow(data, cmap='viridis')
plt.colorbar()
plt.title('Matrix')
plt.savefig('matrix image (final).jpg', dpi=200)
