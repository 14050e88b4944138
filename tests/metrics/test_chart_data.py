"""The data that two chart programs draw: what is the same, what counts how much, and what nobody can break."""

import copy
import json
import os
import random
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from derender.core import Language, Program
from derender.metrics import observe, score
from derender.metrics._drawn import read_chart
from derender.metrics._facts import Unscorable
from derender.metrics.chart_data import compare_charts
from derender.render import RenderOptions

ROOT = Path(__file__).parents[2]
PROGRAMS = [
    *sorted((ROOT / "demo" / "programs").glob("*.py")),
    *(
        ROOT / "tests" / "programs" / f"{name}.py"
        for name in ("gridspec_dashboard", "pandas_subplots", "seaborn_facets", "venn_three", "vector_field", "radar")
    ),
]
BARS = "ax.bar(['a', 'b', 'c'], [3, 5, 2], label='v'); ax.set_title('Sales'); ax.legend()"
LINES = "x = np.linspace(0, 10, 50); ax.plot(x, np.sin(x), label='s'); ax.plot(x, np.cos(x), label='c'); ax.legend()"
CLOUD = "ax.scatter(*np.random.default_rng(1).normal(size=(2, 80)))"
PIE = "ax.pie([3, 2, 1], labels=['a', 'b', 'c'])"


def program(body):
    setting_up = "import matplotlib.pyplot as plt\nimport numpy as np\nfig, ax = plt.subplots()\n"
    return Program(f"{setting_up}{body}\nfig.savefig('a.png')\n", Language.PYTHON)


@pytest.fixture(scope="module")
def compare(engine):
    known = {}

    def facts(body):
        if body not in known:
            known[body] = observe(program(body), engine=engine)
        return known[body]

    def parts(reference, candidate):
        scores = score(facts(reference), facts(candidate), ["chart_data"])
        assert scores.unscored == {}
        return scores.scores["chart_data"]

    return parts


@pytest.fixture(scope="module")
def figures(engine):
    found = {}
    for path in PROGRAMS:
        trace = engine.render(Program.from_file(path), RenderOptions(trace="artists")).trace
        found[path.stem] = trace["figures"][0]
    return found


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_a_chart_equals_itself(path, figures):
    chart = read_chart(figures[path.stem])
    values = compare_charts(chart, read_chart(copy.deepcopy(figures[path.stem])))
    assert all(value is None or value == pytest.approx(1.0, abs=1e-12) for value in values.values())
    assert values["overall"] == pytest.approx(1.0)
    if path.stem not in ("table-planets",):
        assert values["series"] == pytest.approx(1.0)


def jittered(figure, share, seed):
    """The figure with the values of its artists moved by that share of their range."""
    chance = random.Random(seed)
    moved = copy.deepcopy(figure)
    entries = [artist for axes in moved["axes"] for artist in axes["artists"]]
    entries += [part for entry in entries for part in entry.get("parts", ())]
    for entry in entries:
        for name in ("y", "height", "y0", "y1", "values", "end", "v"):
            values = [value for value in entry.get(name) or () if value is not None]
            if not values:
                continue
            reach = (max(values) - min(values)) or abs(values[0]) or 1.0
            entry[name] = [None if each is None else each + chance.gauss(0, share) * reach for each in entry[name]]
    return moved


def test_more_noise_in_the_data_scores_less(figures):
    drawn = {name: figure for name, figure in figures.items() if name != "table-planets"}
    means = []
    for share in (0.0, 0.01, 0.03, 0.1, 0.3):
        found = [
            compare_charts(read_chart(figure), read_chart(jittered(figure, share, seed)))["series"]
            for seed, figure in enumerate(drawn.values())
        ]
        if share >= 0.03:
            assert max(found) < 1
        means.append(sum(found) / len(found))
    assert all(more > less + 0.02 for more, less in pairwise(means))


