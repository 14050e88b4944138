import matplotlib.pyplot as plt

months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
oslo = [-4, -4, 0, 5, 11, 15, 18, 16, 11, 6, 1, -3]
lisbon = [11, 13, 15, 16, 19, 22, 24, 25, 23, 19, 15, 12]
cairo = [14, 15, 18, 22, 26, 28, 29, 29, 27, 24, 20, 16]

plt.figure(figsize=(9, 5.5))
plt.plot(months, oslo, marker="o", color="tab:blue", label="Oslo")
plt.plot(months, lisbon, marker="s", color="tab:green", linestyle="--", label="Lisbon")
plt.plot(months, cairo, marker="^", color="tab:red", linewidth=2, label="Cairo")
plt.axhline(0, color="gray", linewidth=0.8)

plt.annotate(
    "hottest month",
    xy=(7, 29),
    xytext=(8.6, 33),
    arrowprops={"arrowstyle": "->", "color": "black"},
)

plt.title("Average Monthly Temperature", fontsize=16)
plt.xlabel("Month", fontsize=12)
plt.ylabel("Temperature (°C)", fontsize=12)
plt.ylim(-8, 37)
plt.grid(True, alpha=0.4)
plt.legend(title="City", loc="upper left")
plt.show()
