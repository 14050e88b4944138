"""Statistics, each against SciPy's or one worked out by hand."""

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from derender.benchmarks.statistics import (
    Correlation,
    Resampling,
    Verdict,
    correlation,
    correlation_difference,
    macro_mean,
    micro_mean,
    paired_difference,
    rank_stability,
)

FEW = Resampling(resamples=500)
NAN = float("nan")
TIED = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=3, max_size=30)
SCIPY = {
    Correlation.PEARSON: scipy.stats.pearsonr,
    Correlation.SPEARMAN: scipy.stats.spearmanr,
    Correlation.KENDALL: scipy.stats.kendalltau,
}


@pytest.mark.parametrize("kind", Correlation)
@given(pairs=TIED)
@settings(max_examples=40, deadline=None)
def test_correlations_are_scipys(kind, pairs):
    x, y = (list(map(float, column)) for column in zip(*pairs, strict=True))
    found = correlation(x, y, kind, Resampling(resamples=3)).value
    if len(set(x)) == 1 or len(set(y)) == 1:
        assert found is None
    else:
        assert found == pytest.approx(SCIPY[kind](x, y).statistic, abs=1e-12)


@pytest.mark.parametrize("people", [True, False], ids=["few levels", "a level a sample"])
@pytest.mark.parametrize("kind", Correlation)
def test_a_resample_by_counts_is_the_resample_itself(kind, people):
    random = np.random.default_rng(1)
    x, y = random.integers(0, 6, 40) / 1.0, random.integers(0, 6, 40) + random.normal(0, 1, 40)
    if not people:
        x += random.normal(0, 1, 40)
    # The one resample of this bootstrap, drawn again as it draws it.
    drawn = np.random.default_rng(7).integers(40, size=(1, 40))[0]
    found = correlation(x, y, kind, Resampling(resamples=1, seed=7))
    assert found.mean == pytest.approx(SCIPY[kind](x[drawn], y[drawn]).statistic, abs=1e-12)


@pytest.mark.parametrize("kind", Correlation)
@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
def test_correlations_know_no_scale_and_nothing_that_does_not_vary(kind, scale):
    x, y = np.array([0.1, 0.2, 0.4, 0.3, 0.7]), np.array([1.0, 3.0, 2.0, 5.0, 4.0])
    found = correlation(x * scale + scale, y / scale, kind, FEW)
    assert found.value == pytest.approx(SCIPY[kind](x, y).statistic, abs=1e-9)
    assert -1 <= found.low <= found.high <= 1 + 1e-12
    assert correlation([0.1 * scale] * 5, y, kind, FEW).value is None


def test_micro_is_of_samples_and_macro_of_groups_each_inside_its_own_interval():
    values, groups = [5.0] * 90 + [1.0, 2.0] * 5, ["large"] * 90 + ["small"] * 10
    micro, macro = micro_mean(values, FEW), macro_mean(values, groups, FEW)
    assert micro.value == pytest.approx(4.65)
    assert macro.value == pytest.approx(3.25)
    assert micro.low < micro.value < micro.high
    # The large group doesn't vary, the small one between 1 and 2.
    assert 3.0 < macro.low < 3.25 < macro.high < 3.5


def test_the_interval_of_a_mean_is_as_wide_as_theory_says():
    values = np.random.default_rng(0).normal(2, 1, 400)
    found = micro_mean(values)
    assert found.std == pytest.approx(values.std() / 20, rel=0.03)
    assert found.high - found.low == pytest.approx(2 * 1.96 * values.std() / 20, rel=0.03)
    assert micro_mean(values) == found


def test_what_has_no_score_is_left_out_and_counted():
    assert micro_mean([1.0, NAN, 3.0], FEW).n == 2
    assert macro_mean([1.0, NAN, 3.0], ["a", "a", "b"], FEW).value == 2.0
    assert micro_mean([], FEW).value is None
    assert macro_mean([NAN], ["a"], FEW).n == 0
    with pytest.raises(ValueError, match="2 values have 1 groups"):
        macro_mean([1.0, 2.0], ["a"], FEW)


