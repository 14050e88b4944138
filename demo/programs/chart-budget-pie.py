import matplotlib.pyplot as plt

labels = ["Rent", "Food", "Transport", "Savings", "Leisure", "Other"]
sizes = [34, 21, 12, 15, 11, 7]
colors = ["#4c72b0", "#dd8452", "#55a868", "#c44e52", "#8172b3", "#937860"]
explode = (0.08, 0, 0, 0, 0, 0)

plt.figure(figsize=(7, 6))
wedges, texts, percents = plt.pie(
    sizes,
    explode=explode,
    labels=labels,
    colors=colors,
    autopct="%1.0f%%",
    startangle=90,
    pctdistance=0.72,
    wedgeprops={"edgecolor": "white", "linewidth": 1.5},
)
plt.setp(percents, color="white", weight="bold")
plt.title("Monthly Household Budget", fontsize=15)
plt.axis("equal")
plt.savefig("budget_pie.png", dpi=100)
