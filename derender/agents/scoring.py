"""How good a rendering is, as far as the loop may know."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from derender.core import Rendering, UnknownName
from derender.metrics import Metric, Part, Scores, get_metric, observe, score

if TYPE_CHECKING:
    from derender.metrics import Source


@dataclass(frozen=True, slots=True)
class Score:
    """One number about a rendering.

    Attributes:
        name: what it is called: ``ssim``.
        value: as the metric or judge gives it; None where there is none.
        worth: the same turned so that more is better; None where there is none.
        unscored: why there is none.
    """

    name: str
    value: float | None = None
    worth: float | None = None
    unscored: str | None = None


Scorer: TypeAlias = Callable[[Rendering], Score]
"""Gives a rendering its score; also of a program that failed. What a judge says can be one: ``Score("judge", rating,
rating)``."""


class MetricScorer:
    """A metric as a scorer.

    Args:
        reference: the picture that is wanted.
        metric: its name, ``ssim``, by which its first part is meant, or with a part behind it, ``words.recall``.

    Raises:
        UnknownName: there is no such metric or part.
    """

    def __init__(self, reference: "Source", metric: str) -> None:
        self._metric, self._part = meant_by(metric)
        self._reference = observe(reference)
        self.name = metric

    def __call__(self, rendering: Rendering) -> Score:
        """The score of a rendering; of a failed program the worst one that there is."""
        return _of(score(self._reference, rendering, [self._metric]), self._metric, self._part, self.name)


def score_of(scores: Scores, metric: str) -> Score:
    """The score by one metric, or one part of it, out of those by several.

    Raises:
        UnknownName: there is no such metric or part.
    """
    return _of(scores, *meant_by(metric), metric)


def meant_by(metric: str) -> tuple[Metric, Part]:
    """The metric of a name, and its first part or the one behind the point.

    Raises:
        UnknownName: there is no such metric or part.
    """
    name, _, wanted = metric.partition(".")
    found = get_metric(name)
    parts = {part.name: part for part in found.parts}
    if wanted and wanted not in parts:
        raise UnknownName(f"part of {name}", wanted, parts)
    return found, parts[wanted] if wanted else found.parts[0]


def _of(scores: Scores, metric: Metric, part: Part, name: str) -> Score:
    value = scores.scores.get(metric.name, {}).get(part.name)
    if value is None:
        reasons = (scores.unscored.get(key) for key in (f"{metric.name}.{part.name}", metric.name))
        return Score(name, unscored=next(filter(None, reasons), "it means nothing for this picture"))
    return Score(name, value, _worth(part, value))


def _worth(part: Part, value: float) -> float:
    if part.ideal is not None:
        return -abs(value - part.ideal)
    return value if part.higher_is_better else -value
