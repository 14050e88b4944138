"""A run's ratings as Vision2Code sums them up, and what that says with its uncertainty.

The headline is the macro mean: of the datasets' means, each rounded to four decimals. A program that gives no picture
is rated 0; a sample whose rating failed is left out of every mean, and counted.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean

from derender.benchmarks.statistics import DEFAULT, Estimate, Resampling, macro_mean, micro_mean

from .sources import DomainMap, domain

BINS = ("0-1", "1-2", "2-3", "3-4", "4-5")


@dataclass(frozen=True, slots=True)
class Rated:
    """A sample's rating.

    Attributes:
        dataset: one of the fifteen.
        rendered: whether the program gave a picture; None where the machine failed and nobody can say.
        final: 0 to 5, 0 without a picture; None where there is no rating by no fault of the program.
        raw: the same before caps.
        categories: category of the rubric → 0 to 5.
        unscored: why there is no rating.
    """

    dataset: str
    rendered: bool | None
    final: float | None
    raw: float | None = None
    categories: Mapping[str, float] = field(default_factory=dict)
    unscored: str = ""


@dataclass(frozen=True, slots=True)
class Means:
    """Ratings of some samples.

    Attributes:
        n: samples.
        rated: those with a rating.
        drawn: those that the machine could try to draw.
        rendered: those of them whose program gave a picture.
        final: mean rating, four decimals; None where none is rated.
        raw: likewise, before caps.
        categories: likewise, of each category.
    """

    n: int
    rated: int
    drawn: int
    rendered: int
    final: float | None
    raw: float | None
    categories: Mapping[str, float]

    @property
    def render_rate(self) -> float:
        """Share of the samples that could be tried, rated or not, whose program gave a picture."""
        return self.rendered / self.drawn if self.drawn else 0.0


@dataclass(frozen=True, slots=True)
class Summary:
    """A run in numbers.

    Attributes:
        all: of all samples together: the micro means.
        datasets: of each dataset, in the order they came.
        domains: the mean of the datasets' means of each domain; not published, derived.
        score: the headline: the macro mean of final ratings; None where none is rated.
        raw_score: the same before caps.
        bins: how many ratings lie in which fifth; 5 belongs to the last.
        unscored: why ratings are missing → how many.
        macro: the headline without roundings, its interval by resampling within datasets.
        micro: mean of all ratings, its interval by resampling all.
    """

    all: Means
    datasets: Mapping[str, Means]
    domains: Mapping[str, float]
    score: float | None
    raw_score: float | None
    bins: Mapping[str, int]
    unscored: Mapping[str, int]
    macro: Estimate
    micro: Estimate


def summarise(samples: Iterable[Rated], domains: DomainMap = DomainMap.SITE, how: Resampling = DEFAULT) -> Summary:
    """Sum up a run.

    Raises:
        UnknownName: a dataset is none of the fifteen.
    """
    given = [*samples]
    names = dict.fromkeys(sample.dataset for sample in given)
    of_dataset = {name: _means([sample for sample in given if sample.dataset == name]) for name in names}
    scored = [(sample.dataset, sample.final) for sample in given if sample.final is not None]
    finals = [final for _, final in scored]
    binned = Counter(BINS[min(4, int(final))] for final in finals)
    return Summary(
        all=_means(given),
        datasets=of_dataset,
        domains=domain_means({name: each.final for name, each in of_dataset.items()}, domains),
        score=official_macro([each.final for each in of_dataset.values()]),
        raw_score=official_macro([each.raw for each in of_dataset.values()]),
        bins={name: binned[name] for name in BINS},
        unscored=Counter(sample.unscored or "no rating" for sample in given if sample.final is None),
        macro=macro_mean(finals, [name for name, _ in scored], how),
        micro=micro_mean(finals, how),
    )


def official_macro(means: Sequence[float | None]) -> float | None:
    """The mean of datasets' means, those and the result rounded to four decimals; datasets without any are left out."""
    return _rounded([round(mean, 4) for mean in means if mean is not None])


def domain_means(means: Mapping[str, float | None], domains: DomainMap = DomainMap.SITE) -> dict[str, float]:
    """Domain → the mean of its datasets' means.

    Raises:
        UnknownName: a dataset is none of the fifteen.
    """
    found: dict[str, list[float]] = {}
    for name, mean in means.items():
        if mean is not None:
            found.setdefault(domain(name, domains), []).append(mean)
    return {name: fmean(values) for name, values in sorted(found.items())}


def _means(samples: list[Rated]) -> Means:
    finals = [sample.final for sample in samples if sample.final is not None]
    raws = [sample.raw for sample in samples if sample.final is not None and sample.raw is not None]
    categories: dict[str, list[float]] = {}
    for sample in samples:
        for name, value in sample.categories.items():
            categories.setdefault(name, []).append(value)
    return Means(
        n=len(samples),
        rated=len(finals),
        drawn=sum(sample.rendered is not None for sample in samples),
        rendered=sum(sample.rendered is True for sample in samples),
        final=_rounded(finals),
        raw=_rounded(raws),
        categories={name: _rounded(values) or 0.0 for name, values in categories.items()},
    )


def _rounded(values: Sequence[float]) -> float | None:
    # Added up one by one, as the paper's Python does: more exact sums round some halves another way.
    total = 0.0
    for value in values:
        total += value
    return round(total / len(values), 4) if values else None
