"""Whether a program runs to a picture."""

import pytest

from derender.core import Failure, FailureKind, Picture, Program, Rendering
from derender.metrics import score

PROGRAM = Program('<svg xmlns="http://www.w3.org/2000/svg" width="30" height="20"/>', "svg")


def of(candidate):
    return score(PROGRAM, candidate, ["executability"])


def test_a_program_that_runs_counts_one_and_one_that_fails_none():
    drawn = Rendering(PROGRAM, pictures=(Picture("page", b"png", 1, 1),))
    assert of(drawn).scores["executability"]["executability"] == 1.0
    broken = Rendering(PROGRAM, failure=Failure(FailureKind.RUNTIME, "name 'x' is not defined"))
    assert of(broken).scores["executability"]["executability"] == 0.0
    assert of(Rendering(PROGRAM)).scores["executability"]["executability"] == 0.0


@pytest.mark.parametrize("kind", [kind for kind in FailureKind if kind.ours])
def test_our_failures_are_no_score(kind):
    found = of(Rendering(PROGRAM, failure=Failure(kind, "no worker")))
    assert found.scores == {} and "no fault of its own" in found.unscored["executability"]


def test_programs_are_run_and_pictures_are_no_programs(chart):
    assert of(PROGRAM).scores["executability"]["executability"] == 1.0
    assert of(Program("<svg", "svg")).scores["executability"]["executability"] == 0.0
    assert "picture" in of(chart).unscored["executability"]
