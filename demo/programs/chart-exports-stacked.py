import matplotlib.pyplot as plt
import pandas as pd

exports = pd.DataFrame(
    {
        "Machinery": [310, 190, 240, 95, 60],
        "Chemicals": [140, 120, 85, 70, 45],
        "Food": [80, 95, 60, 110, 85],
        "Textiles": [35, 40, 75, 30, 55],
    },
    index=["Germany", "Netherlands", "Italy", "Denmark", "Portugal"],
)

ax = exports.plot(kind="bar", stacked=True, figsize=(8, 5.5), colormap="Set2", edgecolor="black", linewidth=0.6)
ax.set_title("Exports by Country and Product", fontsize=14)
ax.set_xlabel("")
ax.set_ylabel("Exports (billion EUR)")
ax.legend(title="Product")
plt.xticks(rotation=45, ha="right")
plt.tight_layout()
plt.savefig("exports.png")
