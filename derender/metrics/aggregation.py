"""Means over many samples as papers take them, which always say what they were taken over.

Papers differ in what a sample without a score counts: nothing at all, so that models which fail often look better than
they are, or 0. A `Rule` is a paper's way; `aggregate` applies it and tells how many samples were left out or counted
as 0, and why. A sample is a number or the reason (a text) why there is none.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from statistics import fmean, median
from types import MappingProxyType
from typing import TypeAlias

from derender.core import UnknownName

from ._scores import Scores

Sample: TypeAlias = "float | str"
Row: TypeAlias = "Mapping[str, Sample] | str"

RESAMPLES = 1000
CONFIDENCE = 0.95


class Absent(StrEnum):
    """What a sample without a score counts."""

    LEFT_OUT = "left_out"
    """Nothing: the mean is over the others."""
    ZERO = "zero"
    """0, be that the best or the worst value."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How a paper takes its means.

    Attributes:
        absent: what a sample without a score counts.
        source: whose rule it is, and what follows of it.
        whole_rows: whether a sample that lacks one part of its score counts as lacking all.
    """

    absent: Absent
    source: str
    whole_rows: bool = False


RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "scored": Rule(Absent.LEFT_OUT, "derender: what can't be scored by no fault of the program is left out"),
        "image2struct": Rule(Absent.ZERO, "Image2Struct: a failed compilation or metric is 0"),
        "design2code": Rule(Absent.ZERO, "Design2Code: a page without a result is 0 in every column"),
        "chartmimic": Rule(Absent.ZERO, "ChartMimic: sums what passed the checker and divides by all there are"),
        "designbench": Rule(Absent.ZERO, "DesignBench: what doesn't compile is 0, in the MAE too, where 0 is best"),
        "webcode2m": Rule(Absent.LEFT_OUT, "WebCode2M: whatever raises an error in any part is left out of all", True),
        "unisvg": Rule(Absent.LEFT_OUT, "UniSVG: what CairoSVG can't draw within a minute is left out", True),
        "starvector": Rule(Absent.LEFT_OUT, "StarVector: NaN and errors are left out"),
        "artifactsbench": Rule(Absent.LEFT_OUT, "ArtifactsBench: replies of the judge that can't be read are left out"),
        "pandasplotbench": Rule(Absent.ZERO, "PandasPlotBench: replies of the judge that can't be read are 0"),
    }
)


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A mean and what it is of.

    Attributes:
        n: samples that the sum was divided by.
        mean: None where n is 0.
        dropped: reason → how many samples were left out for it.
        zeros: reason → how many samples counted as 0 for it; these are among the n.
        interval: between which the mean lies with 95 % confidence, by the percentile bootstrap; None where n is 0.
    """

    n: int
    mean: float | None
    dropped: Mapping[str, int] = field(default_factory=dict)
    zeros: Mapping[str, int] = field(default_factory=dict)
    interval: tuple[float, float] | None = None

    def __str__(self) -> str:
        said = [f"no mean, n = {self.n}"]
        if self.mean is not None and self.interval is not None:
            said = [f"{self.mean:.4f} ({self.interval[0]:.4f} to {self.interval[1]:.4f}), n = {self.n}"]
        for counts, what in ((self.dropped, "left out"), (self.zeros, "counted as 0")):
            reasons = ", ".join(f"{reason} ({count})" for reason, count in counts.items())
            said += [f"{sum(counts.values())} {what}: {reasons}"] if counts else []
        return "; ".join(said)


def get_rule(name: str) -> Rule:
    """The rule of a paper, by its name in small letters.

    Raises:
        UnknownName: there is none.
    """
    if name not in RULES:
        raise UnknownName("rule", name, RULES)
    return RULES[name]


def aggregate(
    samples: Iterable[Sample], rule: Rule | str = "scored", *, of: int | None = None, seed: int = 0
) -> Aggregate:
    """The mean of samples by a rule.

    Args:
        samples: numbers, or reasons why there are none.
        rule: a paper's, or its name.
        of: how many samples there should be; those not given are absent too.
        seed: of the bootstrap.

    Raises:
        UnknownName: no rule has that name.
        ValueError: more samples than there should be, or a number that is not finite.
    """
    rule = get_rule(rule) if isinstance(rule, str) else rule
    given = [*samples]
    if of is not None and len(given) > of:
        raise ValueError(f"{len(given)} samples were given, of {of}")
    given += ["not given"] * ((of or len(given)) - len(given))
    reasons = Counter(sample for sample in given if isinstance(sample, str))
    if rule.absent is Absent.LEFT_OUT:
        numbers = [float(sample) for sample in given if not isinstance(sample, str)]
        return _of_numbers(numbers, seed, dropped=reasons)
    return _of_numbers([0.0 if isinstance(sample, str) else float(sample) for sample in given], seed, zeros=reasons)


def aggregate_rows(rows: Iterable[Row], rule: Rule | str = "scored", *, of: int | None = None) -> dict[str, Aggregate]:
    """The mean of each part, by a rule, of samples with several parts; a row may be the reason why it has none at all.

    Raises:
        UnknownName: no rule has that name.
        ValueError: more rows than there should be, or a number that is not finite.
    """
    rule = get_rule(rule) if isinstance(rule, str) else rule
    given = [_whole(row) if rule.whole_rows else row for row in rows]
    parts = dict.fromkeys(part for row in given if not isinstance(row, str) for part in row)
    return {part: aggregate([_part(row, part) for row in given], rule, of=of) for part in parts}


