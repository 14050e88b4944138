"""Two panels that share an axis: a logarithmic price curve and what was installed."""

import matplotlib.pyplot as plt

plt.style.use("ggplot")
year = [2010, 2012, 2014, 2016, 2018, 2020, 2022, 2024]
price = [1390, 950, 720, 370, 230, 170, 180, 115]
installed = [0.2, 0.6, 1.4, 3.1, 8.8, 17.5, 46.0, 169.0]

fig, (top, bottom) = plt.subplots(2, 1, figsize=(7.5, 7), sharex=True)

top.semilogy(year, price, "o-", color="#34495e")
top.set_yticks([100, 200, 500, 1000], ["100", "200", "500", "1000"])
top.minorticks_off()
top.set_ylim(100, 1700)
top.set_ylabel("USD per kWh")
top.set_title("Battery pack price")
top.fill_between(year, price, 100, color="#34495e", alpha=0.12)

bottom.bar(year, installed, width=1.2, color="#e24a33")
bottom.set_ylabel("GWh per year")
bottom.set_title("Storage installed")
bottom.set_xticks(year)
bottom.tick_params(axis="x", rotation=60)
bottom.set_xlabel("Year")

fig.tight_layout()
plt.savefig("battery.png")
plt.close(fig)
