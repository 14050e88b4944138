"""Objects of a program as plain JSON: finite numbers, short texts, colours, all within one budget."""

# Matplotlib's objects have no types of their own.
# ruff: noqa: ANN401

from typing import Any

MAX_NUMBERS = 60_000
"""Numbers that are told of one figure: about 600 KB."""
MAX_SERIES = 5_000
"""Numbers that one series may hold."""
MAX_TEXT = 300
_DIGITS = 10
"""Significant digits that are kept: more than any picture shows, and dates keep their seconds."""


class PlainValues:
    """Turns values into JSON as long as the budget lasts; what is over is cut off, never thinned."""

    def __init__(self, numbers: int = MAX_NUMBERS) -> None:
        self._left = numbers

    def numbers(self, values: Any, limit: int = MAX_SERIES) -> list[float | None]:
        """The first numbers of an array, row by row; None for what is no finite number."""
        import numpy as np

        masked = np.ma.asarray(values)
        flat = np.ma.ravel(masked)[: max(0, min(limit, self._left))]
        array = np.asarray(np.ma.filled(flat.astype(float), np.nan), float)
        self._left -= array.size
        with np.errstate(all="ignore"):
            magnitude = np.floor(np.log10(np.abs(array)))
            scale = 10.0 ** np.clip(_DIGITS - 1 - magnitude, -250, 250)
            rounded = np.round(array * scale) / scale
        kept = np.where(np.isfinite(rounded), rounded, np.where(array == 0, 0.0, array))
        return [value if finite else None for value, finite in zip(kept.tolist(), np.isfinite(kept), strict=True)]

    def columns(self, **arrays: Any) -> dict[str, Any]:
        """Arrays of one length, cut at the same row; ``n`` is the length before that."""
        import numpy as np

        flat = {name: np.ma.ravel(np.ma.asarray(values)) for name, values in arrays.items()}
        n = min((values.size for values in flat.values()), default=0)
        limit = min(n, MAX_SERIES, self._left // max(1, len(flat)))
        return {"n": n, **{name: self.numbers(values[:limit]) for name, values in flat.items()}}


def text(value: object) -> str:
    """A text, cut where it is very long."""
    return value[:MAX_TEXT] if isinstance(value, str) else ""


def label(value: object) -> str:
    """A label; empty where Matplotlib made it up for what has none."""
    shown = text(value)
    return "" if shown.startswith("_") else shown


def colours(values: Any, limit: int = 200) -> list[str]:
    """Colours as ``#rrggbbaa``; one where all are the same."""
    from matplotlib.colors import to_hex, to_rgba_array

    found = [to_hex(each, keep_alpha=True) for each in to_rgba_array(values)[:limit]]
    return found[:1] if len(set(found)) == 1 else found
