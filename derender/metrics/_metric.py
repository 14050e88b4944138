"""What a metric is, as data.

A metric is a pure function over the `Facts` of a reference and a candidate, beside everything a table, a report or a
reward must know of it. `metric` makes one out of such a function; defining it in a module of this package is all it
takes to be found.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NoReturn, NotRequired, Required, TypedDict, Unpack

from derender.core import DerenderError, UnknownName

from ._facts import Fact, Facts, size

Value = float | None | DerenderError
"""A part's value; None where it means nothing for these pictures, an error where it can't be had, saying why."""
Values = Mapping[str, Value]
"""Part → value."""
FAMILIES = (
    "pixels",
    "perceptual",
    "charts",
    "pages",
    "documents",
    "vector",
    "molecules",
    "music",
    "video",
    "scenes",
    "interaction",
    "code",
    "text",
)


class Mode(StrEnum):
    """Which of two definitions of a paper's metric is meant. Metrics without a paper's code have one only."""

    OFFICIAL = "official"
    """What the paper's published code computes, defects included."""
    FIXED = "fixed"
    """The same with the defects that the metric lists corrected."""

    @classmethod
    def _missing_(cls, value: object) -> NoReturn:
        raise UnknownName("mode", str(value), cls)


@dataclass(frozen=True, slots=True)
class Difference:
    """One way in which the two modes differ.

    Attributes:
        tag: a short name for it.
        official: what the published code does.
        fixed: what is done instead.
        example: one that shows it, with both results, in a line or two.
    """

    tag: str
    official: str
    fixed: str
    example: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One number of a metric.

    Attributes:
        name: unique within the metric.
        low: the least value there can be.
        high: the greatest; may be infinite.
        higher_is_better: which way is better, above `ideal` where there is one.
        unit: such as ``dB``; empty for a share or a plain number.
        ideal: what is best where neither bound is, such as no difference; values on either side are worse.
    """

    name: str
    low: float = 0.0
    high: float = 1.0
    higher_is_better: bool = True
    unit: str = ""
    ideal: float | None = None

    @property
    def best(self) -> float:
        """What equal pictures reach; may be infinite."""
        if self.ideal is not None:
            return self.ideal
        return self.high if self.higher_is_better else self.low

    @property
    def at_failure(self) -> float | None:
        """What a program that drew nothing gets: 0 where higher is better, else the worst bound; None if infinite."""
        worst = max(self.low, 0.0) if self.higher_is_better else self.high
        return worst if math.isfinite(worst) else None

    @property
    def bounds(self) -> str:
        """The range, for people: ``−1…1``, ``0…100 dB``."""
        return " ".join(filter(None, [f"{_written(self.low)}…{_written(self.high)}", self.unit]))

    @property
    def direction(self) -> str:
        """Which values are better, for people."""
        if self.ideal is not None:
            return f"{_written(self.ideal)} is best"
        return f"{'higher' if self.higher_is_better else 'lower'} is better"


def _written(bound: float) -> str:
    """A bound for people, with the signs of mathematics."""
    return f"{bound:g}".replace("inf", "∞").replace("-", "−").replace("e+0", "e")


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
        family: one of `FAMILIES`.
        same_size: whether the candidate is brought to the reference's size first.
        symmetric: whether the sides may be swapped, sizes being equal.
        default: whether it is computed when nobody names metrics.
        fixed: what takes the place of `compare` in the mode that corrects; None where nothing is to be corrected.
        differences: in what the two modes differ, one by one.
    """

    name: str
    parts: tuple[Part, ...]
    compare: Callable[[Facts, Facts], Values]
    needs: tuple[Fact[Any], ...]
    source: str
    cost_ms: float
    family: str = "pixels"
    same_size: bool = False
    symmetric: bool = False
    default: bool = True
    fixed: Callable[[Facts, Facts], Values] | None = None
    differences: tuple[Difference, ...] = ()

    def __post_init__(self) -> None:
        if self.family not in FAMILIES:
            raise ValueError(f"metric {self.name}: no family is called {self.family}")

    @property
    def weights(self) -> tuple[str, ...]:
        """The models that some part of it needs."""
        return tuple(dict.fromkeys(name for need in self.needs for name in need.weights))

    @property
    def tools(self) -> tuple[str, ...]:
        """The packages and programs that some part of it needs."""
        return tuple(dict.fromkeys(name for need in self.needs for name in need.tools))

    @property
    def of_programs(self) -> bool:
        """Whether it reads programs alone and sees to those that fail by itself."""
        return all(need.of_program for need in self.needs)

    @property
    def compares(self) -> str:
        """What it is given, for people."""
        if not self.of_programs:
            return "pictures"
        return "programs or pictures" if any(need.pictures_too for need in self.needs) else "programs"

    @property
    def cost(self) -> str:
        """``cost_ms`` for people."""
        return f"{self.cost_ms:g} ms" if self.cost_ms < 1000 else f"{self.cost_ms / 1000:g} s"

    @property
    def summary(self) -> str:
        """What it tells, in one line."""
        return (self.compare.__doc__ or "").partition("\n")[0]

    @property
    def details(self) -> str:
        """What else a reader of its numbers must know, in one paragraph; empty where there is nothing."""
        _, _, rest = (inspect.getdoc(self.compare) or "").partition("\n")
        return " ".join(rest.partition("Raises:")[0].split())

    def __call__(self, reference: Facts, candidate: Facts, mode: Mode = Mode.OFFICIAL) -> dict[str, Value]:
        """The value of each part.

        Raises:
            Unscorable: these sides can't be compared so; the message says why.
            Missing: a package or model it needs is absent.
            ValueError: the metric broke its own declaration.
        """
        if self.same_size:
            candidate = candidate.at(reference[size])
        compare = self.fixed if mode is Mode.FIXED and self.fixed else self.compare
        values = compare(reference, candidate)
        if values.keys() != {part.name for part in self.parts}:
            raise ValueError(f"metric {self.name} gave the parts {', '.join(values)}, not those it declares")
        return {part.name: self._checked(part, values[part.name]) for part in self.parts}

    def headline(self, reference: Facts, candidate: Facts, mode: Mode = Mode.OFFICIAL) -> Value:
        """The value of the first part, or the error that says why there is none: for metrics made of others."""
        try:
            return self(reference, candidate, mode)[self.parts[0].name]
        except DerenderError as error:
            return error

    def _checked(self, part: Part, value: Value) -> Value:
        if value is None or isinstance(value, DerenderError):
            return value
        # A NaN fails the comparison too, so whatever passes can be written as JSON.
        if not (part.low <= value <= part.high and math.isfinite(value)):
            raise ValueError(f"metric {self.name} gave {part.name}={value}, outside {part.low}..{part.high}")
        return float(value)


class Traits(TypedDict):
    """The fields of a `Metric` that `metric` takes by name; described there."""

    needs: Required[tuple[Fact[Any], ...]]
    source: Required[str]
    cost_ms: Required[float]
    family: NotRequired[str]
    same_size: NotRequired[bool]
    symmetric: NotRequired[bool]
    default: NotRequired[bool]
    fixed: NotRequired[Callable[[Facts, Facts], Values] | None]
    differences: NotRequired[tuple[Difference, ...]]


def metric(
    name: str, parts: tuple[Part, ...], **traits: Unpack[Traits]
) -> Callable[[Callable[[Facts, Facts], Values]], Metric]:
    """Make a function over facts a `Metric`; see there for the traits."""
    return lambda compare: Metric(name=name, parts=parts, compare=compare, **traits)
