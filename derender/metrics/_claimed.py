"""Reading what a trace claims, with no trust in it: whatever is not as it should be is left out or refused."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from .words import normalised

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

T = TypeVar("T")

MAX_ROWS = 5_000
LARGEST = 1e100
UNREADABLE = (KeyError, TypeError, ValueError, ArithmeticError, IndexError, AttributeError)


def each_readable(entries: object, read: Callable[[Mapping[str, Any]], T], limit: int) -> list[T]:
    """What can be read of entries, the first ``limit`` of them."""
    found = []
    for entry in mappings(entries)[:limit]:
        try:
            found.append(read(entry))
        except UNREADABLE:
            continue
    return found


def mappings(value: object) -> list[Mapping[str, Any]]:
    """The objects of a list; none where it is no list."""
    return [each for each in items(value) if isinstance(each, dict)]


def items(value: object) -> list[Any]:
    """A list; an empty one where it is none."""
    return value if isinstance(value, list) else []


def plain_text(value: object) -> str:
    """A text as `normalised` has it; empty where it is none."""
    return " ".join(normalised(value[:1000])) if isinstance(value, str) else ""


def number(value: object) -> float | None:
    """A number that can be reckoned with; None where it is none."""
    return float(value) if isinstance(value, int | float) and abs(value) < LARGEST else None


def real(value: object) -> float:
    """A number.

    Raises:
        TypeError: it is none.
    """
    if not isinstance(value, int | float):
        raise TypeError("no number")
    return float(value)


def finite(value: object) -> float:
    """A number that can be reckoned with.

    Raises:
        TypeError: it is none.
        ValueError: it is not finite, or beyond all measure.
    """
    number = real(value)
    if not abs(number) < LARGEST:
        raise ValueError("not finite")
    return number


def columns(entry: Mapping[str, Any], *names: str) -> Numbers:
    """Columns side by side, without the rows in which one is no number."""
    import numpy as np

    columns = [array(entry[name]) for name in names]
    length = min(map(len, columns))
    rows = np.column_stack([column[:length] for column in columns])
    # Past this, sums of squares overflow; no picture shows such numbers.
    return rows[(np.abs(np.nan_to_num(rows, nan=np.inf)) < LARGEST).all(axis=1)]


def array(values: object) -> Numbers:
    """The first numbers of a list, NaN where it has none."""
    import numpy as np

    return np.array([math.nan if value is None else real(value) for value in items(values)[:MAX_ROWS]], float)
