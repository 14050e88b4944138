import os

import matplotlib.pyplot as plt

output_dir = os.path.join('results', 'figures')
os.makedirs(output_dir, exist_ok=True)

epochs = list(range(1, 11))
loss = [2.3, 1.8, 1.4, 1.1, 0.9, 0.75, 0.66, 0.6, 0.56, 0.54]

plt.figure(figsize=(8, 6))
plt.plot(epochs, loss, 'o-')
plt.xlabel('Epoch')
plt.ylabel('Loss')
plt.title('Training Loss')
plt.savefig(os.path.join(output_dir, 'loss.png'))
plt.close()
print('Saved to', output_dir)
