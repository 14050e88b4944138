import base64
from io import BytesIO

import matplotlib.pyplot as plt

fig, ax = plt.subplots(figsize=(6, 4))
ax.plot([1, 2, 3, 4], [1, 4, 9, 16], marker='o')
ax.set_title('Growth')

buffer = BytesIO()
fig.savefig(buffer, format='png')
plt.close(fig)
buffer.seek(0)
encoded = base64.b64encode(buffer.read()).decode('utf-8')
print(f'data:image/png;base64,{encoded[:40]}...')