def samples_of(scores: Iterable[Scores], metric: str, part: str) -> list[Sample]:
    """One part of a metric in each of many scores, or why it has no value."""
    return [_of_scores(each, metric, part) for each in scores]


def chartmimic_overall(low_level: Sequence[Sample], high_level: Sequence[Sample], of: int) -> dict[str, Aggregate]:
    """ChartMimic's three figures, 0 to 100: low-level (mean of four F1), high-level (a judge's), overall (their mean).

    Args:
        low_level: mean of the four F1 of each chart, 0 to 1; a reason for those that failed the checker.
        high_level: the judge's score of each of the same charts, 0 to 100.
        of: how many charts the split has; all three are divided by it.

    Raises:
        ValueError: the two don't belong together, or there are more than the split has.
    """
    low = [sample if isinstance(sample, str) else 100 * sample for sample in low_level]
    both = [(_or_zero(one) + _or_zero(other)) / 2 for one, other in zip(low, high_level, strict=True)]
    columns = {"low_level": low, "high_level": high_level, "overall": both}
    return {name: aggregate(column, "chartmimic", of=of) for name, column in columns.items()}


def unisvg_score(rows: Iterable[Row]) -> Aggregate:
    """UniSVG's score of drawings, 0.2 SSIM + 0.2 (1 - LPIPS) + 0.6 CLIP, over the drawings that were not left out.

    Rows have the parts ``ssim``, ``lpips`` and ``clip``; an answer without a drawing has 0, 1, 0 there, and so has one
    of another size than the reference.
    """
    whole = (_whole(row) for row in rows)
    return aggregate(
        [
            row if isinstance(row, str) else 0.2 * row["ssim"] + 0.2 * (1 - row["lpips"]) + 0.6 * row["clip"]
            for row in whole
        ],
        "unisvg",
    )


@dataclass(frozen=True, slots=True)
class PlotScores:
    """PandasPlotBench's figures of a judge's scores, 0 to 100.

    Attributes:
        mean: cut off to a whole number, as there.
        median: cut off likewise.
        good: share of scores of 75 and more.
        bad: share of scores up to 25.
        n: plots.
        zeros: reason → how many counted as 0 for it.
    """

    mean: int
    median: int
    good: float
    bad: float
    n: int
    zeros: Mapping[str, int]


def pandasplotbench_scores(samples: Iterable[Sample]) -> PlotScores:
    """PandasPlotBench's figures; a plot without a score counts as 0.

    Raises:
        ValueError: there are no samples.
    """
    given = [*samples]
    numbers = [_or_zero(sample) for sample in given]
    if not numbers:
        raise ValueError("there are no plots to take figures of")
    good, bad = (sum(map(test, numbers)) / len(numbers) for test in (lambda x: x >= 75, lambda x: x <= 25))
    zeros = Counter(sample for sample in given if isinstance(sample, str))
    return PlotScores(int(fmean(numbers)), int(median(numbers)), good, bad, len(numbers), zeros)


def bootstrap_interval(numbers: Sequence[float], seed: int = 0) -> tuple[float, float] | None:
    """Between which the mean lies with 95 % confidence, by the percentile bootstrap; None of no numbers."""
    import numpy as np

    if not numbers:
        return None
    values, random = np.asarray(numbers, np.float64), np.random.default_rng(seed)
    means = [float(random.choice(values, values.size).mean()) for _ in range(RESAMPLES)]
    low, high = np.quantile(means, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return float(low), float(high)


def _of_numbers(
    numbers: list[float],
    seed: int,
    *,
    dropped: Mapping[str, int] | None = None,
    zeros: Mapping[str, int] | None = None,
) -> Aggregate:
    import math

    if not all(map(math.isfinite, numbers)):
        raise ValueError("a sample is not a finite number; give the reason why it has no score instead")
    mean = fmean(numbers) if numbers else None
    return Aggregate(len(numbers), mean, dict(dropped or {}), dict(zeros or {}), bootstrap_interval(numbers, seed))


def _whole(row: Row) -> "Mapping[str, float] | str":
    """The row, or why one of its parts is absent."""
    if isinstance(row, str):
        return row
    numbers = {part: value for part, value in row.items() if not isinstance(value, str)}
    return numbers if len(numbers) == len(row) else next(value for value in row.values() if isinstance(value, str))


def _part(row: Row, part: str) -> Sample:
    return row if isinstance(row, str) else row.get(part, f"no {part}")


def _of_scores(scores: Scores, metric: str, part: str) -> Sample:
    if metric in scores.scores:
        value = scores.scores[metric].get(part)
        if value is not None:
            return value
        return scores.unscored.get(f"{metric}.{part}", f"{metric}.{part} means nothing for the reference")
    return scores.unscored.get(metric, f"{metric} was not computed")


def _or_zero(sample: Sample) -> float:
    return 0.0 if isinstance(sample, str) else float(sample)
