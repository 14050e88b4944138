"""How good a rendering is, as far as the loop may know."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from derender.core import Rendering, UnknownName
from derender.metrics import get_metric, observe, score

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
        name, _, part = metric.partition(".")
        self._metric = get_metric(name)
        parts = {each.name: each for each in self._metric.parts}
        if part and part not in parts:
            raise UnknownName(f"part of {name}", part, parts)
        self._part = parts[part] if part else self._metric.parts[0]
        self._reference = observe(reference)

    @property
    def name(self) -> str:
        """Metric and part: ``ssim``, ``words.recall``."""
        metric, part = self._metric.name, self._part.name
        return metric if part in {metric, self._metric.parts[0].name} else f"{metric}.{part}"

    def __call__(self, rendering: Rendering) -> Score:
        """The score of a rendering; of a failed program the worst one that there is."""
        scores = score(self._reference, rendering, [self._metric])
        value = scores.scores.get(self._metric.name, {}).get(self._part.name)
        if value is None:
            named = (f"{self._metric.name}.{self._part.name}", self._metric.name)
            reasons = (scores.unscored[name] for name in named if name in scores.unscored)
            return Score(self.name, unscored=next(reasons, "it means nothing for this picture"))
        return Score(self.name, value, self._worth(value))

    def _worth(self, value: float) -> float:
        if self._part.ideal is not None:
            return -abs(value - self._part.ideal)
        return value if self._part.higher_is_better else -value
