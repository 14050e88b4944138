import pandas as pd
import numpy as np
import matplotlib.pyplot as plt
dates = pd.date_range("2023-01-01", periods=12, freq="M")
df = pd.DataFrame({"sales": np.arange(12)}, index=dates)
df.plot()
plt.show()
