"""Means as papers take them, by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derender.core import Program, UnknownName
from derender.metrics import score
from derender.metrics.aggregation import (
    RULES,
    aggregate,
    aggregate_rows,
    bootstrap_interval,
    chartmimic_overall,
    pandasplotbench_scores,
    samples_of,
    unisvg_score,
)

SAMPLES = st.lists(st.floats(0, 1) | st.sampled_from(["no page", "timeout"]), max_size=20)


def test_what_has_no_score_is_left_out_or_zero_as_the_paper_has_it():
    samples = [0.5, "timeout", 1.0, "timeout", "no page"]
    left_out = aggregate(samples, "artifactsbench")
    assert (left_out.n, left_out.mean) == (2, 0.75)
    assert left_out.dropped == {"timeout": 2, "no page": 1} and left_out.zeros == {}
    zero = aggregate(samples, "image2struct")
    assert (zero.n, zero.mean) == (5, 0.3)
    assert zero.zeros == {"timeout": 2, "no page": 1} and zero.dropped == {}
    assert aggregate(samples) == aggregate(samples, "scored") == left_out


def test_a_split_has_as_many_samples_as_it_has():
    assert aggregate([1.0, 0.5], "chartmimic", of=600).mean == pytest.approx(1.5 / 600)
    assert aggregate([1.0, 0.5], "chartmimic", of=600).zeros == {"not given": 598}
    with pytest.raises(ValueError, match="3 samples were given, of 2"):
        aggregate([1.0] * 3, "chartmimic", of=2)


def test_webcode2m_leaves_a_page_out_of_all_columns_for_one():
    rows = [{"treebleu": 0.5, "visual": 1.0}, {"treebleu": "no <html>", "visual": 0.0}, "no screenshot"]
    found = aggregate_rows(rows, "webcode2m")
    assert (found["treebleu"].mean, found["visual"].mean) == (0.5, 1.0)
    assert found["visual"].dropped == {"no <html>": 1, "no screenshot": 1}
    columns = aggregate_rows(rows, "design2code")
    assert (columns["treebleu"].mean, columns["visual"].mean) == (0.5 / 3, 1 / 3)
    assert columns["treebleu"].zeros == {"no <html>": 1, "no screenshot": 1}


def test_designbench_counts_what_does_not_compile_as_the_best_mae():
    found = aggregate_rows([{"mae": 30.0, "ssim": 0.5}, "does not compile"], "designbench")
    assert (found["mae"].mean, found["ssim"].mean) == (15.0, 0.25)


def test_chartmimic_divides_by_all_charts():
    found = chartmimic_overall([0.8, "failed the checker", 0.4], [90.0, "failed the checker", 60.0], of=4)
    assert found["low_level"].mean == pytest.approx(30.0)
    assert found["high_level"].mean == pytest.approx(37.5)
    assert found["overall"].mean == pytest.approx(33.75)
    assert all(each.n == 4 for each in found.values())
    with pytest.raises(ValueError, match="zip"):
        chartmimic_overall([0.8], [], of=4)


def test_unisvg_weighs_three_and_leaves_out_what_cannot_be_drawn():
    rows = [{"ssim": 0.5, "lpips": 0.25, "clip": 0.9}, {"ssim": 0.0, "lpips": 1.0, "clip": 0.0}, "CairoSVG failed"]
    found = unisvg_score(rows)
    assert found.mean == pytest.approx((0.1 + 0.15 + 0.54) / 2)
    assert found.n == 2 and found.dropped == {"CairoSVG failed": 1}


def test_pandasplotbench_cuts_its_means_off():
    found = pandasplotbench_scores([80, 75, 25, "not parsed", 99])
    assert (found.mean, found.median, found.good, found.bad, found.n) == (55, 75, 0.6, 0.4, 5)
    assert found.zeros == {"not parsed": 1}
    with pytest.raises(ValueError, match="no plots"):
        pandasplotbench_scores([])


def test_nothing_has_no_mean():
    empty = aggregate(["timeout"], "webcode2m")
    assert (empty.n, empty.mean, empty.interval) == (0, None, None)
    assert str(empty) == "no mean, n = 0; 1 left out: timeout (1)"
    with pytest.raises(ValueError, match="finite"):
        aggregate([float("nan")])
    with pytest.raises(UnknownName):
        aggregate([1.0], "nobody's")


def test_it_says_what_the_mean_is_of():
    said = str(aggregate([1.0, 1.0, "timeout"], "image2struct"))
    assert said.startswith("0.6667 (") and said.endswith("n = 3; 1 counted as 0: timeout (1)")


@settings(max_examples=40)
@given(SAMPLES, st.sampled_from(sorted(RULES)))
def test_every_sample_is_accounted_for(samples, rule):
    found = aggregate(samples, rule)
    assert found.n + sum(found.dropped.values()) == len(samples)
    absent = sum(isinstance(sample, str) for sample in samples)
    assert sum(found.dropped.values()) + sum(found.zeros.values()) == absent
    if found.n:
        low, high = found.interval
        assert low - 1e-12 <= found.mean <= high + 1e-12 or found.n < 10
        assert 0 <= low <= high <= 1


def test_the_interval_holds_the_mean_as_often_as_it_says():
    draw = np.random.default_rng(3)
    held = 0
    for trial in range(60):
        low, high = bootstrap_interval(draw.normal(0, 1, 60).tolist(), seed=trial)
        held += low <= 0 <= high
    assert 50 <= held <= 60
    assert bootstrap_interval([0.25]) == (0.25, 0.25)
    assert bootstrap_interval([0.0, 1.0] * 5) == bootstrap_interval([0.0, 1.0] * 5)


def test_samples_of_scores_are_values_or_reasons():
    page, bare = Program("<html><p>a</p></html>", "html"), Program("<p>a</p>", "html")
    scores = [score(page, page, ["treebleu"]), score(page, bare, ["treebleu"]), score(page, page, ["bleu"])]
    samples = samples_of(scores, "treebleu", "treebleu")
    assert samples == [1.0, "the candidate has no <html>; WebCode2M drops such pairs", "treebleu was not computed"]
    assert aggregate(samples, "webcode2m").n == 1