def test_axes_with_nothing_in_them_get_little(engine, figures):
    empty = read_chart(engine.render(program("pass"), RenderOptions(trace="artists")).trace["figures"][0])
    for name in (name for name in figures if name.startswith("chart-")):
        values = compare_charts(read_chart(figures[name]), empty)
        assert (values["series"], values["overall"] < 0.2) == (0, True)


@pytest.mark.parametrize(
    ("reference", "candidate"),
    [
        pytest.param(
            BARS,
            "for i, v in enumerate([3, 5, 2]): ax.bar(i, v, color='rgb'[i], label='v' if i == 0 else None)\n"
            "ax.set_xticks(range(3), list('abc')); ax.set_title('Sales'); ax.legend()",
            id="bars one by one",
        ),
        pytest.param(
            BARS,
            "from matplotlib.patches import Rectangle\n"
            "for i, v in enumerate([3, 5, 2]): ax.add_patch(Rectangle((i - 0.4, 0), 0.8, v))\n"
            "ax.set_xticks(range(3), list('abc')); ax.axis([-0.54, 2.54, 0, 5.25])",
            id="bars as patches",
        ),
        pytest.param(
            BARS, "ax.bar([1, 2, 3], [3, 5, 2]); ax.set_xticks([1, 2, 3], list('abc'))", id="bars at other places"
        ),
        pytest.param(BARS, "ax.bar(['b', 'a', 'c'], [5, 3, 2])", id="bars in another order"),
        pytest.param(
            LINES, "x = np.linspace(0, 10, 50); ax.plot(x, np.cos(x), 'r'); ax.plot(x, np.sin(x), 'k--')", id="lines"
        ),
        pytest.param(
            CLOUD, "ax.plot(*np.random.default_rng(1).normal(size=(2, 80))[:, ::-1], 'r^')", id="scatter by plot"
        ),
        pytest.param(
            "ax.plot([1, 2, 3], [4, 6, 5], 'o-')",
            "ax.plot([1, 2, 3], [4, 6, 5]); ax.scatter([1, 2, 3], [4, 6, 5])",
            id="markers apart",
        ),
        pytest.param(PIE, "ax.pie([1, 3, 2], labels=['c', 'a', 'b'], startangle=90)", id="a pie turned"),
        pytest.param(
            "ax.imshow(np.arange(12).reshape(3, 4))",
            "ax.pcolormesh(np.arange(12).reshape(3, 4)[::-1], cmap='hot')",
            id="a grid by other means",
        ),
        pytest.param("ax.axhline(3); ax.set_xlim(0, 5)", "ax.plot([0, 5], [3, 3]); ax.set_xlim(0, 5)", id="level line"),
        pytest.param(
            "import datetime as d\nax.plot([d.date(2024, 1, i) for i in range(1, 8)], range(7))",
            "ax.plot([f'2024-01-0{i}' for i in range(1, 8)], range(7))",
            id="dates as names",
        ),
        pytest.param("ax.plot([1, 2, 9], [3, 1, 5]); ax.set_xlim(1, 2)", "ax.plot([1, 2], [3, 1])", id="out of view"),
    ],
)
def test_the_same_data_drawn_otherwise_is_the_same(compare, reference, candidate):
    assert compare(reference, candidate)["series"] == pytest.approx(1.0, abs=1e-9)
    assert compare(candidate, reference)["series"] == pytest.approx(1.0, abs=1e-9)


def test_one_value_off_by_hand(compare):
    # On an axis of 10, 2.5 for 2 is off by 5 % of it: worth half. Bars: (1 + 1 + 0.5) / 3.
    values = compare(
        "ax.bar(['a', 'b', 'c'], [3, 5, 2]); ax.set_ylim(0, 10)",
        "ax.bar(['a', 'b', 'c'], [3, 5, 2.5]); ax.set_ylim(0, 10)",
    )
    assert values["series"] == values["series_precision"] == values["series_recall"] == pytest.approx(2.5 / 3)
    assert values["limits"] == values["scales"] == values["tick_labels"] == 1
    assert (values["legend"], values["titles"], values["texts"]) == (None, None, None)
    assert values["overall"] == pytest.approx(0.5 * 2.5 / 3 + 0.5)


