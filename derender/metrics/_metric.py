"""What a metric is, as data.

A metric is a pure function over the `Facts` of a reference and a candidate, beside everything a table, a report or a
reward must know of it. `metric` makes one out of such a function; defining it in a module of this package is all it
takes to be found.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NotRequired, Required, TypedDict, Unpack

from ._facts import Fact, Facts, size

Values = Mapping[str, float | None]
"""Part → value; None for a part that means nothing for these pictures."""


@dataclass(frozen=True, slots=True)
class Part:
    """One number of a metric.

    Attributes:
        name: unique within the metric.
        low: the least value there can be.
        high: the greatest; may be infinite.
        higher_is_better: which way is better.
        unit: such as ``dB``; empty for a share or a plain number.
    """

    name: str
    low: float = 0.0
    high: float = 1.0
    higher_is_better: bool = True
    unit: str = ""

    @property
    def best(self) -> float:
        """The bound that equal pictures reach; may be infinite."""
        return self.high if self.higher_is_better else self.low

    @property
    def at_failure(self) -> float | None:
        """What a program that drew nothing gets: 0 where higher is better, else the worst bound; None if infinite."""
        worst = max(self.low, 0.0) if self.higher_is_better else self.high
        return worst if math.isfinite(worst) else None


@dataclass(frozen=True, slots=True)
class Metric:
    """A way to compare a candidate with a reference.

    Attributes:
        name: unique; what users write.
        parts: the numbers it gives, the headline first.
        compare: (reference, candidate) → value of each part; raises `Unscorable` where there is nothing to compare.
        needs: the facts `compare` reads, of both sides.
        source: the paper or definition it follows.
        cost_ms: typical milliseconds for a candidate of 1024x768 on one core, the reference's facts being known.
        same_size: whether the candidate is brought to the reference's size first.
        symmetric: whether the sides may be swapped, sizes being equal.
        default: whether it is computed when nobody names metrics.
    """

    name: str
    parts: tuple[Part, ...]
    compare: Callable[[Facts, Facts], Values]
    needs: tuple[Fact[Any], ...]
    source: str
    cost_ms: float
    same_size: bool = False
    symmetric: bool = False
    default: bool = True

    @property
    def summary(self) -> str:
        """What it tells, in one line."""
        return (self.compare.__doc__ or "").partition("\n")[0]

    def __call__(self, reference: Facts, candidate: Facts) -> dict[str, float | None]:
        """The value of each part.

        Raises:
            Unscorable: these pictures can't be compared so; the message says why.
            Missing: a package or model it needs is absent.
            ValueError: the metric broke its own declaration.
        """
        if self.same_size:
            candidate = candidate.at(reference[size])
        values = self.compare(reference, candidate)
        if values.keys() != {part.name for part in self.parts}:
            raise ValueError(f"metric {self.name} gave the parts {', '.join(values)}, not those it declares")
        return {part.name: self._checked(part, values[part.name]) for part in self.parts}

    def _checked(self, part: Part, value: float | None) -> float | None:
        # A NaN fails the comparison too, so whatever passes can be written as JSON.
        if value is not None and not (part.low <= value <= part.high and math.isfinite(value)):
            raise ValueError(f"metric {self.name} gave {part.name}={value}, outside {part.low}..{part.high}")
        return value


class Traits(TypedDict):
    """The fields of a `Metric` that `metric` takes by name; described there."""

    needs: Required[tuple[Fact[Any], ...]]
    source: Required[str]
    cost_ms: Required[float]
    same_size: NotRequired[bool]
    symmetric: NotRequired[bool]
    default: NotRequired[bool]


def metric(
    name: str, parts: tuple[Part, ...], **traits: Unpack[Traits]
) -> Callable[[Callable[[Facts, Facts], Values]], Metric]:
    """Make a function over facts a `Metric`; see there for the traits."""
    return lambda compare: Metric(name=name, parts=parts, compare=compare, **traits)
