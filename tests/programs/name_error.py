import matplotlib.pyplot as plt

years = [2020, 2021, 2022]
sales = [5, 7, 9]

fig, ax = plt.subplots()
ax.plot(years, sales)
ax.set_title(chart_title)
plt.show()
