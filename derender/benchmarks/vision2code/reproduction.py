"""Vision2Code's published tables, recomputed from what was published with them.

Each check draws a table, or part of one, out of others that lie below it: means out of datasets' means, correlations
out of single ratings, names out of hashes. What can only be held against itself is an identity, and says so.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from .published import Published

LAST_DIGIT = 1.01e-10
"""One unit in the last of ten published decimals, where what it is made of has ten decimals itself."""


class Kind(StrEnum):
    """What a check shows."""

    RECOMPUTED = "recomputed"
    """The published values follow from others by our own code."""
    IDENTITY = "identity"
    """Published values agree among themselves; what they were made of is not public."""
    RULES = "rules"
    """Our rules give what the specification says they give; no published table is involved."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A published value beside ours.

    Attributes:
        table: name of the published file.
        row: what the value is of.
        column: which value it is.
        ours: a number, a text, or None where there is no such value.
        theirs: likewise.
        tolerance: how far apart numbers may be.
    """

    table: str
    row: str
    column: str
    ours: float | str | None
    theirs: float | str | None
    tolerance: float = LAST_DIGIT

    @property
    def difference(self) -> float | None:
        """Ours minus theirs; None where the two are not numbers."""
        if isinstance(self.ours, str) or isinstance(self.theirs, str) or self.ours is None or self.theirs is None:
            return None
        return self.ours - self.theirs

    @property
    def off(self) -> bool:
        """Whether the two don't agree."""
        return self.ours != self.theirs if self.difference is None else not abs(self.difference) <= self.tolerance


Cells = Iterator[Cell]


@dataclass(frozen=True, slots=True)
class Check:
    """Something to recompute.

    Attributes:
        name: ``V1`` and so on.
        title: what is recomputed, in a few words.
        kind: what that shows.
        cells: makes the values, of the published tables.
    """

    name: str
    title: str
    kind: Kind
    cells: Callable[[Published], Cells]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A check that was made.

    Attributes:
        check: which.
        cells: all values, in the order of the tables.
    """

    check: Check
    cells: tuple[Cell, ...]

    @property
    def off(self) -> tuple[Cell, ...]:
        """The values that don't agree."""
        return tuple(cell for cell in self.cells if cell.off)

    @property
    def largest(self) -> float:
        """The largest difference of numbers, without its sign."""
        return max((abs(cell.difference) for cell in self.cells if cell.difference is not None), default=0.0)


def reproduce(folder: Path | None = None) -> Iterator[Outcome]:
    """Make all checks, one after the other.

    Args:
        folder: a checkout of the benchmark's repository; the package's own tables by default.

    Raises:
        UserError: a table is missing or damaged; one sentence that names it.
    """
    from . import _ablation_tables, _bootstrap_tables, _failure_tables, _human_tables, _leaderboard_tables

    modules = (_leaderboard_tables, _human_tables, _failure_tables, _ablation_tables, _bootstrap_tables)
    published = Published(folder)
    for check in sorted((check for module in modules for check in module.CHECKS), key=_number):
        yield Outcome(check, tuple(check.cells(published)))


def known(value: float) -> float | None:
    """A number, or None for NaN, which is how an empty cell is read."""
    return None if math.isnan(value) else value


def tenth(value: float) -> float:
    """The official rounding to one decimal: halves go up, which a tiny nudge sees to."""
    return round(value + 1e-8, 1)


def _number(check: Check) -> int:
    return int(check.name.removeprefix("V"))
