import matplotlib.pyplot as plt
import numpy as np


class ExperimentPlotter:
    """Plots mean and spread of several runs."""

    def __init__(self, runs: dict[str, np.ndarray]):
        self.runs = runs
        self.fig, self.ax = plt.subplots(figsize=(7, 5))

    def draw(self):
        for name, values in self.runs.items():
            mean, std = values.mean(axis=0), values.std(axis=0)
            self.ax.errorbar(range(len(mean)), mean, yerr=std, capsize=4, label=name)
        self.ax.legend()
        self.ax.set_title('Accuracy over rounds')
        return self

    def save(self, path):
        self.fig.savefig(path, bbox_inches='tight', pad_inches=0.1)


rng = np.random.default_rng(0)
ExperimentPlotter({'ours': rng.normal(0.8, 0.05, (5, 6)), 'theirs': rng.normal(0.7, 0.05, (5, 6))}).draw().save('runs.png')
