"""Ratings in the paper's own files, held against the one that it publishes."""

import asyncio
import json
from pathlib import Path

import numpy as np
from scripted import DOWN, Scripted, reply

from derender.judges import Case, Judge, get_rubric, rate_line, rating_file

PUBLISHED = json.loads((Path(__file__).parent / "vectors/smoke_rating.json").read_text())
RUBRIC = get_rubric("ChartQA")
NOISE = np.random.default_rng(0).integers(0, 256, (64, 80, 3), np.uint8)
WORDS = {"label", "description", "rationale"}


def _verdict(said, case=Case(NOISE, NOISE)):  # noqa: B008 - a frozen value
    return asyncio.run(Judge(Scripted(said), RUBRIC).judge(case))


def test_the_published_marks_give_the_published_file():
    scores = {name: each["score_0_to_5"] for name, each in PUBLISHED["category_scores"].items()}
    ours = rating_file(_verdict(reply(RUBRIC, scores)))
    assert list(ours) == list(PUBLISHED)
    assert list(ours["candidate_inspection"]) == list(PUBLISHED["candidate_inspection"])
    same = set(PUBLISHED) - {"category_scores", "candidate_inspection", "strengths", "issues", "overall_summary"}
    assert {name: ours[name] for name in same} == {name: PUBLISHED[name] for name in same}
    for name, published in PUBLISHED["category_scores"].items():
        assert set(ours["category_scores"][name]) == set(published)
        numbers = set(published) - WORDS
        assert {each: ours["category_scores"][name][each] for each in numbers} == {
            each: published[each] for each in numbers
        }


def test_the_published_file_is_rated_anew_to_the_same():
    rated = rate_line("vision2code", json.dumps(PUBLISHED))
    for name in ("raw_score_0_to_5", "provisional_rating_0_to_5", "final_rating_0_to_5", "applied_caps"):
        assert rated[name] == PUBLISHED[name]


def test_a_failed_rendering_and_a_failed_rating_are_two_things():
    failed = rating_file(_verdict("", Case(NOISE, execution_status="timeout")), execution_status="timeout")
    assert (failed["status"], failed["execution_detail"], failed["final_rating_0_to_5"]) == (
        "render_failed",
        "timeout",
        0.0,
    )
    assert [cap["type"] for cap in failed["applied_caps"]] == ["execution_failure"]
    assert failed["issues"] == ["timeout"]
    assert rating_file(_verdict(DOWN)) == {"status": "rating_failed", "error": "the endpoint can't be reached"}
