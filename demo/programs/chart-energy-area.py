"""Stacked areas of a country's electricity by source."""

import matplotlib.pyplot as plt
import numpy as np

years = np.arange(2000, 2025, 2)
coal = np.array([52, 51, 50, 48, 45, 43, 40, 36, 31, 26, 20, 15, 11])
gas = np.array([14, 15, 17, 18, 20, 21, 22, 22, 23, 23, 22, 20, 18])
hydro = np.array([11, 11, 12, 11, 12, 12, 13, 13, 12, 13, 13, 13, 14])
wind = np.array([1, 2, 3, 5, 7, 10, 13, 17, 22, 27, 33, 38, 42])
solar = np.array([0, 0, 0, 1, 1, 2, 4, 6, 8, 11, 15, 20, 26])

fig, ax = plt.subplots(figsize=(9, 5))
ax.stackplot(
    years,
    coal,
    gas,
    hydro,
    wind,
    solar,
    labels=["Coal", "Gas", "Hydro", "Wind", "Solar"],
    colors=["#4d4d4d", "#b0b0b0", "#4f81bd", "#8fc9a8", "#f4c542"],
    alpha=0.9,
)
ax.set_xlim(2000, 2024)
ax.set_ylim(0, 130)
ax.set_title("Electricity Generation by Source", loc="left", fontsize=14, fontweight="bold")
ax.set_xlabel("Year")
ax.set_ylabel("Terawatt hours per year")
ax.spines[["top", "right"]].set_visible(False)
handles, names = ax.get_legend_handles_labels()
ax.legend(handles[::-1], names[::-1], loc="upper left", frameon=False)
plt.show()
