"""Population pyramid."""

import matplotlib.pyplot as plt


def plot_pyramid(groups, men, women):
    fig, ax = plt.subplots(figsize=(8, 6))
    ax.barh(groups, [-value for value in men], color='#4c72b0', label='Men')
    ax.barh(groups, women, color='#c44e52', label='Women')
    ax.set_title('Population by Age')
    ax.legend()
    return fig


def main():
    groups = ['0-19', '20-39', '40-59', '60-79', '80+']
    fig = plot_pyramid(groups, [21, 26, 27, 18, 4], [20, 25, 27, 20, 7])
    fig.tight_layout()
    plt.show()


if __name__ == "__main__":
    main()
