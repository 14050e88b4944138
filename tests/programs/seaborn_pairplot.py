import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns

np.random.seed(1)
df = pd.DataFrame({
    'length': np.random.normal(5, 1, 60),
    'width': np.random.normal(3, 0.5, 60),
    'kind': np.repeat(['a', 'b'], 30),
})
sns.pairplot(df, hue='kind')
plt.show()
