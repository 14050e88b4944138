from matplotlib import pyplot as plt
from matplotlib_venn import venn3, venn3_circles

plt.figure(figsize=(6, 6))
venn3(subsets=(10, 8, 4, 12, 5, 3, 2), set_labels=('Python', 'R', 'Julia'))
venn3_circles(subsets=(10, 8, 4, 12, 5, 3, 2), linestyle='dashed', linewidth=1)
plt.title('Languages in the team')
plt.savefig('venn.png')
