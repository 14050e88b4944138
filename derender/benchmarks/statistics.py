"""What may be said of models from many samples: means with intervals, differences, ranks, agreement with people.

Everything is bootstrapped. A resample is a row of counts, how often each sample was drawn; every statistic here is
computed of such rows by matrix products, so that ten thousand resamples of a thousand samples take about a second.

Axes: ``S`` samples, ``M`` models, ``B`` resamples. NaN is a sample without a score: it is left out, and counted.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from .correlations import kendall, pearson, spearman

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Numbers: TypeAlias = npt.NDArray[np.float64]

_AT_ONCE = 500_000
"""Numbers held at once while resampling."""


@dataclass(frozen=True, slots=True)
class Resampling:
    """How often is resampled, and how wide the interval is.

    Attributes:
        resamples: how many.
        seed: of NumPy's default generator.
        confidence: share of the resamples that the interval holds, by their percentiles.
    """

    resamples: int = 10_000
    seed: int = 42
    confidence: float = 0.95


DEFAULT = Resampling()


@dataclass(frozen=True, slots=True)
class Estimate:
    """A statistic of samples and how sure it is.

    Attributes:
        value: None where it is not defined: no samples, or a correlation with what doesn't vary.
        low: lower end of the percentile interval; None where no resample can differ from the samples.
        high: upper end.
        std: standard deviation over the resamples.
        mean: over the resamples.
        positive: share of the resamples in which it is above 0.
        n: samples it is of.
    """

    value: float | None
    low: float | None
    high: float | None
    std: float | None
    mean: float | None
    positive: float | None
    n: int


class Verdict(StrEnum):
    """What an interval of a difference says."""

    A_HIGHER = "model_a_higher"
    """All of it is above 0."""
    B_HIGHER = "model_b_higher"
    """All of it is below 0."""
    OVERLAP_ZERO = "overlap_zero"
    """0 lies in it, or they are too few: the samples don't tell which is better."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Two models on the samples that both have scores of.

    Attributes:
        mean_a: of those samples.
        mean_b: likewise.
        difference: mean of a minus b.
        a_wins: share of samples in which a scores more.
        b_wins: share in which b does.
        ties: share of the others.
        verdict: what the interval says. Of very few samples it says nothing: models that are equally good would too
            often have all of them on one side, as all of five have in one of sixteen cases.
    """

    mean_a: float
    mean_b: float
    difference: Estimate
    a_wins: float
    b_wins: float
    ties: float
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Ranks:
    """Where a model stands among others on the samples that all have scores of.

    Attributes:
        mean: of those samples.
        rank: by that mean; 1 is best. Of equals, the one named first is before.
        mean_rank: over the resamples.
        probabilities: of rank 1, 2, … M.
        n: samples that all models have scores of.
    """

    mean: float
    rank: int
    mean_rank: float
    probabilities: tuple[float, ...]
    n: int


class Correlation(StrEnum):
    """How well two scores agree, -1 to 1."""

    PEARSON = "pearson"
    """Along a straight line."""
    SPEARMAN = "spearman"
    """In their order: Pearson's of the ranks, equals having the mean of theirs."""
    KENDALL = "kendall"
    """In their order, pair by pair: tau-b, which allows for ties. Many levels of both take S × S memory."""


def micro_mean(values: Sequence[float], how: Resampling = DEFAULT) -> Estimate:
    """The mean of all samples; samples are drawn from all of them."""
    import numpy as np

    scored = _scored(np.asarray(values, np.float64))
    return _estimate(lambda counts: counts @ scored / max(1, scored.size), [np.arange(scored.size)], how)


def macro_mean(values: Sequence[float], groups: Sequence[str], how: Resampling = DEFAULT) -> Estimate:
    """The mean of the groups' means; samples are drawn within each group, so that the interval is of this very mean.

    Raises:
        ValueError: there are not as many groups as values.
    """
    import numpy as np

    if len(values) != len(groups):
        raise ValueError(f"{len(values)} values have {len(groups)} groups")
    numbers, names = np.asarray(values, np.float64), np.asarray(groups)
    keep = ~np.isnan(numbers)
    numbers, names = numbers[keep], names[keep]
    strata = [np.flatnonzero(names == name) for name in dict.fromkeys(names.tolist())]
    weights = np.zeros(numbers.size)
    for stratum in strata:
        weights[stratum] = 1 / (stratum.size * len(strata))
    return _estimate(lambda counts: counts @ (weights * numbers), strata, how)


def paired_difference(a: Sequence[float], b: Sequence[float], how: Resampling = DEFAULT) -> Difference:
    """How two models differ, sample by sample.

    Args:
        a: S scores.
        b: S scores of the same samples.
        how: the bootstrap.

    Raises:
        ValueError: the two are not of the same samples, or no sample has both scores.
    """
    import numpy as np

    both = _complete(np.column_stack([np.asarray(a, np.float64), np.asarray(b, np.float64)]))
    differences = both[:, 0] - both[:, 1]
    # Ratings have one decimal: what binary fractions leave over is no difference.
    signs = np.where(np.abs(differences) < 1e-9, 0, np.sign(differences))
    found = micro_mean(differences.tolist(), how)
    mean_a, mean_b = (float(mean) for mean in both.mean(axis=0))
    a_wins, b_wins, ties = (float(np.mean(signs == sign)) for sign in (1, -1, 0))
    return Difference(mean_a, mean_b, found, a_wins, b_wins, ties, _verdict(found, how))


