import matplotlib.pyplot as plt

months = ['Jan', 'Feb', 'Mar', 'Apr']
rain = [30, 42, 51]


def draw(ax):
    ax.bar(months, rain)


fig, ax = plt.subplots()
draw(ax)
plt.show()
