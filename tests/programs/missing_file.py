import matplotlib.pyplot as plt
import pandas as pd

df = pd.read_csv('sales_2023.csv')
df.plot(x='month', y='sales')
plt.show()
