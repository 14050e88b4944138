import matplotlib.pyplot as plt

columns = ["Planet", "Diameter (km)", "Moons", "Day (hours)", "Temp. (°C)"]
rows = [
    ["Mercury", "4 879", "0", "4223", "167"],
    ["Venus", "12 104", "0", "2802", "464"],
    ["Earth", "12 756", "1", "24", "15"],
    ["Mars", "6 792", "2", "25", "-65"],
    ["Jupiter", "142 984", "95", "10", "-110"],
    ["Saturn", "120 536", "146", "11", "-140"],
]

fig, ax = plt.subplots(figsize=(8, 4.2))
ax.axis("off")
ax.set_title("Planets in Numbers", fontsize=16, fontweight="bold")
table = ax.table(cellText=rows, colLabels=columns, loc="center", cellLoc="center")
table.auto_set_font_size(False)
table.set_fontsize(11)
table.scale(1.15, 2.1)
for (row, column), cell in table.get_celld().items():
    cell.set_edgecolor("#b8c0cc")
    if row == 0:
        cell.set_facecolor("#40466e")
        cell.set_text_props(color="white", fontweight="bold")
    elif row % 2:
        cell.set_facecolor("#eef0f8")
plt.show()
