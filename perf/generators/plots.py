"""Charts in Matplotlib alone: a dozen and more kinds, each with data, sizes and styles of its own."""

from collections.abc import Callable
from random import Random

from .words import COLOURS, MAPS, NOUNS, labels, numbers, title

HEAD = "import numpy as np\nimport matplotlib.pyplot as plt\nrng = np.random.default_rng({seed})\n"


def plot(rng: Random) -> str:
    """The source of one chart."""
    body = rng.choice(KINDS)(rng)
    style = rng.choice(
        ["", "", "", "plt.style.use('ggplot')\n", "plt.style.use('bmh')\n", "plt.rcParams['font.size'] = 9\n"]
    )
    head = HEAD.format(seed=rng.randint(0, 10**6)) + style
    return head + f"fig, ax = plt.subplots(figsize={_size(rng)})\n" + body + _ending(rng)


def _size(rng: Random) -> tuple[float, float]:
    return round(rng.uniform(4, 10), 1), round(rng.uniform(3, 7), 1)


def _ending(rng: Random) -> str:
    return f"ax.set_title({title(rng)!r})\n" + rng.choice(
        [
            "plt.show()\n",
            "plt.tight_layout()\nplt.savefig('out.png')\n",
            f"fig.savefig('figure.png', dpi={rng.choice([72, 100, 120])})\n",
            "plt.savefig('out.jpg')\nplt.close()\n",
            "",
        ]
    )


def _lines(rng: Random) -> str:
    marks = rng.choice(["-", "--", "-o", ":s", "-^"])
    return (
        f"x = np.linspace(0, {rng.randint(3, 20)}, {rng.randint(20, 300)})\n"
        f"for k, name in enumerate({labels(rng, rng.randint(1, 6))!r}):\n"
        f"    y = np.sin(x * {rng.uniform(0.3, 2):.2f} + k) + rng.normal(0, .1, x.size)\n"
        f"    ax.plot(x, y, {marks!r}, label=name)\n"
        f"ax.set(xlabel={rng.choice(NOUNS)!r}, ylabel=r'$\\sqrt{{x}}$ of level'); ax.grid(alpha=.3); ax.legend()\n"
    )


def _bars(rng: Random) -> str:
    count = rng.randint(3, 9)
    sideways = rng.random() < 0.4
    call = "barh" if sideways else "bar"
    turn = "" if sideways else "ax.tick_params(axis='x', rotation=35)\n"
    return (
        f"bars = ax.{call}({labels(rng, count)!r}, {numbers(rng, count)!r}, color={rng.choice(COLOURS)!r})\n"
        f"ax.bar_label(bars, fmt='%.1f')\n{turn}"
    )


def _stacked(rng: Random) -> str:
    count = rng.randint(3, 7)
    return (
        f"names, bottom = {labels(rng, count)!r}, np.zeros({count})\n"
        f"for name in {labels(rng, 3)!r}:\n"
        f"    values = rng.integers(2, 30, {count})\n"
        "    ax.bar(names, values, bottom=bottom, label=name); bottom += values\n"
        "ax.legend(loc='upper right')\n"
    )


def _scatter(rng: Random) -> str:
    return (
        f"x, y = rng.normal(size=(2, {rng.randint(50, 600)}))\n"
        f"dots = ax.scatter(x, y, c=x * y, s=rng.uniform(8, 120, x.size), alpha=.6, cmap={rng.choice(MAPS)!r})\n"
        f"fig.colorbar(dots, label={rng.choice(NOUNS)!r})\n"
    )


def _histogram(rng: Random) -> str:
    return (
        f"for k in range({rng.randint(1, 3)}):\n"
        f"    ax.hist(rng.normal(k, 1 + k / 2, 800), bins={rng.randint(10, 50)}, alpha=.5, label=f'group {{k}}')\n"
        f"ax.legend(); ax.axvline({rng.uniform(-1, 2):.2f}, color='k', ls='--')\n"
    )


