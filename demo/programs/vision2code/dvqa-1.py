"""Three items in four places, as grouped bars with hatching: synthetic words, as such sets have."""

import matplotlib.pyplot as plt
import numpy as np

places = ["market", "school", "harbor", "office"]
items = {"lamp": [7, 3, 5, 8], "ticket": [2, 9, 4, 1], "basket": [6, 6, 8, 3]}
hatches = ["//", "", ".."]
colors = ["#e377c2", "#17becf", "#bcbd22"]
fig, ax = plt.subplots(figsize=(4.48, 4.48), dpi=100)
for i, (name, values) in enumerate(items.items()):
    ax.bar(np.arange(4) + (i - 1) * 0.26, values, 0.26, label=name, color=colors[i], hatch=hatches[i], edgecolor="black")
ax.set_xticks(range(4), places, rotation=30)
ax.set_ylabel("Units sold")
ax.set_title("Sales statistics for all items and places", fontsize=11)
ax.set_ylim(0, 10)
ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=3)
fig.tight_layout()
plt.savefig("dvqa.png")
