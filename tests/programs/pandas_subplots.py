import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

dates = pd.date_range('2023-01-01', periods=60, freq='D')
rng = np.random.default_rng(5)
df = pd.DataFrame(rng.normal(size=(60, 4)).cumsum(axis=0), index=dates, columns=list('ABCD'))
df.plot(subplots=True, layout=(2, 2), figsize=(10, 6), title='Four stocks', grid=True)
plt.tight_layout()
plt.show()
