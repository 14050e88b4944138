"""Bringing things of two sides together, and what is said where SciPy is absent."""

import sys

import numpy as np
import pytest

from derender.core import Missing, Program
from derender.metrics import observe, score
from derender.metrics._chartmimic_scores import color_scores
from derender.metrics._pairing import assigned, distances_to_nearest, most_pairs
from derender.metrics.text_boxes import Word, compare_words


@pytest.fixture
def no_scipy(monkeypatch):
    for module in ("optimize", "sparse", "sparse.csgraph", "spatial"):
        monkeypatch.setitem(sys.modules, f"scipy.{module}", None)


def test_each_is_in_one_pair_and_the_sum_is_best():
    worth = np.array([[3.0, 2.0], [2.0, 0.0], [0.0, 0.0]])
    assert [each.tolist() for each in assigned(worth, maximize=True)] == [[0, 1], [1, 0]]
    assert worth[assigned(worth)].sum() == 0.0
    assert most_pairs(np.array([[True, True], [True, False], [True, False]])) == 2


def test_the_nearest_is_told_by_the_farther_coordinate():
    assert distances_to_nearest(np.array([[0.0, 0.0]]), np.array([[3.0, 4.0], [0.0, 5.0]])).tolist() == [4.0]


def test_what_lacks_is_named_with_how_to_get_it(no_scipy):
    one, other = (Word("a", (at, 0, at + 0.1, 0.1)) for at in (0.0, 0.5))
    with pytest.raises(Missing, match="scipy is not installed: run `pip install 'derender\\[metrics\\]'`"):
        compare_words([one, other], [one, other])
    with pytest.raises(Missing, match="scipy"):
        color_scores([("f", "#000000")], [("f", "#FFFFFF")])


def test_a_chart_has_all_scores_but_those_that_need_it(no_scipy, engine):
    source = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.title('T')\nplt.savefig('a.pdf')\n"
    facts = observe(Program(source, "python"), engine=engine)
    found = score(facts, facts, ["chartmimic"])
    assert found.scores["chartmimic"]["text_f1"] == 1.0
    assert set(found.unscored) == {f"chartmimic.color_{part}" for part in ("f1", "precision", "recall")}
