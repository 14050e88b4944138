"""Standings hold what was published to the digit, and compare only what can be compared."""

import json

import pytest

from derender.benchmarks.statistics import Resampling, Verdict
from derender.benchmarks.vision2code import FailureClass
from derender.benchmarks.vision2code.published import PACKAGED
from derender.benchmarks.vision2code.published_standings import published_leaderboard
from derender.benchmarks.vision2code.score_table import score_table
from derender.benchmarks.vision2code.sources import Split
from derender.benchmarks.vision2code.standings import Mean, Origin, Pair, compared, measured, overlapping, placed
from derender.judges import Mode, Outcome, rate
from derender.judges.ratings import record
from derender.judges.rubric import rubric_of

QUICK = Resampling(500)


@pytest.fixture(scope="module", params=Split)
def split(request):
    return request.param


@pytest.fixture(scope="module")
def published(split):
    return published_leaderboard(split)


def test_the_published_standings_are_those_of_the_site(published, split):
    site = json.loads((PACKAGED / "landing_page/static/data/leaderboard_data.json").read_text())
    rows = {row["model"]: row for row in site["rows"] if row["split"] == f"filtered_{split}"}
    assert {each.name for each in published.standings} == set(rows) and len(rows) == 9
    scores = [each.macro.value for each in published.standings]
    assert scores == sorted(scores, reverse=True)
    for each in published.standings:
        row = rows[each.name]
        assert each.origin is Origin.PUBLISHED and each.split == split
        assert (each.macro.value, each.micro.value) == (row["score"], row["mean_final_rating"])
        assert (each.samples, each.rated, each.rendered) == (row["samples"], row["rated"], row["render_success_count"])
        assert sum(each.dropped.values()) == row["missing_ratings"]
        assert {name: of.mean.value for name, of in each.datasets.items()} == {
            of["dataset"]: of["score"] for of in row["datasets"]
        }


def test_intervals_pairs_and_ranks_are_of_the_eight_models_that_have_them(published):
    without = [each.name for each in published.standings if each.micro.low is None]
    assert without == ["GPT-5.4"]
    assert len(published.pairs) == 28 and len(published.places) == 8
    assert [place.rank for place in published.places] == list(range(1, 9))
    assert all(sum(place.probabilities) == pytest.approx(1) for place in published.places)


def test_the_only_published_models_not_told_apart_are_three_neighbours(published):
    compared_names = {name for pair in published.pairs for name in (pair.a, pair.b)}
    order = [each.name for each in published.standings if each.name in compared_names]
    assert overlapping(order, published.pairs) == [
        ("Gemini-3.1 Flash Lite Preview", "Kimi-K2.5", "Qwen3.5-397B-A17B+R")
    ]


def test_published_failures_are_told_for_test_alone():
    counts = [each.failures for each in published_leaderboard(Split.TEST).standings]
    totals = {kind: sum(each[kind] for each in counts) for kind in FailureClass}
    # Of the paper's error analysis: 2,183 of 19,521 programs.
    assert list(totals.values()) == [635, 495, 492, 427, 134, 0]
    assert all(each.failures is None for each in published_leaderboard(Split.TEST_MINI).standings)


def row(name, dataset, score, *, blank=(False, False)):
    rubric = rubric_of("vision2code", dataset)
    ratings = [rate(rubric, dict.fromkeys(rubric.ids, score), Outcome(blank=each)) for each in blank]
    return {
        "question_folder": name,
        "dataset": dataset,
        "render_success": True,
        "official": record(ratings[0]),
        "fixed": record(ratings[1]),
        "category_scores": dict(ratings[0].scores),
        "dropped": None,
        "why": None,
        "failure_class": None,
        "failure_class_fixed": None,
        "failure_kind": None,
    }


def test_a_measured_standing_is_the_runs_own_summary_by_the_formula_asked_for():
    rows = [row("a", "ChartQA", 4.6), row("b", "ChartQA", 2.0), row("c", "ChemVQA-2K", 4.8, blank=(True, False))]
    table = score_table(rows)
    for mode, chemistry in ((Mode.OFFICIAL, 0.5), (Mode.FIXED, 4.8)):
        found = measured("mine", rows, mode, split="test", judge="eyes")
        headline = table[mode]
        assert found.macro.value == headline["benchmark_score_0_to_5"] == pytest.approx((3.3 + chemistry) / 2)
        assert (found.macro.low, found.macro.high) == (headline["macro"]["low"], headline["macro"]["high"])
        assert found.micro.value == headline["mean_final_rating_0_to_5"]
        assert found.datasets["ChemVQA-2K"].mean.value == chemistry
        assert found.domains == {"Charts&Plots": 3.3, "Science": chemistry}
        assert (found.samples, found.rated, found.rendered, found.mode) == (3, 3, 3, mode)


def test_models_are_compared_on_the_samples_that_both_have():
    better = {f"{number}": 4.0 + number % 2 for number in range(40)}
    worse = {f"{number}": 1.0 for number in range(20, 60)}
    (pair,) = compared({"better": better, "worse": worse, "elsewhere": {"x": 5.0}}, QUICK)
    assert (pair.a, pair.b, pair.n, pair.verdict) == ("better", "worse", 20, Verdict.A_HIGHER)
    assert pair.difference.value == pytest.approx(3.5)
    assert pair.difference.low < 3.5 < pair.difference.high
    assert (pair.a_wins, pair.b_wins) == (1.0, 0.0)
    (turned,) = compared({"worse": worse, "better": better}, QUICK)
    assert turned.difference.value == pytest.approx(-3.5) and turned.verdict is Verdict.B_HIGHER


def test_ranks_are_of_shared_samples_and_a_model_without_ratings_costs_nobody_theirs():
    high, low = {"a": 5.0, "b": 4.0, "c": 4.5}, {"a": 1.0, "b": 2.0, "d": 5.0}
    places = placed({"low": low, "none": {}, "high": high}, QUICK)
    assert [(each.name, each.rank, each.n) for each in places] == [("high", 1, 2), ("low", 2, 2)]
    assert places[0].probabilities == (1.0, 0.0)
    assert placed({"low": low, "apart": {"z": 1.0}}, QUICK) == []
    assert placed({"alone": low}, QUICK) == []


def _pair(a, b, verdict):
    return Pair(a, b, 9, Mean(0.0, -1.0, 1.0), 0.4, 0.4, verdict)


def test_groups_are_as_long_as_they_can_be_and_overlap():
    same, apart = Verdict.OVERLAP_ZERO, Verdict.A_HIGHER
    pairs = [_pair("a", "b", same), _pair("c", "b", same), _pair("a", "c", apart), _pair("c", "d", apart)]
    assert overlapping(["a", "b", "c", "d"], pairs) == [("a", "b"), ("b", "c")]
    assert overlapping(["a", "b"], []) == []
