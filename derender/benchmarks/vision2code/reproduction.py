"""Vision2Code's published tables, recomputed from what was published with them.

Each check draws a table, or part of one, out of others that lie below it: means out of datasets' means, correlations
out of single ratings, names out of hashes. What can only be held against itself is an identity, and says so.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from derender.core import UnknownName, UserError

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
    """Our rules give what the paper's rules give; no published table is involved."""

    @property
    def label(self) -> str:
        """In a few words."""
        return _LABELS[self]


_LABELS = {
    Kind.RECOMPUTED: "recomputed",
    Kind.IDENTITY: "an identity: they agree among themselves",
    Kind.RULES: "a check of rules",
}


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

    @property
    def reads(self) -> bool:
        """Whether published tables are read for it."""
        return self.kind is not Kind.RULES


@dataclass(frozen=True, slots=True)
class Outcome:
    """A check that was made.

    Attributes:
        check: which.
        cells: all values, in the order of the tables.
        problem: why it could not be made: a table that is missing or damaged, in one sentence.
    """

    check: Check
    cells: tuple[Cell, ...]
    problem: str | None = None

    @property
    def off(self) -> tuple[Cell, ...]:
        """The values that don't agree."""
        return tuple(cell for cell in self.cells if cell.off)

    @property
    def furthest(self) -> tuple[Cell, ...]:
        """Of each column of a table the value whose difference is largest."""
        found: dict[tuple[str, str], Cell] = {}
        for cell in self.cells:
            best = found.setdefault((cell.table, cell.column), cell)
            if abs(cell.difference or 0.0) > abs(best.difference or 0.0):
                found[cell.table, cell.column] = cell
        return tuple(found.values())


def reproduce(folder: Path | None = None, only: Iterable[str] = ()) -> Iterator[Outcome]:
    """Make checks, one after the other; one that can't be made says why, and the others are made all the same.

    Args:
        folder: a checkout of the benchmark's repository; the package's own tables by default.
        only: names of the checks to make; all by default.

    Raises:
        UnknownName: no check has such a name.
    """
    checks = {check.name: check for check in _checks()}
    names = [*only] or [*checks]
    for name in names:
        if name not in checks:
            raise UnknownName("check", name, checks)
    published = Published(folder)
    return (_make(checks[name], published) for name in names)


def _checks() -> list[Check]:
    from . import _ablation_tables, _bootstrap_tables, _failure_tables, _human_tables, _leaderboard_tables

    modules = (_leaderboard_tables, _human_tables, _failure_tables, _ablation_tables, _bootstrap_tables)
    return sorted((check for module in modules for check in module.CHECKS), key=_number)


def _make(check: Check, published: Published) -> Outcome:
    try:
        return Outcome(check, tuple(check.cells(published)))
    except UserError as error:
        return Outcome(check, (), str(error))
    except (LookupError, TypeError, AttributeError, ArithmeticError, ValueError) as error:
        # Tables that can be read and are not what they were: other rows, other keys.
        return Outcome(check, (), f"the tables don't fit together ({type(error).__name__}: {error})")


def row_count(table: str, rows: Sequence[object], expected: int) -> Cell:
    """The rows of a table and how many it must have, so that one that is gone, or there twice, is seen."""
    return Cell(table, "the table", "rows", float(expected), float(len(rows)))


def known(value: float) -> float | None:
    """A number, or None for NaN, which is how an empty cell is read."""
    return None if math.isnan(value) else value


def tenth(value: float) -> float:
    """The official rounding to one decimal: halves go up, which a tiny nudge sees to."""
    return round(value + 1e-8, 1)


def _number(check: Check) -> int:
    return int(check.name.removeprefix("V"))
