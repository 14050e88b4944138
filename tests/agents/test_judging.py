"""A judge decides which round is taken."""

import json

from derender.agents import Budget, JudgeScorer, refine
from derender.core import Program
from derender.judges import Judge, get_rubric
from derender.models import Answer, ModelError, Sample

from .conftest import BROKEN, CLOSE, ROUGH, WANTED, fenced

RUBRIC = get_rubric("ChartQA")


class Rater:
    """A judge's model that gives these scores in turn; None is an endpoint that is down."""

    name = identity = "rater"

    def __init__(self, *scores):
        self.scores = list(scores)

    async def ask(self, messages, sampling=None, *, deadline=None, item=None):
        score = self.scores.pop(0)
        if score is None:
            raise ModelError("the judge can't be reached")
        said = {"category_scores": dict.fromkeys(RUBRIC.ids, score), "rationales": dict.fromkeys(RUBRIC.ids, "so")}
        rest = {"strengths": [], "issues": [], "overall_summary": "", "addressed_to_judge": []}
        return Answer((Sample(json.dumps({**said, **rest})),), self.name)


def test_the_round_that_the_judge_likes_best_is_taken(task, engine, image, answers):
    scorer = JudgeScorer(Judge(Rater(3.0, 4.5, 2.0), RUBRIC), image)
    done = refine(task, answers(fenced(ROUGH), fenced(CLOSE), fenced(WANTED)), engine, scorer)
    assert [each.score.value for each in done.rounds] == [3.0, 4.5, 2.0] and done.chosen.number == 2
    assert done.rounds[0].score.name == RUBRIC.name


def test_a_judge_that_is_down_takes_nothing_away(task, engine, image, answers):
    scorer = JudgeScorer(Judge(Rater(3.0, None), RUBRIC), image)
    done = refine(task, answers(fenced(ROUGH), fenced(CLOSE)), engine, scorer, budget=Budget(rounds=2))
    assert done.rounds[1].score.value is None and "can't be reached" in done.rounds[1].score.unscored
    assert done.rounds[1].why == "unscored" and done.chosen.number == 1


def test_a_failed_program_needs_no_judge(engine, image):
    score = JudgeScorer(Judge(Rater(), RUBRIC), image)(engine.render(Program(BROKEN, "svg")))
    assert score.value == 0 and score.unscored is None