def rank_stability(scores: Sequence[Sequence[float]], how: Resampling = DEFAULT) -> list[Ranks]:
    """How sure each model's place is.

    Args:
        scores: M models' scores of the same S samples.
        how: the bootstrap; all models get the same resamples.

    Raises:
        ValueError: models are of different samples, or no sample has all scores.
    """
    import numpy as np

    complete = _complete(np.column_stack([np.asarray(each, np.float64) for each in scores]))
    size, models = complete.shape
    seen = np.zeros((models, models))
    for counts in _resamples([np.arange(size)], how):
        ranks = _ranks(counts @ complete / size)
        seen += np.stack([(ranks == rank).sum(axis=0) for rank in range(1, models + 1)], axis=1)
    shares = seen / how.resamples
    means = complete.mean(axis=0)
    observed = _ranks(means[None, :])[0]
    mean_ranks = shares @ np.arange(1, models + 1)
    return [
        Ranks(float(means[i]), int(observed[i]), float(mean_ranks[i]), tuple(map(float, shares[i])), size)
        for i in range(models)
    ]


def correlation(x: Sequence[float], y: Sequence[float], kind: Correlation, how: Resampling = DEFAULT) -> Estimate:
    """How well two scores of the same samples agree; samples that lack one are left out.

    Raises:
        ValueError: the two are not of the same samples.
    """
    import numpy as np

    columns = np.column_stack([np.asarray(x, np.float64), np.asarray(y, np.float64)])
    pairs = columns[~np.isnan(columns).any(axis=1)]
    measure = _MEASURES[kind](pairs[:, 0], pairs[:, 1])
    return _estimate(measure, [np.arange(len(pairs))], how)


def correlation_difference(
    people: Sequence[float],
    ours: Sequence[float],
    other: Sequence[float],
    kind: Correlation,
    how: Resampling = DEFAULT,
) -> Estimate:
    """How much better ``ours`` agrees with people than another score does, on the samples that have all three.

    Raises:
        ValueError: the three are not of the same samples.
    """
    import numpy as np

    columns = np.column_stack([np.asarray(each, np.float64) for each in (people, ours, other)])
    rows = columns[~np.isnan(columns).any(axis=1)]
    one, two = (_MEASURES[kind](rows[:, 0], rows[:, column]) for column in (1, 2))
    return _estimate(lambda counts: one(counts) - two(counts), [np.arange(len(rows))], how)


def _scored(values: "Numbers") -> "Numbers":
    import numpy as np

    return values[~np.isnan(values)]


def _complete(columns: "Numbers") -> "Numbers":
    import numpy as np

    rows = columns[~np.isnan(columns).any(axis=1)]
    if not len(rows):
        raise ValueError("no sample has a score of every model")
    return rows


def _estimate(
    statistic: "Callable[[Numbers], Numbers]", strata: "list[npt.NDArray[np.int64]]", how: Resampling
) -> Estimate:
    """A statistic of rows of counts, on the samples as they are and on resamples within strata."""
    import numpy as np

    size = sum(stratum.size for stratum in strata)
    if not size:
        return Estimate(None, None, None, None, None, None, 0)
    value = float(statistic(np.ones((1, size)))[0])
    found = np.concatenate([statistic(counts) for counts in _resamples(strata, how)])
    found = found[~np.isnan(found)]
    # Where each stratum has one sample every resample is the samples themselves, which is no certainty.
    if np.isnan(value) or not found.size or all(stratum.size == 1 for stratum in strata):
        return Estimate(None if np.isnan(value) else value, None, None, None, None, None, size)
    outside = (1 - how.confidence) / 2
    low, high = np.quantile(found, [outside, 1 - outside])
    positive = float(np.mean(found > 0))
    return Estimate(value, float(low), float(high), float(found.std()), float(found.mean()), positive, size)


def _resamples(strata: "list[npt.NDArray[np.int64]]", how: Resampling) -> "Iterator[Numbers]":
    """Rows of counts, some resamples at a time: b × S; each stratum is drawn from by itself."""
    import numpy as np

    size = sum(stratum.size for stratum in strata)
    random = np.random.default_rng(how.seed)
    left = how.resamples
    while left > 0:
        rows = min(left, max(1, _AT_ONCE // size))
        counts = np.zeros((rows, size))
        for stratum in strata:
            drawn = random.integers(stratum.size, size=(rows, stratum.size))
            drawn += stratum.size * np.arange(rows)[:, None]
            told = np.bincount(drawn.ravel(), minlength=rows * stratum.size)
            counts[:, stratum] = told.reshape(rows, stratum.size)
        yield counts
        left -= rows


def _verdict(difference: Estimate, how: Resampling) -> Verdict:
    # Percentiles of a few samples that all lie on one side lie there too, whatever chance there was of that.
    if 2.0 ** (1 - difference.n) > 1 - how.confidence:
        return Verdict.OVERLAP_ZERO
    if difference.low is not None and difference.low > 0:
        return Verdict.A_HIGHER
    if difference.high is not None and difference.high < 0:
        return Verdict.B_HIGHER
    return Verdict.OVERLAP_ZERO


def _ranks(means: "Numbers") -> "npt.NDArray[np.int64]":
    """Rows of means to rows of ranks, 1 for the highest."""
    import numpy as np

    # Sums of the same ratings in another order differ in their last bits: no model is better by that.
    order = np.argsort(-np.round(means, 9), axis=1, kind="stable")
    return np.argsort(order, axis=1, kind="stable") + 1


_MEASURES = {Correlation.PEARSON: pearson, Correlation.SPEARMAN: spearman, Correlation.KENDALL: kendall}