def _heat(rng: Random) -> str:
    size = rng.randint(4, 10)
    return (
        f"values = rng.random(({size}, {size}))\nimage = ax.imshow(values, cmap={rng.choice(MAPS)!r})\n"
        "for (i, j), value in np.ndenumerate(values):\n"
        "    ax.text(j, i, f'{value:.1f}', ha='center', va='center', fontsize=7, color='w')\nfig.colorbar(image)\n"
    )


def _pie(rng: Random) -> str:
    count = rng.randint(3, 7)
    drawn = f"labels={labels(rng, count)!r}, autopct='%1.0f%%', startangle={rng.randint(0, 180)}"
    return f"ax.pie({numbers(rng, count, 5)!r}, {drawn})\n"


def _boxes(rng: Random) -> str:
    call = rng.choice(["boxplot", "violinplot"])
    groups = f"[rng.normal(k, 1 + k / 3, 80) for k in range({rng.randint(2, 6)})]"
    return f"ax.{call}({groups})\nax.set_ylabel({rng.choice(NOUNS)!r})\n"


def _area(rng: Random) -> str:
    return (
        f"x = np.arange({rng.randint(8, 40)})\n"
        f"ax.stackplot(x, *[rng.uniform(1, 5, x.size).cumsum() for _ in range(3)], labels={labels(rng, 3)!r})\n"
        "ax.legend(loc='upper left'); ax.margins(0)\n"
    )


def _contours(rng: Random) -> str:
    return (
        "x, y = np.meshgrid(np.linspace(-3, 3, 90), np.linspace(-3, 3, 90))\n"
        f"z = np.exp(-x**2 - y**2) + .5 * np.exp(-(x - {rng.uniform(0, 2):.2f})**2 - (y - 1)**2)\n"
        f"filled = ax.contourf(x, y, z, {rng.randint(6, 16)}, cmap={rng.choice(MAPS)!r}); fig.colorbar(filled)\n"
    )


def _surface(rng: Random) -> str:
    return (
        "plt.close(); fig = plt.figure(); ax = fig.add_subplot(projection='3d')\n"
        "x, y = np.meshgrid(np.linspace(-4, 4, 30), np.linspace(-4, 4, 30))\n"
        f"ax.plot_surface(x, y, np.sin(np.hypot(x, y) * {rng.uniform(0.5, 2):.2f}), cmap={rng.choice(MAPS)!r})\n"
    )


def _polar(rng: Random) -> str:
    count = rng.randint(5, 9)
    return (
        f"plt.close(); fig, ax = plt.subplots(subplot_kw={{'projection': 'polar'}})\n"
        f"angles = np.linspace(0, 2 * np.pi, {count}, endpoint=False)\n"
        f"ax.bar(angles, {numbers(rng, count, 1, 9)!r}, width=.5, alpha=.7, color={rng.choice(COLOURS)!r})\n"
    )


def _twins(rng: Random) -> str:
    return (
        f"x = np.arange(12); ax.bar(x, {numbers(rng, 12)!r}, color={rng.choice(COLOURS)!r})\n"
        f"other = ax.twinx(); other.plot(x, {numbers(rng, 12, 500, 900)!r}, 'k-o'); other.set_ylabel('mm')\n"
        "ax.set_yscale('symlog'); ax.annotate('peak', (6, 50), (8, 80), arrowprops={'arrowstyle': '->'})\n"
    )


def _grid(rng: Random) -> str:
    return (
        "plt.close(); fig, axes = plt.subplots(2, 2, figsize=(9, 6)); ax = axes[0, 0]\n"
        "axes[0, 0].plot(rng.normal(size=80).cumsum()); axes[0, 1].hist(rng.normal(size=300), bins=20)\n"
        f"axes[1, 0].step(range(10), {numbers(rng, 10)!r})\n"
        f"axes[1, 1].errorbar(range(6), {numbers(rng, 6)!r}, yerr=4)\n"
    )


KINDS: tuple[Callable[[Random], str], ...] = (
    _lines, _bars, _stacked, _scatter, _histogram, _heat, _pie, _boxes, _area, _contours, _surface,
    _polar, _twins, _grid,
)  # fmt: skip
