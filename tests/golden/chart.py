import matplotlib.pyplot as plt

fig, ax = plt.subplots(figsize=(2.6, 1.8))
ax.bar(["a", "b", "c"], [3, 5, 2], color=["#4477aa", "#ee6677", "#228833"])
ax.plot([0, 1, 2], [1, 4, 3], "k.--", label="$x^2$")
ax.set_title("Golden")
ax.legend()
plt.savefig("chart.png")
