"""Where models stand: one model's numbers, two models beside each other, and how sure the places are.

A standing is measured, made of the rows of a run, or published, read from the paper's tables. The two look alike and
say which they are; only ratings of the same samples by the same people are ever compared sample by sample.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import combinations
from typing import Any

from derender.benchmarks.statistics import DEFAULT, Resampling, Verdict, paired_difference, rank_stability
from derender.judges import Mode

from .score_table import score_table
from .sources import DomainMap
from .taxonomy import FailureClass


class Origin(StrEnum):
    """Where the numbers of a standing come from."""

    MEASURED = "measured"
    """From a run's own rows."""
    PUBLISHED = "published"
    """From the paper's tables."""


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean of ratings, 0 to 5, and its interval.

    Attributes:
        value: None where nothing is rated.
        low: lower end of the 95 % interval; None where there is none.
        high: upper end.
    """

    value: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class DatasetStanding:
    """A model on one dataset.

    Attributes:
        mean: of the ratings.
        n: samples.
        rated: those with a rating.
        tried: those that the machine could try to draw.
        rendered: those of them whose program gave a picture.
    """

    mean: Mean
    n: int
    rated: int
    tried: int
    rendered: int


@dataclass(frozen=True, slots=True)
class Standing:
    """A model on the leaderboard.

    Attributes:
        name: unique on a board.
        origin: measured or published.
        mode: by which formula.
        split: which samples; None where nobody said.
        judge: who rated; None where nobody said.
        macro: the headline: mean of the datasets' means.
        micro: mean of all ratings.
        as_zero: the headline if every sample without a rating were a zero; None where that is not known.
        samples: how many there are.
        rated: those with a rating.
        tried: those that the machine could try to draw.
        rendered: those of them whose program gave a picture.
        datasets: dataset → its own; those without a sample are left out.
        domains: domain → mean of its datasets' means.
        dropped: why samples have no rating → how many.
        why: the same → an example in a sentence.
        failures: how many programs gave no picture, by class; None where that is not known.
        rank: by the macro mean among those it may stand beside; None where there are none of them, or no mean.
    """

    name: str
    origin: Origin
    mode: Mode
    split: str | None
    judge: str | None
    macro: Mean
    micro: Mean
    as_zero: float | None
    samples: int
    rated: int
    tried: int
    rendered: int
    datasets: Mapping[str, DatasetStanding]
    domains: Mapping[str, float]
    dropped: Mapping[str, int] = field(default_factory=dict)
    why: Mapping[str, str] = field(default_factory=dict)
    failures: Mapping[FailureClass, int] | None = None
    rank: int | None = None

    @property
    def render_rate(self) -> float | None:
        """Share of the samples that could be tried whose program gave a picture; None where none could."""
        return self.rendered / self.tried if self.tried else None


@dataclass(frozen=True, slots=True)
class Pair:
    """Two models on the samples that both have ratings of.

    Attributes:
        a: one's name.
        b: the other's.
        n: samples.
        difference: mean of a minus b.
        a_wins: share of samples in which a is rated higher.
        b_wins: share in which b is.
        verdict: what the interval says.
    """

    a: str
    b: str
    n: int
    difference: Mean
    a_wins: float
    b_wins: float
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Place:
    """A model's rank among those it shares all samples with.

    Attributes:
        name: whose.
        rank: by the mean of those samples; 1 is best.
        mean: of those samples.
        mean_rank: over the resamples.
        probabilities: of rank 1, 2, …
        n: samples that all of them have ratings of.
    """

    name: str
    rank: int
    mean: float
    mean_rank: float
    probabilities: tuple[float, ...]
    n: int


def measured(
    name: str,
    rows: Sequence[Mapping[str, Any]],
    mode: Mode = Mode.OFFICIAL,
    *,
    split: str | None = None,
    judge: str | None = None,
) -> Standing:
    """The standing that follows from a run's rows.

    Args:
        name: the model's.
        rows: records of `scoring.Scored`.
        mode: which formula's ratings count.
        split: which samples.
        judge: who rated.

    Raises:
        UnknownName: a dataset is none of the fifteen.
    """
    table = score_table(rows, DomainMap.SITE)
    headline = table[mode.value]
    domains = {name: each[f"{mode.value}_macro"] for name, each in table["domains"].items()}
    return Standing(
        name=name,
        origin=Origin.MEASURED,
        mode=mode,
        split=split,
        judge=judge,
        macro=_mean(headline["benchmark_score_0_to_5"], headline["macro"]),
        micro=_mean(headline["mean_final_rating_0_to_5"], headline["micro"]),
        as_zero=headline["benchmark_score_if_dropped_were_0"],
        samples=table["samples"],
        rated=table["rated"],
        tried=table["render_success"]["tried"],
        rendered=table["render_success"]["ok"],
        datasets={name: _dataset(each, mode) for name, each in table["datasets"].items()},
        domains={name: mean for name, mean in domains.items() if mean is not None},
        dropped=table["dropped"],
        why=table["why"],
        failures={FailureClass(kind): count for kind, count in table["failures"][mode.value].items()},
    )


def _dataset(each: Mapping[str, Any], mode: Mode) -> DatasetStanding:
    mean = _mean(each[mode.value], each[f"{mode.value}_interval"])
    return DatasetStanding(mean, each["n"], each["rated"], each["tried"], each["rendered"])


def _mean(value: float | None, interval: Mapping[str, float | None]) -> Mean:
    return Mean(value, interval["low"], interval["high"])


def ranked(standings: Iterable[Standing], beside: Container[str]) -> list[Standing]:
    """Models in the order of a board: those with a rank first, best first, then the others in the same way.

    Args:
        standings: in any order.
        beside: names of those whose headlines are of the same samples by the same formula; equal means share a rank.
    """
    in_order = sorted(standings, key=lambda each: (each.macro.value is None, -(each.macro.value or 0.0)))
    among = [each for each in in_order if each.name in beside and each.macro.value is not None]
    means = [each.macro.value for each in among]
    placed_ones = [replace(each, rank=means.index(each.macro.value) + 1) for each in among]
    return [*placed_ones, *(each for each in in_order if each not in among)]


def compared(ratings: Mapping[str, Mapping[str, float]], how: Resampling = DEFAULT) -> list[Pair]:
    """Every two models that have rated samples in common.

    Args:
        ratings: model → sample → rating, by the same formula.
        how: the bootstrap.
    """
    found = []
    for (a, of_a), (b, of_b) in combinations(ratings.items(), 2):
        both = sorted(of_a.keys() & of_b.keys())
        if both:
            told = paired_difference([of_a[name] for name in both], [of_b[name] for name in both], how)
            interval = Mean(told.difference.value, told.difference.low, told.difference.high)
            found.append(Pair(a, b, len(both), interval, told.a_wins, told.b_wins, told.verdict))
    return found


def placed(ratings: Mapping[str, Mapping[str, float]], how: Resampling = DEFAULT) -> list[Place]:
    """How sure each model's rank is, best first; none where fewer than two models have a rated sample in common.

    Args:
        ratings: model → sample → rating, by the same formula.
        how: the bootstrap.
    """
    # Models without any rating would leave no sample that all have.
    rated = {name: of for name, of in ratings.items() if of}
    shared = sorted(set.intersection(*map(set, rated.values()))) if len(rated) > 1 else []
    if not shared:
        return []
    ranks = rank_stability([[of[name] for name in shared] for of in rated.values()], how)
    places = [
        Place(name, each.rank, each.mean, each.mean_rank, each.probabilities, each.n)
        for name, each in zip(rated, ranks, strict=True)
    ]
    return sorted(places, key=lambda place: place.rank)


def overlapping(order: Sequence[str], pairs: Sequence[Pair]) -> list[tuple[str, ...]]:
    """Neighbours in an order of models that no interval tells apart, each group as long as it can be.

    Args:
        order: models, best first.
        pairs: what is known of them; two that no pair speaks of are in no group together.
    """
    alike = {frozenset((pair.a, pair.b)) for pair in pairs if pair.verdict is Verdict.OVERLAP_ZERO}
    found: list[tuple[str, ...]] = []
    for start in range(len(order)):
        end = start + 1
        while end < len(order) and all(frozenset((each, order[end])) in alike for each in order[start:end]):
            end += 1
        group = tuple(order[start:end])
        if len(group) > 1 and not any(set(group) <= set(other) for other in found):
            found.append(group)
    return found
