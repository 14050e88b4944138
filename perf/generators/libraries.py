"""Charts of other libraries: seaborn, pandas, SciPy, NetworkX, scikit-learn, Pillow, Plotly, Altair and more."""

from collections.abc import Callable
from random import Random

from .words import COLOURS, HEXES, MAPS, labels, numbers, title


def picture(rng: Random) -> str:
    """The source of one chart."""
    return rng.choice(KINDS)(rng)


def _seaborn(rng: Random) -> str:
    count = rng.randint(30, 90)
    call = rng.choice(["boxplot", "violinplot", "barplot", "stripplot"])
    return (
        "import numpy as np, pandas as pd, seaborn as sns, matplotlib.pyplot as plt\n"
        f"rng = np.random.default_rng({rng.randint(0, 999)})\n"
        f"sns.set_theme(style={rng.choice(['whitegrid', 'ticks'])!r})\n"
        f"groups, values = rng.choice({labels(rng, 4)!r}, {count}), rng.normal(5, 2, {count})\n"
        "data = pd.DataFrame({'group': groups, 'value': values})\n"
        f"sns.{call}(data=data, x='group', y='value'); plt.title({title(rng)!r}); plt.show()\n"
    )


def _seaborn_heat(rng: Random) -> str:
    return (
        "import numpy as np, seaborn as sns, matplotlib.pyplot as plt\n"
        f"values = np.random.default_rng({rng.randint(0, 999)}).random((6, 7))\n"
        f"sns.heatmap(values, annot=True, fmt='.1f', cmap={rng.choice(MAPS)!r}); plt.savefig('heat.png')\n"
    )


def _pandas(rng: Random) -> str:
    kind = rng.choice(["bar", "line", "area", "barh"])
    columns = {name: numbers(rng, 8) for name in labels(rng, 3)}
    return (
        "import pandas as pd, matplotlib.pyplot as plt\n"
        f"days = pd.date_range('20{rng.randint(10, 24)}-01-01', periods=8, freq='MS')\n"
        f"data = pd.DataFrame({columns!r}, index=days)\n"
        f"data.plot(kind={kind!r}, title={title(rng)!r}, figsize=(8, 5)); plt.tight_layout(); plt.savefig('out.png')\n"
    )


def _scipy(rng: Random) -> str:
    return (
        "import numpy as np, matplotlib.pyplot as plt\nfrom scipy import stats\n"
        f"values = np.random.default_rng({rng.randint(0, 999)}).gamma({rng.uniform(1, 4):.2f}, size=300)\n"
        "x = np.linspace(0, values.max(), 200); density = stats.gaussian_kde(values)\n"
        f"plt.hist(values, 30, density=True, alpha=.4); \n"
        f"plt.plot(x, density(x), color={rng.choice(COLOURS)!r}); plt.show()\n"
    )


def _network(rng: Random) -> str:
    return (
        "import networkx as nx, matplotlib.pyplot as plt\n"
        f"graph = nx.gnp_random_graph({rng.randint(6, 16)}, .3, seed={rng.randint(0, 999)})\n"
        f"nx.draw(graph, nx.circular_layout(graph), with_labels=True, node_color={rng.choice(COLOURS)!r}); plt.show()\n"
    )


def _learned(rng: Random) -> str:
    return (
        "import numpy as np, matplotlib.pyplot as plt\nfrom sklearn.linear_model import LinearRegression\n"
        f"rng = np.random.default_rng({rng.randint(0, 999)})\n"
        "x = rng.uniform(0, 9, (60, 1)); y = 2 * x[:, 0] + rng.normal(size=60)\n"
        "plt.scatter(x, y, s=14); plt.plot([0, 9], LinearRegression().fit(x, y).predict([[0], [9]]), 'r'); plt.show()\n"
    )


def _tiles(rng: Random) -> str:
    count = rng.randint(4, 8)
    return (
        "import squarify, matplotlib.pyplot as plt\n"
        f"squarify.plot({numbers(rng, count, 5)!r}, label={labels(rng, count)!r})\n"
        "plt.axis('off'); plt.savefig('tiles.png')\n"
    )


def _drawn(rng: Random) -> str:
    shapes = "".join(
        f"draw.{rng.choice(['ellipse', 'rectangle'])}("
        f"[{x}, {y}, {x + rng.randint(20, 120)}, {y + rng.randint(20, 90)}], fill={rng.choice(HEXES)!r})\n"
        for x, y in ((rng.randint(0, 300), rng.randint(0, 200)) for _ in range(rng.randint(3, 12)))
    )
    head = "from PIL import Image, ImageDraw\nimage = Image.new('RGB', (420, 300), 'white')\n"
    return f"{head}draw = ImageDraw.Draw(image)\n{shapes}image.save('drawn.png')\n"


def _plotly(rng: Random) -> str:
    count = rng.randint(4, 9)
    trace = rng.choice(["Bar", "Scatter"])
    return (
        "import plotly.graph_objects as go\n"
        f"figure = go.Figure(go.{trace}(x={labels(rng, count)!r}, y={numbers(rng, count)!r}))\n"
        f"figure.update_layout(title={title(rng)!r}, width=600, height=400); figure.show()\n"
    )


def _altair(rng: Random) -> str:
    count = rng.randint(4, 9)
    return (
        "import altair as alt, pandas as pd\n"
        f"data = pd.DataFrame({{'name': {labels(rng, count)!r}, 'value': {numbers(rng, count)!r}}})\n"
        f"alt.Chart(data).mark_{rng.choice(['bar', 'line', 'point'])}().encode(x='name', y='value').save('out.png')\n"
    )


_EACH: tuple[tuple[Callable[[Random], str], int], ...] = (
    (_seaborn, 3), (_seaborn_heat, 2), (_pandas, 4), (_scipy, 2), (_network, 2), (_learned, 1), (_tiles, 1),
    (_drawn, 3), (_plotly, 1), (_altair, 1),
)  # fmt: skip
KINDS = tuple(kind for kind, weight in _EACH for _ in range(weight))
