import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns

days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
delays = pd.DataFrame(
    {
        "06:00": [4, 3, 5, 4, 6, 1, 1],
        "09:00": [14, 12, 13, 15, 17, 3, 2],
        "12:00": [6, 5, 6, 7, 9, 5, 4],
        "15:00": [8, 7, 8, 9, 14, 7, 5],
        "18:00": [18, 16, 17, 19, 23, 8, 7],
        "21:00": [5, 4, 5, 6, 11, 9, 6],
    },
    index=days,
)

plt.figure(figsize=(8, 6))
ax = sns.heatmap(
    delays, annot=True, fmt="d", cmap="YlOrRd", linewidths=0.5, cbar_kws={"label": "Delay (minutes)"}
)
ax.set_title("Average Train Delay by Hour and Day", fontsize=14)
ax.set_xlabel("Departure time")
ax.set_ylabel("Day of week")
plt.yticks(rotation=0)
plt.tight_layout()
plt.savefig("delays.png")