def test_values_on_a_logarithmic_axis_are_off_by_factors(compare):
    # Four decades: a factor of 10^0.2 is 5 % of the axis.
    axis = "; ax.set_yscale('log'); ax.set_ylim(1, 1e4)"
    values = compare(f"ax.plot([1, 2], [10, 1000]){axis}", f"ax.plot([1, 2], [10 * 10**0.2, 1000 * 10**0.2]){axis}")
    assert values["series"] == pytest.approx(0.5)


SPACE = "plt.close(fig); fig = plt.figure(); ax = fig.add_subplot(projection='3d'); a, b = np.mgrid[0:4, 0:4]; "
KINDS = {
    "line": "ax.plot([1, 3, 2 * K])",
    "line without order": "ax.plot([1, 3, 2, 1], [1, 2, 3 * K, 2])",
    "points": "ax.scatter([1, 2, 3], [1, 2 * K, 5])",
    "sizes": "ax.scatter([1, 2, 3], [1, 2, 5], s=[10, 40 * K, 90])",
    "colours as values": "ax.scatter([1, 2, 3], [1, 2, 5], c=[1, 4 * K, 9], vmin=0, vmax=10)",
    "bars": "ax.bar(['p', 'q'], [2, 3 * K])",
    "histogram": "ax.hist(np.arange(30) ** K)",
    "outline": "ax.hist(np.arange(30) ** K, histtype='step')",
    "band": "ax.fill_between([1, 2, 3], [0, 1, 0], [2, 3 * K, 2])",
    "stack": "ax.stackplot([1, 2, 3], [1, 2, 1], [2, 2 * K, 3])",
    "pie": "ax.pie([1, 2 * K, 3])",
    "ring": "ax.pie([1, 2 * K, 3], wedgeprops={'width': 0.4})",
    "heat map": "ax.imshow([[1, 2], [3, 4 * K]])",
    "heat map of patches": "ax.pcolor([[1, 2], [3, 4 * K]])",
    "another grid": "ax.imshow(np.add.outer(range(5), range(7)) % (3 if K > 1 else 4))",
    "bins": "ax.hexbin(np.arange(50) ** K, np.arange(50) ** (1 / K), gridsize=5)",
    "triangles": "ax.tripcolor([0, 1, 0, 1], [0, 0, 1, 1], [1, 2, 3, 4 * K])",
    "contours": "ax.contour(np.add.outer(range(5), range(5)), levels=[2, 4 * K, 7])",
    "errors": "ax.errorbar([1, 2], [1, 2], yerr=0.3 * K)",
    "stems": "ax.stem([1, 2, 3], [3, 1, 2 * K])",
    "boxes": "ax.boxplot([[1, 2, 3, 4 * K], [2, 3, 4, 5 * K]])",
    "violins": "ax.violinplot([1, 2, 3, 4 * K])",
    "segments": "ax.vlines([1, 2], 0, [1, 3 * K])",
    "arrows": "ax.quiver([1, 2], [1, 2], [1, 2 * K], [2, 1])",
    "circles": "ax.add_patch(plt.Circle((1, 1), K)); ax.axis([-2, 4, -2, 4])",
    "radar": "fig = plt.figure(); ax = fig.add_subplot(projection='polar'); ax.plot([0, 2, 4], [1, 2 * K, 3])",
    "surface": SPACE + "ax.plot_surface(a, b, a * b * K); ax.set_zlim(0, 9)",
    "points in space": SPACE + "ax.scatter(a, b, a * b * K); ax.set_zlim(0, 9)",
    "curve in space": SPACE + "ax.plot([0, 1, 2], [0, 1, 4], [0, 1, 2 * K]); ax.set_zlim(0, 2)",
    "bars in space": SPACE + "ax.bar3d([0, 1], [0, 1], 0, 1, 1, [1, 2 * K]); ax.set_zlim(0, 3)",
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_artist_equals_itself_and_nothing_else(compare, kind):
    body = KINDS[kind]
    assert compare(f"K = 1; {body}", f"K = 1.0; {body}")["series"] == pytest.approx(1.0)
    assert 0 <= compare(f"K = 1; {body}", f"K = 1.3; {body}")["series"] < 0.98


def test_missing_and_added_series_cost_recall_and_precision(compare):
    one = "x = np.linspace(0, 10, 50); ax.plot(x, np.sin(x), label='s'); ax.legend()"
    less, more = compare(LINES, one), compare(one, LINES)
    assert (less["series_precision"], less["series_recall"]) == (1, 0.5)
    assert (more["series_precision"], more["series_recall"]) == (0.5, 1)
    assert less["series"] == more["series"] == pytest.approx(2 / 3)
    assert less["legend"] == pytest.approx(2 / 3)


def test_swapped_labels_keep_half(compare):
    swapped = LINES.replace("'s'", "'q'").replace("'c'", "'s'").replace("'q'", "'c'")
    values = compare(LINES, swapped)
    assert (values["series"], values["legend"]) == (pytest.approx(0.5), 1)


def test_swapped_names_of_wedges_cost_and_the_words_stay(compare):
    values = compare(PIE, "ax.pie([3, 2, 1], labels=['b', 'a', 'c'])")
    assert values["texts"] == 1
    assert values["series"] == pytest.approx((0.5 + 0.5 + 1) / 3)


def test_limits_by_hand(compare):
    values = compare("ax.axis([0, 10, 0, 1])", "ax.axis([5, 15, 0, 1])")
    assert values["limits"] == pytest.approx((1 / 3 + 1) / 2)
    assert values["series"] is None
    assert compare("ax.axis([0, 10, 0, 1])", "ax.axis([10, 0, 0, 1])")["limits"] == pytest.approx(0.5)


@pytest.mark.parametrize(
    "candidate",
    ["ax.barh(['a', 'b', 'c'], [3, 5, 2])", "ax.plot([0, 1, 2], [3, 5, 2])", "ax.pie([3, 5, 2])"],
)
def test_another_kind_of_chart_shares_no_series(compare, candidate):
    assert compare(BARS, candidate)["series"] == 0


def test_axes_find_their_own_wherever_they_stand(compare):
    body = "plt.close(fig); fig, axs = plt.subplots(1, 2)\n"
    there = compare(
        body + "axs[0].plot([1, 2]); axs[1].bar([1, 2], [3, 4]); axs[0].set_title('One')",
        body + "axs[1].plot([1, 2]); axs[0].bar([1, 2], [3, 4]); axs[1].set_title('One')",
    )
    assert there["overall"] == 1
    gone = compare(body + "axs[0].plot([1, 2]); axs[1].bar([1, 2], [3, 4])", "ax.plot([1, 2])")
    assert (gone["series_precision"], gone["series_recall"]) == (1, 0.5)
    assert gone["limits"] == pytest.approx(2 / 3)


def test_a_failed_candidate_gets_nothing_a_failed_reference_no_score(engine):
    fine, broken = observe(program(BARS), engine=engine), observe(program("raise ValueError"), engine=engine)
    parts = score(fine, broken, ["chart_data"]).scores["chart_data"]
    assert {value for value in parts.values() if value is not None} == {0.0}
    assert parts["texts"] is None
    assert "ValueError" in score(broken, fine, ["chart_data"]).unscored["chart_data"]


def test_what_is_no_matplotlib_program_is_unscored(engine, chart):
    fine = observe(program(BARS), engine=engine)
    page = observe(Program("<p>words", Language.HTML), engine=engine)
    pillow = observe(
        Program("from PIL import Image\nImage.new('RGB', (9, 9)).save('a.png')", Language.PYTHON), engine=engine
    )
    reasons = [score(fine, other, ["chart_data"]).unscored["chart_data"] for other in (chart, page, pillow)]
    assert [("no Python program" in reason, "Matplotlib" in reason) for reason in reasons] == [
        (True, True),
        (True, True),
        (False, True),
    ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.just(10**400) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_claim_is_read_or_left_out(figures, data):
    figure = copy.deepcopy(figures[data.draw(st.sampled_from(sorted(figures)))])
    for _ in range(data.draw(st.integers(1, 6))):
        here = figure
        while isinstance(here, dict | list) and here:
            key = data.draw(st.sampled_from(sorted(here)) if isinstance(here, dict) else st.integers(0, len(here) - 1))
            if data.draw(st.integers(0, 4)) == 0 or not isinstance(here[key], dict | list) or not here[key]:
                here[key] = data.draw(JSON)
                break
            here = here[key]
    original = read_chart(figures["chart-rain-twin"])
    try:
        values = compare_charts(read_chart(figure), original), compare_charts(original, read_chart(figure))
        same = compare_charts(read_chart(figure), read_chart(figure))
    except Unscorable:
        return
    for value in (value for each in values for value in each.values() if value is not None):
        assert 0 <= value <= 1
    assert same["overall"] == pytest.approx(1.0)


def test_many_and_long_series_take_bounded_time(figures):
    figure = copy.deepcopy(figures["chart-temperature-lines"])
    axes = figure["axes"][0]
    line = next(artist for artist in axes["artists"] if artist["kind"] == "line")
    axes["artists"] = [
        {**line, "x": [*range(500)], "y": [(k * i) % 37 for i in range(500)], "label": f"{'ab' * 100}{k}"}
        for k in range(150)
    ]
    figure["axes"] = [axes] * 6
    assert compare_charts(read_chart(figure), read_chart(figure))["overall"] == pytest.approx(1.0)


def test_a_claim_of_very_many_artists_takes_bounded_time(figures):
    figure = copy.deepcopy(figures["chart-temperature-lines"])
    axes = figure["axes"][0]
    line = next(artist for artist in axes["artists"] if artist["kind"] == "line")
    dots = [{**line, "x": [k], "y": [k % 7], "style": style, "marker": "o"} for k in range(500) for style in "- "]
    figure["axes"] = [{**axes, "artists": dots}] * 100
    started = time.process_time()
    read = read_chart(figure)
    assert time.process_time() - started < 10
    assert 10_000 <= sum(len(each.series) for each in read.axes) <= 20_000


def test_the_hash_seed_moves_no_digit(figures):
    figure = copy.deepcopy(figures["vector_field"])
    rows = [number / 9 for number in range(10)]
    curve = {"x": rows, "y": [row**2 for row in rows]}
    figure["axes"][0]["artists"] += [
        {"kind": "line", **curve, "style": "-", "marker": "None"},
        {"kind": "line", "x": rows, "y": rows, "style": "None", "marker": "o"},
        {"kind": "segments", "x0": rows, "y0": rows, "x1": curve["y"], "y1": rows},
        {"kind": "bars", **curve, "width": [0.1] * 10, "height": rows},
    ]
    code = (
        "import json, sys; from derender.metrics._drawn import read_chart\n"
        "from derender.metrics.chart_data import compare_charts\n"
        "figure, shares = json.load(sys.stdin), range(1, 40)\n"
        "def moved(share):\n"
        "    axes = figure['axes'][0]\n"
        "    drawn = [a | {n: [v + share / 997 for v in a[n]] for n in ('y', 'y0', 'u') if n in a} for a in"
        " axes['artists']]\n"
        "    return read_chart(figure | {'axes': [axes | {'artists': drawn}]})\n"
        "print([compare_charts(moved(0), moved(share)) for share in shares])"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            input=json.dumps(figure),
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(found) == 1
