import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns

rng = np.random.default_rng(3)
frames = []
for species, sunny, shady in [("Daisy", 14, 11), ("Tulip", 22, 19), ("Lily", 31, 24), ("Aster", 18, 17)]:
    for place, mean in [("Sun", sunny), ("Shade", shady)]:
        heights = rng.normal(mean, 2.6, 70)
        frames.append(pd.DataFrame({"Species": species, "Place": place, "Height (cm)": heights}))
data = pd.concat(frames, ignore_index=True)

sns.set_theme(style="whitegrid")
fig, ax = plt.subplots(figsize=(8, 5))
sns.violinplot(
    data=data,
    x="Species",
    y="Height (cm)",
    hue="Place",
    split=True,
    inner="quart",
    palette={"Sun": "#f7c95c", "Shade": "#7fa8a0"},
    ax=ax,
)
sns.despine(left=True)
ax.set_title("Plant Height in Sun and Shade", fontsize=15)
sns.move_legend(ax, "upper left", title="Grown in")
fig.tight_layout()
fig.savefig("plants.png")
