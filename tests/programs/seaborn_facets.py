import pandas as pd
import seaborn as sns

sns.set_theme(style="ticks")
tips = pd.DataFrame({
    "day": ["Thu", "Fri", "Sat", "Sun"] * 6,
    "time": ["Lunch"] * 12 + ["Dinner"] * 12,
    "tip": [2.5, 3.0, 2.0, 4.1, 1.8, 2.2, 3.6, 5.0, 2.9, 3.3, 3.1, 2.7] * 2,
})
g = sns.catplot(data=tips, x="day", y="tip", col="time", kind="box", height=4, aspect=0.9)
g.set_axis_labels("Day", "Tip (USD)")
g.savefig("facets.png")
