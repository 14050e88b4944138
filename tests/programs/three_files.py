import matplotlib.pyplot as plt

data = {'north': [3, 5, 2], 'south': [6, 1, 4], 'east': [2, 2, 8]}

for region, values in data.items():
    fig, ax = plt.subplots(figsize=(6, 4))
    ax.bar(['Jan', 'Feb', 'Mar'], values)
    ax.set_title(f'{region.title()} region')
    fig.savefig(f'{region}.png')
    plt.close(fig)