def test_a_pair_of_models_on_the_samples_both_have():
    found = paired_difference([1.0, 2.0, 3.0, NAN, 0.1 + 0.2], [0.0, 3.0, 1.0, 9.0, 0.3], FEW)
    assert found.difference.n == 4
    assert found.difference.value == pytest.approx(0.5)
    assert (found.a_wins, found.b_wins, found.ties) == (0.5, 0.25, 0.25)
    assert found.verdict is Verdict.OVERLAP_ZERO
    better = paired_difference([4.0, 5.0, 4.5] * 2, [1.0, 2.0, 0.5] * 2, FEW)
    assert better.verdict is Verdict.A_HIGHER and better.difference.positive == 1
    assert paired_difference([1.0, 2.0] * 3, [4.0, 5.0] * 3, FEW).verdict is Verdict.B_HIGHER
    with pytest.raises(ValueError, match="no sample"):
        paired_difference([NAN, 1.0], [1.0, NAN], FEW)


@pytest.mark.parametrize("size", [2, 3, 5])
def test_a_few_samples_on_one_side_tell_no_model_from_another(size):
    found = paired_difference([4.0, 4.5, 5.0, 3.0, 2.0][:size], [1.0] * size, FEW)
    assert found.difference.low > 0
    assert found.verdict is Verdict.OVERLAP_ZERO


@pytest.mark.parametrize("size", [2, 5, 8, 40])
def test_equally_good_models_are_seldom_told_apart(size):
    random = np.random.default_rng(4)
    told = [paired_difference(*random.normal(size=(2, size)), FEW).verdict for _ in range(200)]
    assert sum(verdict is not Verdict.OVERLAP_ZERO for verdict in told) <= 0.2 * len(told)


def test_a_value_is_told_where_no_resample_has_one():
    # The only resample draws one of the two samples twice, and nothing varies in it.
    seeds = (seed for seed in range(100) if np.unique(np.random.default_rng(seed).integers(2, size=2)).size == 1)
    found = correlation([1.0, 2.0], [1.0, 2.0], Correlation.PEARSON, Resampling(resamples=1, seed=next(seeds)))
    assert (found.value, found.low, found.n) == (pytest.approx(1.0), None, 2)


def test_of_equals_the_one_named_first_is_before_whatever_their_sums_last_bits_say():
    for scores in ([[0.3, 0.0], [0.1, 0.2]], [[0.1, 0.2], [0.3, 0.0]]):
        assert [place.rank for place in rank_stability(scores, FEW)] == [1, 2]


def test_ranks_are_certain_where_models_are_far_apart():
    random = np.random.default_rng(3)
    scores = [random.normal(mean, 1, 200) for mean in (1.0, 4.0, 3.95)]
    scores[0][5] = NAN
    worst, one, other = rank_stability(scores, FEW)
    assert worst.rank == 3 and worst.probabilities == (0.0, 0.0, 1.0) and worst.n == 199
    assert {one.rank, other.rank} == {1, 2}
    assert 0 < one.probabilities[0] < 1
    assert one.probabilities[0] + other.probabilities[0] == pytest.approx(1)
    assert one.mean_rank == pytest.approx(one.probabilities[0] + 2 * one.probabilities[1])


def test_a_difference_of_correlations_is_of_the_samples_with_all_three():
    people = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    found = correlation_difference(people, people, [2.0, 1.0, 4.0, 3.0, 6.0, NAN], Correlation.SPEARMAN, FEW)
    expected = 1 - scipy.stats.spearmanr(people[:5], [2, 1, 4, 3, 6]).statistic
    assert (found.value, found.n) == (pytest.approx(expected), 5)
    assert found.positive > 0.5
