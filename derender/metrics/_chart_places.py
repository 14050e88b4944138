"""Where data lie on the axes of the reference, so that two charts are compared in one measure."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar, cast

from ._charts import Axes, Axis, Series

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

T = TypeVar("T")

Place = Callable[["Numbers"], "Numbers"]


@dataclass(frozen=True, slots=True)
class Measure:
    """How places of data become places on the reference's axes.

    Attributes:
        reference: for each dimension, of the reference's data.
        candidate: for each, of the candidate's.
        round: whether x is an angle and y a distance from the middle.
        known: what was worked out of a series, for it is compared with many.
    """

    reference: tuple[Place, ...]
    candidate: tuple[Place, ...]
    round: bool
    known: dict[tuple[str, int, bool], Any] = field(default_factory=dict)

    def of_both(self, name: str, work: Callable[[Series, Measure, bool], T], one: Series, other: Series) -> list[T]:
        """What ``work`` gives for the reference's series and for the candidate's, worked out once for each."""
        found = []
        for series, ours in ((one, True), (other, False)):
            key = (name, id(series), ours)
            if key not in self.known:
                self.known[key] = work(series, self, ours)
            found.append(self.known[key])
        return found

    def places(self, ours: bool) -> tuple[Place, ...]:
        """Those of the reference, or of the candidate."""
        return self.reference if ours else self.candidate


def measure(reference: Axes, candidate: Axes) -> Measure:
    """The measure that two axes are compared in."""
    pairs = [
        _places(axis, candidate.axis[name], turns=reference.kind == "polar" and name == "x")
        for name, axis in reference.axis.items()
        if name in candidate.axis
    ]
    return Measure(tuple(one for one, _ in pairs), tuple(other for _, other in pairs), reference.kind == "polar")


def agreement_of_limits(reference: Axis, candidate: Axis) -> float:
    """Overlap of what two axes show, over what they show together; 0 where they run in opposite directions."""
    import numpy as np

    own, other = _places(reference, candidate, turns=False, in_order=True)
    with np.errstate(all="ignore"):
        a, b = own(np.array(reference.limits)), other(np.array(candidate.limits))
    if not (np.isfinite(a).all() and np.isfinite(b).all()) or (a[1] > a[0]) != (b[1] > b[0]):
        return 0.0
    shared = min(a.max(), b.max()) - max(a.min(), b.min())
    whole = max(a.max(), b.max()) - min(a.min(), b.min())
    return float(np.clip(shared / whole, 0, 1)) if whole > 0 else 1.0


def _places(reference: Axis, candidate: Axis, *, turns: bool, in_order: bool = False) -> tuple[Place, Place]:
    """Where data of either side lie on the reference's axis.

    Plain numbers and dates lie where they are. Where ticks bear names, data lie beside the tick of the same name, so
    that bars count the same at 0, 1, 2, at 1, 2, 3 and in another order; ``in_order`` refuses the last. Failing that,
    beside the tick of the same rank, or at the same place of the picture.
    """
    import numpy as np

    own = _scaled(reference, turns)
    if reference.units == candidate.units and not (reference.named or candidate.named):
        return own, own
    known = {text: place for place, text in reversed(reference.ticks)}
    shared = [(place, known[text]) for place, text in candidate.ticks if text in known]
    if in_order and not (np.diff([here for _, here in sorted(shared)]) > 0).all():
        shared = []
    if len(shared) >= min(2, len(known)) and shared:
        return own, lambda values: own(_by_ticks(values, shared))
    if reference.units == candidate.units == "category":
        return own, own
    if reference.named and candidate.named and len(reference.ticks) == len(candidate.ticks):
        by_number = [(there, here) for (here, _), (there, _) in zip(reference.ticks, candidate.ticks, strict=True)]
        return own, lambda values: own(_by_ticks(values, by_number))
    return own, lambda values: own(_as_seen(values, candidate, reference))


def _scaled(axis: Axis, turns: bool) -> Place:
    import numpy as np

    if turns:
        return lambda values: values / (2 * math.pi)
    on_scale = _log if axis.scale == "log" else (_symlog if axis.scale == "symlog" else _linear)
    ends = on_scale(np.array(axis.limits))
    low, length = float(ends.min()), float(ends.max() - ends.min())
    if not math.isfinite(low) or not 0 < length < math.inf:
        low, length = 0.0, 1.0
    return lambda values: (on_scale(values) - low) / length


def _linear(values: Numbers) -> Numbers:
    return values


def _log(values: Numbers) -> Numbers:
    import numpy as np

    return np.log10(np.maximum(values, 1e-300))


def _symlog(values: Numbers) -> Numbers:
    import numpy as np

    return np.arcsinh(values)


def _by_ticks(values: Numbers, shared: list[tuple[float, float]]) -> Numbers:
    """Data places by the nearest tick whose text the reference has too, and their distance from it."""
    import numpy as np

    theirs, ours = np.array(shared, float).T
    nearest = np.abs(values[:, None] - theirs[None, :]).argmin(axis=1)
    pitch = _pitch(ours) / _pitch(theirs)
    return cast("Numbers", ours[nearest] + (values - theirs[nearest]) * pitch)


def _pitch(places: Numbers) -> float:
    import numpy as np

    steps = np.diff(np.unique(places))
    return float(np.median(steps)) if len(steps) else 1.0


def _as_seen(values: Numbers, own: Axis, other: Axis) -> Numbers:
    """Data of one axis as data of another that would be seen at the same place."""
    start, length = own.limits[0], own.limits[1] - own.limits[0] or 1.0
    return other.limits[0] + (values - start) / length * (other.limits[1] - other.limits[0])
