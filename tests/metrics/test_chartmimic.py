"""ChartMimic's scores: equal to what its own scripts and VLMEvalKit's give, and what is corrected."""

import csv
import itertools
import json
import textwrap
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derender.core import Program
from derender.metrics import Unscorable, get_metric, observe, score
from derender.metrics._chartmimic_chart import read_chart
from derender.metrics._chartmimic_programs import plain, runs, unescaped, wrapped
from derender.metrics._chartmimic_scores import Agreement, color_scores, multiset_scores, thinned, type_scores
from derender.metrics._ciede2000 import color_similarity
from derender.metrics.chartmimic import PARTS
from derender.render import Engine, RenderOptions
from derender.render.environments import find

VECTORS = Path(__file__).parent / "vectors" / "chartmimic"
CHARTS = json.loads((VECTORS / "charts.json").read_text())
"""Charts and their perturbed twins, each pair scored by ChartMimic c9e149c in Matplotlib 3.8.4, NumPy 1.26, networkx
3.2.1, PYTHONHASHSEED=0."""
OFFICIAL = list(csv.DictReader((VECTORS / "official.csv").open()))
MORE = json.loads((VECTORS / "more_charts.json").read_text())
"""More of them: graphs, tree maps, Venn diagrams, 3-D, polar, seaborn, pandas, and what the scripts stumble over."""
MORE_OFFICIAL = json.loads((VECTORS / "more_official.json").read_text())
"""Flavour → chart → part → precision, recall, F1, or the error that the script ended with."""
HEAD = "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\n"
NAMES = ("text", "layout", "type", "color")

needs_py2024 = pytest.mark.skipif(find("py2024").environment() is None, reason="the environment py2024 is not built")


@pytest.fixture(scope="module")
def chart(engine):
    """One chart's program, observed once for all tests."""

    @cache
    def observed(name, side):
        source = (CHARTS | MORE)[name][side]
        return observe(Program(source, "python"), engine=engine, name=f"{name}.py")

    return observed


@pytest.fixture
def compare(engine):
    """Scores of two programs, given without their heads."""

    def scores(reference, candidate, metric="chartmimic", name="chart_1.py", **options):
        sides = [
            observe(Program(HEAD + textwrap.dedent(body), "python"), engine=engine, name=name)
            for body in (reference, candidate)
        ]
        found = score(*sides, [metric], **options)
        return found.scores.get(metric), found.unscored

    return scores


def close(found, official, name):
    """Colours to 1e-9, all others to the last bit."""
    return abs(found - official) <= 1e-9 if name == "color" else found == official


@needs_py2024
@pytest.mark.parametrize("row", OFFICIAL, ids=lambda row: f"{row['sample']}-{row['pair']}")
def test_the_scores_are_the_official_ones(chart, row):
    sides = (
        chart(row["sample"], "golden"),
        chart(row["sample"], {"gen": "generated_body", "self": "golden"}[row["pair"]]),
    )
    found = score(*sides, ["chartmimic"]).scores["chartmimic"]
    for name, share in itertools.product(NAMES, ("f1", "precision", "recall")):
        official = float(row[f"{'chart_type' if name == 'type' else name}_{share}"])
        assert close(found[f"{name}_{share}"], official, name), (name, share, official)


@needs_py2024
@pytest.mark.parametrize("flavour", ["original", "vlmevalkit"])
@pytest.mark.parametrize("name", MORE)
def test_the_scores_of_more_charts_are_the_official_ones(chart, name, flavour):
    metric = {"original": "chartmimic", "vlmevalkit": "chartmimic_vlmevalkit"}[flavour]
    found = score(chart(name, "golden"), chart(name, "generated_body"), [metric])
    for part, official in MORE_OFFICIAL[flavour][name].items():
        if official == "ZeroDivisionError":
            assert "divides by zero" in found.unscored[f"{metric}.{part}_f1"]
            continue
        for share, value in zip(("precision", "recall", "f1"), official, strict=True):
            assert close(found.scores[metric][f"{part}_{share}"], value, part), (part, share, value)


