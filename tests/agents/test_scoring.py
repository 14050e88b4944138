"""Scores that say which way is better."""

import numpy as np
import pytest

from derender.agents import Budget, MetricScorer
from derender.core import Program, UnknownName, UserError

from .conftest import BROKEN, CLOSE, WANTED, WORSE


@pytest.mark.parametrize("metric", ["ssim", "mse"])
def test_worth_grows_whichever_way_a_metric_does(engine, image, metric):
    scorer = MetricScorer(image, metric)
    scores = [scorer(engine.render(Program(each, "svg"))) for each in (BROKEN, WORSE, CLOSE, WANTED)]
    worths = [score.worth for score in scores]
    assert worths == sorted(worths) and worths[1] < worths[2] < worths[3]
    assert {score.name for score in scores} == {metric}


def test_what_can_not_be_scored_says_why(engine):
    scorer = MetricScorer(np.full((80, 120, 3), 255, np.uint8), "words.recall")
    score = scorer(engine.render(Program(CLOSE, "svg")))
    assert score.value is None and score.worth is None and score.unscored
    assert score.name == "words.recall"


@pytest.mark.parametrize(("metric", "words"), [("taste", "unknown metric"), ("ssim.taste", "unknown part of ssim")])
def test_unknown_metrics_are_a_sentence(image, metric, words):
    with pytest.raises(UnknownName, match=words):
        MetricScorer(image, metric)


@pytest.mark.parametrize("asked", [{"rounds": 0}, {"tokens": 0}])
def test_budgets_of_nothing_are_a_sentence(asked):
    with pytest.raises(UserError, match="at least one"):
        Budget(**asked)
