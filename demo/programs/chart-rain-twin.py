"""Rain as bars and temperature as a line, on two axes."""

import matplotlib.pyplot as plt

plt.rcParams["font.family"] = "Liberation Sans"
plt.rcParams["font.size"] = 12

months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
rain_mm = [62, 48, 51, 44, 58, 71, 83, 79, 60, 66, 74, 70]
temperature_c = [3.1, 3.9, 6.8, 10.2, 14.4, 17.5, 19.6, 19.2, 15.9, 11.6, 7.0, 4.1]

fig, left = plt.subplots(figsize=(9, 5))
left.bar(months, rain_mm, color="#8ab6d6", label="Rainfall")
left.set_ylabel("Rainfall (mm)", color="#33658a")
left.tick_params(axis="y", labelcolor="#33658a")
left.set_ylim(0, 100)

right = left.twinx()
right.plot(months, temperature_c, color="#d1495b", marker="o", linewidth=2.5, label="Temperature")
right.set_ylabel("Mean temperature (°C)", color="#d1495b")
right.tick_params(axis="y", labelcolor="#d1495b")
right.set_ylim(0, 25)

fig.legend(loc="upper left", bbox_to_anchor=(0.08, 0.9))
left.set_title("Climate of Antwerp", fontsize=17, fontweight="bold")
fig.tight_layout()
fig.savefig("climate.png")
