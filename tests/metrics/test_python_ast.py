"""How alike the syntax of two Python programs is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derender.core import Program
from derender.metrics import Unscorable, score
from derender.metrics.python_ast import subtrees

CHART = """
import matplotlib.pyplot as plt
years = [2021, 2022, 2023]
fig, ax = plt.subplots(figsize=(6, 4))
ax.plot(years, [3, 5, 4], color="red", label="sales")
ax.legend()
plt.show()
"""
STATEMENTS = st.lists(
    st.sampled_from(["x = 1", "plt.plot(x)", "plt.bar(x, y)", "ax.set(title='a')", "for i in x:\n    f(i)", "))"]),
    max_size=6,
).map("\n".join)


def of(reference, candidate):
    return score(Program(reference, "python"), Program(candidate, "python"), ["ast_similarity"])


def values(reference, candidate):
    return of(reference, candidate).scores["ast_similarity"]


def test_names_of_variables_constants_and_layout_do_not_count():
    renamed = CHART.replace("years", "x").replace("2021", "1999").replace('"red"', "'blue'") + "# done"
    assert values(CHART, renamed) == {"f1": 1.0, "precision": 1.0, "recall": 1.0}


def test_what_is_called_counts():
    bars = values(CHART, CHART.replace("ax.plot", "ax.bar"))
    assert 0.5 < bars["f1"] < 1
    assert values(CHART, CHART.replace("color=", "facecolor="))["f1"] < 1


def test_subtrees_by_hand():
    # The attribute, the call, its expression statement and the module; names and constants alone are none.
    assert subtrees("a.b(1)").total() == 4
    # Of a.b(1): the attribute alone is in a.b(c=1), which has the keyword, the call, the statement and the module too.
    assert values("a.b(1)", "a.b(c=1)") == {
        "f1": pytest.approx(2 * 0.25 * 0.2 / 0.45),
        "precision": 0.2,
        "recall": 0.25,
    }


def test_half_a_program_has_all_precision_and_part_of_the_recall():
    half = "\n".join(CHART.splitlines()[:4])
    found = values(CHART, half)
    # All but the module itself, which is shorter.
    assert found["precision"] > 0.85 and found["recall"] < 0.6


def test_a_candidate_that_cannot_be_parsed_gets_nothing_and_a_reference_no_score():
    assert values(CHART, "def f(:") == {"f1": 0.0, "precision": 0.0, "recall": 0.0}
    assert values(CHART, "")["f1"] == 0.0
    assert "can't be parsed" in of("print 'a'", CHART).unscored["ast_similarity"]
    page = score(Program(CHART, "python"), Program("<p>", "html"), ["ast_similarity"])
    assert "html" in page.unscored["ast_similarity"]


@given(STATEMENTS, STATEMENTS)
def test_values_are_in_range_and_best_for_the_same(reference, candidate):
    found = of(reference, candidate)
    same = of(reference, reference)
    if "))" in reference or not reference:
        assert same.unscored
    else:
        assert same.scores["ast_similarity"]["f1"] == 1.0
        assert 0 <= found.scores["ast_similarity"]["f1"] <= 1


@pytest.mark.parametrize(
    "hostile",
    ["-" * 100_000 + "1", "a" + ".b" * 90_000, "(" * 100_000, "1" + "+1" * 90_000, "9" * 100_000, "x\0", "\ud800"],
    ids=["minus", "attributes", "brackets", "sum", "number", "null", "surrogate"],
)
def test_hostile_programs_count_as_not_parsed(hostile):
    assert values(CHART, hostile)["f1"] == 0.0


def test_long_programs_are_refused():
    with pytest.raises(Unscorable, match="characters"):
        subtrees("x\n" * 150_000)
