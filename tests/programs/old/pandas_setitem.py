import pandas as pd
import matplotlib.pyplot as plt
df = pd.DataFrame({"x": [1, 2, 3, 4], "g": ["a", "b", "a", "b"]})
df["x"][df["g"] == "a"] = 0
df.loc[0, "x"] = "n/a"
df.groupby("g").size().plot.bar()
plt.show()
