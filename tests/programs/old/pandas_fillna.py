import pandas as pd
import matplotlib.pyplot as plt
df = pd.DataFrame({"a": [1, None, 3, None, 5]})
df["a"] = df["a"].fillna(method="ffill")
df["a"].plot()
plt.show()