SHADES = "1F77B4AEC7E8FFBB782CA02CD62728FF9896C5B0D58C564BE377C2F7B6D2C7C7C7BCBD2217BECF9EDAE5"
MANY = [("line", f"#{shade}") for shade in textwrap.wrap(SHADES, 6)]
"""The lines of one of the charts, as drawn."""
BY_HASH_SEED = {
    1.0: ([2, 3, 11, 10, 8, 1, 5, 4, 7, 13, 9, 12, 6, 0], [2, 1, 9, 8, 0, 5, 6, 10, 3, 4, 11, 7]),
    0.8163743910364847: ([5, 10, 7, 3, 13, 1, 11, 12, 8, 0, 2, 4, 9, 6], [5, 9, 6, 3, 4, 10, 11, 8, 1, 0, 2, 7]),
    0.9453585224580955: ([8, 12, 3, 10, 11, 7, 1, 2, 13, 4, 6, 9, 5, 0], [3, 8, 0, 11, 5, 10, 1, 7, 4, 6, 2, 9]),
    0.8186334294752368: ([11, 6, 4, 3, 10, 7, 1, 8, 2, 13, 5, 12, 0, 9], [8, 1, 11, 9, 10, 4, 2, 5, 3, 7, 6, 0]),
}
"""What the evaluator gave for the same 14 and 12 lines under four hash seeds → orders of a set that lead there."""


@pytest.mark.parametrize("official", BY_HASH_SEED)
def test_the_orders_of_a_hash_seed_give_its_score(official):
    wanted, drawn = BY_HASH_SEED[official]
    found = color_scores(thinned(MANY, order=wanted), thinned(MANY[:12], order=drawn))
    assert found.f1 == pytest.approx(official, abs=1e-9)


@needs_py2024
def test_more_than_ten_colours_are_thinned_in_the_order_drawn(chart):
    found = score(chart("many_1", "golden"), chart("many_1", "generated_body"), ["chartmimic"]).scores["chartmimic"]
    assert found["color_f1"] == color_scores(thinned(MANY), thinned(MANY[:12])).f1


def test_up_to_ten_colours_are_left_alone():
    alike = [("line", f"#0000{n:02X}") for n in range(10)]
    assert thinned(alike) == alike
    assert thinned([*alike, ("bar", "#0000FF"), ("bar", "#00000A")]) == [alike[0], ("bar", "#0000FF")]
    named = [("imshow", name) for name in "abcdefghijkl"]
    assert thinned([*named, ("pcolor", "a")]) == named


colours = st.builds("#{:02X}{:02X}{:02X}".format, *[st.integers(0, 255)] * 3) | st.sampled_from(["viridis", "jet"])
entries = st.lists(st.tuples(st.sampled_from(["bar", "pie"]), colours), max_size=5, unique=True)


def by_permutations(reference, candidate):
    """The sum the published evaluator finds by trying all permutations."""

    def alike(one, other):
        hexadecimal = one.startswith("#"), other.startswith("#")
        if not any(hexadecimal):
            return float(one == other)
        rgb = [[int(color[at : at + 2], 16) for at in (1, 3, 5)] for color in (one, other) if color.startswith("#")]
        return float(color_similarity(*rgb)) if all(hexadecimal) else 0.0

    total = 0.0
    for name in ("bar", "pie"):
        groups = [[color for kind, color in side if kind == name] for side in (reference, candidate)]
        short, long = sorted(groups, key=len)
        total += max(sum(map(alike, short, tried)) for tried in itertools.permutations(long, len(short)))
    return total


