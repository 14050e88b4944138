"""Damped oscillations in two stacked axes that share an x axis, with an envelope and notes."""

import matplotlib.pyplot as plt
import numpy as np

t = np.linspace(0, 8, 240)
fig, (top, low) = plt.subplots(2, 1, sharex=True, figsize=(5.6, 4.4), dpi=100, height_ratios=[2, 1])
envelope = np.exp(-t / 3)
top.fill_between(t, -envelope, envelope, alpha=0.15, color="C0")
top.plot(t, envelope * np.cos(4 * t), color="C0", label="damped")
top.plot(t, np.cos(4 * t), color="C7", lw=0.8, ls="--", label="undamped")
top.annotate("one half-life", xy=(2.08, 0.5), xytext=(3.4, 1.05), arrowprops={"arrowstyle": "->"})
top.set_ylabel("displacement")
top.legend(loc="lower right")
top.set_ylim(-1.3, 1.4)
low.semilogy(t, envelope**2, color="C3")
low.set_ylabel("energy")
low.set_xlabel("time [s]")
low.grid(True, which="both", alpha=0.4)
fig.suptitle("A damped oscillator")
plt.savefig("matplotlib.png")
