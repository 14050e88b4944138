"""Several judges: what they say together and how far they agree."""

from dataclasses import replace

import pytest

from derender.judges import cost_per_thousand, flips, get_rubric, krippendorff_alpha, majority, mean_rating, rate
from derender.judges.judge import Verdict
from derender.judges.ratings import Mode
from derender.models.chat import Usage
from derender.models.ledger import Price

# Krippendorff, "Computing Krippendorff's alpha-reliability", 2011: four observers, twelve units.
KRIPPENDORFF = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
    [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
]


@pytest.mark.parametrize(("level", "alpha"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
def test_alpha_is_that_of_its_authors_example(level, alpha):
    assert krippendorff_alpha(KRIPPENDORFF, level) == pytest.approx(alpha, abs=5e-4)


def test_alpha_of_agreement_is_1_and_of_opposites_below_0():
    assert krippendorff_alpha([[1, 2, 3], [1, 2, 3]]) == 1
    assert krippendorff_alpha([[1, 5, 1, 5], [5, 1, 5, 1]]) < 0
    assert krippendorff_alpha([[1, 2], [None, None]]) is None
    assert krippendorff_alpha([[3, 3], [3, 3]]) is None
    assert krippendorff_alpha([]) is None
    with pytest.raises(ValueError, match="shorter"):
        krippendorff_alpha([[1, 2], [1]])


def _verdict(score, name="vision2code/generic", **more):
    rubric = get_rubric(name)
    rating = None if score is None else rate(rubric, dict.fromkeys(rubric.ids, score))
    return Verdict(name, "", "", "m", Mode.OFFICIAL, swapped=False, rating=rating, **more)


def test_the_unscored_count_for_nothing():
    assert mean_rating([_verdict(4), _verdict(None), _verdict(2)]) == 3.0
    assert mean_rating([_verdict(None)]) is None


def test_a_majority_needs_more_than_half_of_those_who_say():
    passing = [_verdict(score, "januscoder/chart_generation") for score in (4, 4, 2)]
    assert majority(passing) is True
    assert majority(passing[1:]) is None
    assert majority([*passing[2:], _verdict(None)]) is False
    assert majority([_verdict(4)]) is None


def test_flips_are_counted_among_cases_scored_both_ways():
    found = flips([(_verdict(4), _verdict(3)), (_verdict(2), _verdict(2)), (_verdict(4), _verdict(None))])
    assert (found.cases, found.flipped, found.rate, found.shift, found.spread) == (2, 1, 0.5, -0.5, 0.5)
    assert flips([(_verdict(4), _verdict(3))], tolerance=1.0).flipped == 0
    assert flips([]).rate is None
    gate = "januscoder/chart_generation"
    assert flips([(_verdict(4, gate), _verdict(3, gate)), (_verdict(3, gate), _verdict(2.9, gate))]).flipped == 1


def test_cost_counts_what_a_cache_saved():
    verdicts = [_verdict(4, usage=Usage(1000, 100)), _verdict(4, usage=Usage(), saved=Usage(1000, 100))]
    assert cost_per_thousand(verdicts, Price(1.0, 10.0)) == pytest.approx(2.0)
    assert cost_per_thousand([*verdicts, _verdict(4, usage=None)], Price(1.0, 10.0)) is None
    assert cost_per_thousand([], Price(1.0, 10.0)) is None


def test_an_answer_kept_without_its_tokens_is_not_free():
    kept = replace(_verdict(4, usage=Usage()), replies=("{}",))
    assert cost_per_thousand([kept], Price(1.0, 10.0)) is None