@settings(max_examples=60, deadline=None)
@given(entries, entries)
def test_the_assignment_is_the_best_permutation(reference, candidate):
    found = color_scores(reference, candidate, none_may_be_wanted=True)
    total = by_permutations(reference, candidate)
    assert found.precision * len(candidate) == pytest.approx(total if candidate else 0, abs=1e-9)
    assert found.recall * len(reference) == pytest.approx(total if reference else 0, abs=1e-9)
    back = color_scores(candidate, reference, none_may_be_wanted=True)
    assert back.f1 == pytest.approx(found.f1, abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(entries.filter(len))
def test_colours_agree_with_themselves(own):
    assert color_scores(own, own[::-1]).f1 == pytest.approx(1, abs=1e-12)


def test_hundreds_of_colours_are_assigned():
    rng = np.random.default_rng(0)
    sides = [[("bar", f"#{n:06X}") for n in rng.choice(1 << 24, 300, replace=False)] for _ in range(2)]
    assert 0.5 < color_scores(*sides).f1 < 1
    with pytest.raises(Unscorable, match="2001 and 2001 colours of one function are more than can be compared"):
        color_scores(*[[("bar", f"#{n:06X}") for n in range(2001)]] * 2)


def test_a_crowd_of_colours_is_thinned_in_no_time():
    rng = np.random.default_rng(0)
    crowd = [(f"f{n}", f"#{color:06X}") for n, color in enumerate(rng.choice(1 << 24, 50_000, replace=False))]
    few = thinned(crowd)
    assert 5 < len(few) < 50 and few[0] == crowd[0]
    assert color_scores(few, few).f1 == pytest.approx(1)


def test_strings_match_as_often_as_they_occur():
    assert multiset_scores(["a", "a", "b"], ["a", "c", "a", "a"]) == Agreement(2 / 4, 2 / 3)
    assert multiset_scores([], []) == multiset_scores(["a"], []) == multiset_scores([], ["a"]) == Agreement()


def test_types_match_as_often_as_they_are_called():
    found = type_scores({"bar": 1, "plot": 2}, {"plot": 3, "pie": 1})
    assert found == Agreement(2 / 4, 2 / 3)
    assert found.f1 == pytest.approx(4 / 7)
    assert type_scores({}, {"bar": 1}) == Agreement()


def test_the_score_before_is_given_again_only_where_it_is_asked_for():
    before = Agreement(1.0, 1.0)
    assert type_scores({"bar": 1}, {}, previous=before) == before
    assert type_scores({"bar": 1}, {}) == Agreement()
    assert type_scores({"bar": 1}, {"bar": 2}, previous=before) == Agreement(0.5, 1.0)


def test_a_reference_without_colours_divides_by_zero():
    with pytest.raises(Unscorable, match="divides by zero"):
        color_scores([], [("bar", "#000000")])
    assert color_scores([], [("bar", "#000000")], none_may_be_wanted=True) == Agreement()


def test_a_candidate_is_cut_at_its_first_save():
    source = "a()\nplt.savefig('x.png')\nb()\n"
    assert plain(source) == "a()\nplt.savefig('candidate.pdf')"
    assert wrapped(source) == "if True:\n    a()\nplt.savefig('candidate.pdf')"
    assert plain("a()\nplt_show(1)\nb()") == "a()\nplt.savefig('candidate.pdf')"
    assert "except Exception" in wrapped(source, swallowing=True)


@pytest.mark.parametrize(
    ("source", "alone"),
    [
        ("a()\nplt.savefig('x.pdf')\n", True),
        ("plt.savefig('x.pdf')\nplt.close()\n# done\n", True),
        ("a()\nfig.savefig('x.pdf')\n", True),
        ("if a:\n    plt.savefig('x.pdf')\n", False),
        ("# plt.savefig\nplt.savefig('x.pdf')\n", False),
        ("plt.savefig('x.pdf')\nplt.title('T')\n", False),
        ("plt.savefig('x.pdf'); plt.title('T')\n", False),
        ("plt.savefig(\n    'x.pdf')\n", False),
    ],
)
def test_one_run_tells_all_where_emptied_ticks_change_nothing_else(source, alone):
    needed = runs(source)
    assert (needed.main == needed.strings) is alone
    assert ("set_xticks([])" in needed.strings) is ("plt.savefig" in source)


def test_doubled_backslashes_are_taken_for_one_character():
    assert unescaped(r"a\\nb \\t \n \\\\ \\'") == "a\nb \t \\n \\ '"


@needs_py2024
@pytest.mark.parametrize("metric", ["chartmimic", "chartmimic_vlmevalkit"])
@pytest.mark.parametrize(
    "body",
    ["ax.bar([1], [1], colour='red')", "raise SystemExit", "import sys; sys.exit(0)", "ax.set_title('$\\\\x$')", ""],
)
def test_a_candidate_that_is_not_drawn_gets_nothing(compare, metric, body):
    found, unscored = compare("ax.bar([1], [1]); ax.set_title('T')\nplt.savefig('a.pdf')", body or "plt.plot(", metric)
    assert set(found.values()) == {0.0} and not unscored


@needs_py2024
def test_a_reference_that_fails_leaves_nothing_to_compare(compare):
    found, unscored = compare("ax.nonsense()", "ax.plot([1])")
    assert found is None and "chart_1.py fails where ChartMimic draws" in unscored["chartmimic"]
    assert "nonsense" in unscored["chartmimic"]


@needs_py2024
@pytest.mark.parametrize("saving", ["plt.show()", "", "plt.savefig('a.png')", "fig.savefig('a.png')"])
def test_a_reference_that_saves_no_pdf_counts_as_it_stands(compare, saving):
    drawing = "ax.plot([1, 2], color='red'); ax.set_title('T')\n"
    found, _ = compare(drawing + saving, drawing)
    assert found == {part.name: 1.0 for part in PARTS}


def test_pictures_and_other_languages_are_not_compared(compare):
    blank = np.full((20, 20, 3), 255, np.uint8)
    assert "programs are compared" in score(blank, blank, ["chartmimic"]).unscored["chartmimic"]
    page = observe(Program("<p>a", "html"), name="a.html")
    assert "a.html is no Python program" in score(page, page, ["chartmimic"]).unscored["chartmimic"]


def test_without_the_environment_it_says_how_to_build_it(compare, monkeypatch, tmp_path):
    monkeypatch.setenv("DERENDER_HOME", str(tmp_path))
    found, unscored = compare("ax.plot([1])", "ax.plot([1])")
    assert found is None and "derender setup env:py2024" in unscored["chartmimic"]
    assert get_metric("chartmimic").tools == ("env:py2024",)


@needs_py2024
def test_a_program_that_meddles_with_what_watches_it_is_scored_or_gets_nothing(compare):
    drawing = "ax.plot([1, 2], color='red'); ax.set_title('T')\n"
    meddling = """
    import gc, sys
    for module in list(sys.modules):
        if "tracers" in module or "chart_" in module:
            vars(sys.modules[module]).clear()
    """
    found, unscored = compare(drawing, drawing + textwrap.dedent(meddling))
    assert not unscored and all(0 <= value <= 1 for value in found.values())


@needs_py2024
def test_a_chart_of_thousands_of_colours_is_scored(compare):
    drawing = "ax.hlines(range(4000), 0, 1, colors=plt.cm.hsv([n / 4000 for n in range(4000)]))\n"
    found, _ = compare(drawing, drawing)
    assert found["color_f1"] == pytest.approx(1)


@pytest.mark.parametrize(
    "claimed",
    [
        {},
        {"strings": 3, "axes": "x", "types": [], "colors": 0, "saves": None},
        {"strings": [1, None], "axes": [1, [1, 2]], "types": {"original": {"a": "b"}}, "colors": {"original": [["a"]]}},
        {"colors": {"original": [["a", "#XYZ"], ["a", 5], ["a", "#12345"], 7]}, "types": {"original": {"a": -1}}},
    ],
)
def test_claims_that_are_none_are_passed_over(claimed):
    chart = read_chart(claimed)
    assert chart.strings == () and chart.layout(graph=False) == [] and chart.saves == 0
    assert not any(chart.types.get("original", {})) and not chart.colors.get("original")


FIXED_CASES = {
    # a reference, a candidate, a part, its official score, the corrected one
    "what follows a save counts": (
        "ax.plot([1]); ax.set_title('T')\nplt.savefig('a.pdf')\nax.set_xlabel('late')\nplt.savefig('a.pdf')",
        "ax.plot([1]); ax.set_title('T')\nplt.savefig('a.pdf')\nax.set_xlabel('late')\nplt.savefig('a.pdf')",
        "text_recall",
        1 / 3,
        1.0,
    ),
    "ticks never count": (
        "ax.set_title('T')\nplt.savefig('a.pdf')",
        "ax.set_title('T')\nfig.savefig('b.pdf')",
        "text_precision",
        1 / 14,
        1.0,
    ),
    "calls after one that raises count": (
        "ax.plot([1]); ax.pie([1])",
        "try:\n    ax.bar([1, 2], [1, 2, 3])\nexcept ValueError:\n    ax.plot([1]); ax.pie([1])",
        "type_recall",
        0.0,
        1.0,
    ),
    "bars painted by name have their colour": (
        "for bar in ax.bar([1, 2], [1, 2]): bar.set_color('red')",
        "for bar in ax.bar([1, 2], [1, 2]): bar.set_color('red')",
        "color_f1",
        None,
        1.0,
    ),
    "more than ten colours are all compared": (
        "for n in range(14): ax.plot([n, 1], color=plt.cm.tab20(n / 13))",
        "for n in range(12): ax.plot([n, 1], color=plt.cm.tab20(n / 13))",
        "color_f1",
        color_scores(thinned(MANY), thinned(MANY[:12])).f1,
        12 / 13,
    ),
    "neither has words": ("ax.plot([1])", "ax.plot([1])", "text_f1", 0.0, None),
}


@needs_py2024
@pytest.mark.parametrize("case", FIXED_CASES)
def test_what_is_corrected(compare, case):
    reference, candidate, part, official, corrected = FIXED_CASES[case]
    for mode, wanted in (("official", official), ("fixed", corrected)):
        found, unscored = compare(reference, candidate, mode=mode)
        if wanted is None:
            assert found.get(part) is None
        else:
            assert found[part] == pytest.approx(wanted, abs=1e-9), (mode, unscored)


@needs_py2024
def test_names_mean_something_only_to_the_published_evaluator(compare):
    wide = "fig.clear(); fig.subplots(1, 2)[0].plot([1])"
    high = "fig.clear(); fig.subplots(2, 1)[0].plot([1])"
    for name, official in (("graph_1.py", 1.0), ("line_1.py", 0.0), ("graphs/line_1.py", 1.0)):
        assert compare(wide, high, name=name)[0]["layout_f1"] == official
    assert compare(wide, high, name="graph_1.py", mode="fixed")[0]["layout_f1"] == 0
    assert compare(wide, wide, metric="chartmimic_vlmevalkit", name="graph_1.py")[0]["layout_f1"] == 0
    empty = "ax.set_title('T')"
    assert "color_f1" not in compare(empty, empty)[0]
    assert compare(empty, empty, name="box_1.py")[0]["color_f1"] == 0
    assert compare(empty, empty, metric="chartmimic_vlmevalkit")[0]["color_f1"] == 0


@needs_py2024
def test_in_every_mode_a_chart_agrees_with_itself_and_every_value_is_in_range(chart):
    for name in ("pie_1", "contour_1", "3d_1", "venn_1"):
        for metric, mode in itertools.product(("chartmimic", "chartmimic_vlmevalkit"), ("official", "fixed")):
            own = chart(name, "golden")
            found = score(own, own, [metric], mode=mode).scores[metric]
            assert found == pytest.approx({part.name: 1.0 for part in PARTS}), (name, metric, mode)


def test_newer_matplotlibs_tell_the_same(engine):
    source = "import matplotlib.pyplot as plt\nplt.plot([1, 2], color='red')\nplt.title('T')\nplt.savefig('a.pdf')"
    trace = engine.render(Program(runs(source).main, "python"), RenderOptions(trace="chartmimic")).trace
    assert trace["strings"] == ["T"] and trace["axes"] == [[1, 1, 0, 0, 0, 0]]
    assert list(trace["types"]["original"].values()) == [1]
    assert [color for _, color in trace["colors"]["original"]] == ["#FF0000"]


def test_a_trace_is_kept_with_its_rendering(tmp_path):
    program = Program("import matplotlib.pyplot as plt\nplt.title('T')\nplt.savefig('a.pdf')", "python")
    with Engine(jobs=1, cache=tmp_path) as engine:
        first, again = (engine.render(program, RenderOptions(trace="chartmimic")) for _ in range(2))
    assert again.cached and first.trace == again.trace and "T" in first.trace["strings"]
