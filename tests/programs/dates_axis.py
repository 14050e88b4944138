import matplotlib.dates as mdates
import matplotlib.pyplot as plt
import pandas as pd

dates = pd.date_range(start='2022-01-01', periods=12, freq='MS')
price = [100, 104, 99, 110, 118, 121, 115, 125, 133, 129, 138, 144]

fig, ax = plt.subplots(figsize=(10, 4))
ax.plot(dates, price)
ax.xaxis.set_major_formatter(mdates.DateFormatter('%b %Y'))
fig.autofmt_xdate()
ax.set_title('Share price')
plt.show()
