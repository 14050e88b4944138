"""The 24 charts the engine is timed on: eight kinds, three seeds each, from one plain line to a 3-D surface."""

HEAD = """\
import numpy as np
import matplotlib.pyplot as plt
rng = np.random.default_rng({seed})
"""
TAIL = """\
plt.tight_layout()
plt.savefig("out.png", dpi=100)
"""

KINDS = {
    "line": """\
x = np.linspace(0, 10, 200)
fig, ax = plt.subplots(figsize=(8, 6))
for k in range(4):
    ax.plot(x, np.sin(x + k) + rng.normal(0, .1, x.size), label=f"series {k}")
ax.set(xlabel="time (s)", ylabel="level", title="Four waves")
ax.grid(alpha=.3); ax.legend()
""",
    "grouped_bar": """\
names = ["north", "south", "east", "west", "centre"]
fig, ax = plt.subplots(figsize=(8, 6))
for k in range(3):
    bars = ax.bar(np.arange(5) + .27 * k, rng.integers(10, 90, 5), .25, label=f"year {2022 + k}")
    ax.bar_label(bars)
ax.set_xticks(np.arange(5) + .27, names, rotation=30); ax.set_ylabel("units sold"); ax.legend()
""",
    "scatter_colorbar": """\
x, y = rng.normal(size=(2, 400))
fig, ax = plt.subplots(figsize=(8, 6))
dots = ax.scatter(x, y, c=x * y, s=rng.uniform(10, 120, 400), alpha=.6, cmap="viridis")
fig.colorbar(dots, label="product"); ax.set(xlabel="x", ylabel="y", title="Cloud")
""",
    "heatmap": """\
values = rng.random((9, 9))
fig, ax = plt.subplots(figsize=(8, 7))
image = ax.imshow(values, cmap="magma")
for i in range(9):
    for j in range(9):
        ax.text(j, i, f"{values[i, j]:.2f}", ha="center", va="center", color="white", fontsize=8)
fig.colorbar(image); ax.set_title("Correlation")
""",
    "dashboard": """\
fig, axes = plt.subplots(2, 2, figsize=(12, 8))
axes[0, 0].plot(rng.normal(size=120).cumsum()); axes[0, 0].set_title("trend")
axes[0, 1].bar(list("abcdef"), rng.integers(1, 20, 6), color="tab:orange"); axes[0, 1].set_title("counts")
axes[1, 0].hist(rng.normal(size=900), bins=30, color="tab:green"); axes[1, 0].set_title("spread")
axes[1, 1].pie(rng.random(5), labels=list("vwxyz"), autopct="%1.0f%%"); axes[1, 1].set_title("shares")
""",
    "contour": """\
x, y = np.meshgrid(np.linspace(-3, 3, 120), np.linspace(-3, 3, 120))
z = np.exp(-x**2 - y**2) + .5 * np.exp(-(x - 1.5)**2 - (y - {seed})**2)
fig, ax = plt.subplots(figsize=(8, 6))
filled = ax.contourf(x, y, z, 14, cmap="plasma"); ax.contour(x, y, z, 14, colors="k", linewidths=.4)
fig.colorbar(filled); ax.set_title(r"$e^{{-x^2-y^2}}$ and a neighbour")
""",
    "surface": """\
x, y = np.meshgrid(np.linspace(-4, 4, 45), np.linspace(-4, 4, 45))
fig = plt.figure(figsize=(8, 6)); ax = fig.add_subplot(projection="3d")
ax.plot_surface(x, y, np.sin(np.hypot(x, y) + {seed}), cmap="coolwarm"); ax.set_title("Ripple")
""",
    "radar": """\
angles = np.linspace(0, 2 * np.pi, 7)[:-1]
fig = plt.figure(figsize=(7, 6)); ax = fig.add_subplot(projection="polar")
for k in range(3):
    v = rng.uniform(2, 9, 6); ax.plot([*angles, angles[0]], [*v, v[0]]); ax.fill(angles, v, alpha=.2)
ax.set_xticks(angles, ["speed", "price", "size", "noise", "reach", "age"]); ax.set_title("Profiles")
""",
}


def charts(seeds: int = 3) -> list[str]:
    """Source texts, every kind with every seed."""
    sources = []
    for seed in range(seeds):
        for body in KINDS.values():
            text = body.format(seed=seed) if "{{" in body or "{seed}" in body else body
            sources.append(HEAD.format(seed=seed) + text + TAIL)
    return sources
