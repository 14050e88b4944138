"""Revenue of three regions over four quarters, as grouped bars."""

import matplotlib.pyplot as plt
import numpy as np

quarters = ["Q1 2024", "Q2 2024", "Q3 2024", "Q4 2024"]
revenue = {
    "Europe": [12.4, 14.1, 13.2, 17.8],
    "Asia": [9.8, 11.5, 15.0, 16.3],
    "Americas": [15.1, 13.9, 16.4, 19.6],
}
colors = ["#2f6f9f", "#e0a030", "#7a9f4b"]

x = np.arange(len(quarters))
width = 0.26

fig, ax = plt.subplots(figsize=(8, 5))
for i, (region, values) in enumerate(revenue.items()):
    bars = ax.bar(x + (i - 1) * width, values, width, label=region, color=colors[i], edgecolor="white")
    ax.bar_label(bars, fmt="%.1f", padding=2, fontsize=9)

ax.set_title("Revenue by Region and Quarter", fontsize=15, fontweight="bold")
ax.set_ylabel("Revenue (million USD)")
ax.set_xticks(x, quarters)
ax.set_ylim(0, 23)
ax.grid(axis="y", linestyle="--", alpha=0.5)
ax.set_axisbelow(True)
ax.legend(loc="upper left", ncols=3)

plt.tight_layout()
plt.savefig("quarterly_revenue.png")
