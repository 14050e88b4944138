"""How alike the values of two series are, where they are drawn on axes brought to one measure.

Everything is measured in the reference's axes: 1 is the whole length of an axis as it is in view, logarithmic where
that is. A value is worth 1 where it is exact, nothing where it is off by `TOLERANCE` of the axis or more, and linearly
in between. Elements of series are matched one to one, so their order never counts; what is matched on neither side
costs as in F1: 2 x credit / (elements here + elements there).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from ._chart_places import Measure
from ._charts import Series
from ._pairing import assigned, distances_to_nearest

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

TOLERANCE = 0.1
"""Share of an axis by which a value may be off before it is worth nothing."""
EXACT_CELLS = 250_000
"""Pairs of elements up to which matching is by assignment; above, each element takes the nearest of the other side."""
_ENDS = 0.005
_SAMPLES = 128
_GRID = 48
_FAR = 1e6
_DIMENSIONS = {
    "bars": (0, 1, 0, 1),
    "boxes": (0, 1, 0, 1),
    "segments": (0, 1, 0, 1),
    "errors": (0, 1, 0, 1),
    "contour": (0, 1, 0, 1),
    "contourf": (0, 1, 0, 1),
    "band": (0, 1, 1),
    "line3d": (0, 1, 2),
    "points3d": (0, 1, 2),
    "faces3d": (0, 1, 2),
    "segments3d": (0, 1, 2, 0, 1, 2),
}
"""The dimension that each leading column of a kind lies along; x and y where nothing is said."""


def likeness(reference: Series, candidate: Series, on: Measure) -> float:
    """How alike the values of two series of one kind are, 0 to 1."""
    import numpy as np

    if reference.kind != candidate.kind or (reference.kind == "boxes" and reference.names != candidate.names):
        return 0.0
    with np.errstate(all="ignore"):
        return float(np.clip(_LIKENESS[reference.kind](reference, candidate, on), 0, 1))


def credit(error: Numbers) -> Numbers:
    """What values are worth that are off by a share of the axis; nothing where that is no number."""
    import numpy as np

    return np.nan_to_num(np.clip(1 - error / TOLERANCE, 0, 1), nan=0.0)


def _placed(series: Series, on: Measure, ours: bool) -> Numbers:
    """The rows with their places on the reference's axes."""
    import numpy as np

    rows = series.rows.copy()
    columns = _DIMENSIONS.get(series.kind, (0, 1))
    for index, dimension in enumerate(columns):
        rows[:, index] = np.clip(on.places(ours)[dimension](rows[:, index]), -_FAR, _FAR)
    if on.round and series.kind not in ("bars", "band"):
        for index in range(0, len(columns) - 1, 2):
            angle, radius = 2 * np.pi * rows[:, index], rows[:, index + 1] / 2
            rows[:, index], rows[:, index + 1] = radius * np.cos(angle), radius * np.sin(angle)
    return rows


def _both(reference: Series, candidate: Series, on: Measure) -> list[Numbers]:
    return on.of_both("placed", _placed, reference, candidate)


def _reach(series: Series, on: Measure, ours: bool) -> Numbers:
    """Lowest and highest x and y of a series, in two rows."""
    import numpy as np

    rows = _placed(series, on, ours)[:, :2]
    return np.stack([rows.min(axis=0), rows.max(axis=0)])


def _apart(reference: Series, candidate: Series, on: Measure) -> bool:
    """Whether no element of one lies within tolerance of one of the other."""
    (low, high), (bottom, top) = on.of_both("reach", _reach, reference, candidate)
    return bool((low - top > TOLERANCE).any() or (bottom - high > TOLERANCE).any())


def _f1(matched: float, here: int, there: int) -> float:
    return 2 * matched / (here + there)


def _matched(worth: Numbers) -> float:
    """The greatest sum of credits with each row and each column used once."""
    rows, columns = assigned(worth, maximize=True)
    return float(worth[rows, columns].sum())


def _elements(a: Numbers, b: Numbers) -> float:
    """F1 of elements whose places agree within tolerance in each coordinate."""
    import numpy as np

    if len(a) * len(b) <= EXACT_CELLS:
        return _f1(_matched(credit(np.abs(a[:, None] - b[None]).max(axis=2))), len(a), len(b))
    return _nearest(a, b) * min(len(a), len(b)) / max(len(a), len(b))


def _nearest(a: Numbers, b: Numbers) -> float:
    """Harmonic mean of what the elements of each side are worth beside the nearest of the other."""
    return _harmonic(*(float(credit(distances_to_nearest(*sides)).mean()) for sides in ((a, b), (b, a))))


def _of_points(reference: Series, candidate: Series, on: Measure) -> float:
    import numpy as np

    if _apart(reference, candidate, on):
        return 0.0
    a, b = _both(reference, candidate, on)
    if len(a) * len(b) > EXACT_CELLS:
        return _elements(a[:, :2], b[:, :2])
    worth = credit(np.abs(a[:, None, :2] - b[None, :, :2]).max(axis=2))
    extras = []
    sizes = np.sqrt(np.abs(a[:, 2])), np.sqrt(np.abs(b[:, 2]))
    if np.isfinite(sizes[0]).all():
        span = float(np.ptp(sizes[0])) or 1.0
        extras.append(credit(np.abs(sizes[0][:, None] - np.nan_to_num(sizes[1], nan=np.inf)[None]) / span))
    if np.isfinite(a[:, 3]).any() and np.isfinite(b[:, 3]).any():
        span = reference.span if reference.span and math.isfinite(reference.span) else 1.0
        same = np.isnan(a[:, None, 3]) & np.isnan(b[None, :, 3])
        extras.append(np.where(same, 1.0, credit(np.abs(a[:, None, 3] - b[None, :, 3]) / abs(span))))
    total = worth * sum(extras, np.ones_like(worth)) / (1 + len(extras))
    return _f1(_matched(total), len(a), len(b))


def _of_lines(reference: Series, candidate: Series, on: Measure) -> float:
    if _apart(reference, candidate, on):
        return 0.0
    (a, rising_a), (b, rising_b) = on.of_both("curve", _curve, reference, candidate)
    return _harmonic(_on_curve(a, b), _on_curve(b, a)) if rising_a and rising_b else _of_paths(a, b)


def _curve(series: Series, on: Measure, ours: bool) -> tuple[Numbers, bool]:
    """A line's points, and whether it has one y for each x; then they are in the order of x."""
    import numpy as np

    rows = _placed(series, on, ours)
    order = np.argsort(rows[:, 0], kind="stable")
    if on.round or len(rows) < 2 or not (np.diff(rows[order, 0]) > 1e-12).all():
        return rows, False
    return rows[order], True


def _on_curve(knots: Numbers, curve: Numbers) -> float:
    """What the knots are worth as points of a curve given by its own, all columns after the first being values."""
    import numpy as np

    x = knots[:, 0]
    inside = (x >= curve[0, 0] - _ENDS) & (x <= curve[-1, 0] + _ENDS)
    error = np.zeros(len(knots))
    for column in range(1, knots.shape[1]):
        off = np.abs(np.interp(x, curve[:, 0], curve[:, column]) - knots[:, column])
        error = np.maximum(error, off)
    return float(np.where(inside, credit(error), 0.0).mean())


def _harmonic(one: float, other: float) -> float:
    return 2 * one * other / (one + other) if one + other > 0 else 0.0


def _of_paths(a: Numbers, b: Numbers) -> float:
    """What two paths are worth, point by point along them, in the better of the two directions."""
    import numpy as np

    if len(a) != len(b):
        a, b = _along(a), _along(b)
    forth = credit(np.abs(a - b).max(axis=1)).mean()
    back = credit(np.abs(a - b[::-1]).max(axis=1)).mean()
    return float(max(forth, back))


def _along(path: Numbers) -> Numbers:
    """Places at equal distances along a path."""
    import numpy as np

    steps = np.linalg.norm(np.diff(path, axis=0), axis=1)
    gone = np.concatenate([[0.0], np.cumsum(np.nan_to_num(steps))])
    wanted = np.linspace(0, gone[-1], _SAMPLES)
    return np.column_stack([np.interp(wanted, gone, path[:, each]) for each in range(path.shape[1])])


def _of_shapes(reference: Series, candidate: Series, on: Measure) -> float:
    if _apart(reference, candidate, on):
        return 0.0
    # Where an outline begins, and which way round it goes, is nobody's data.
    return _nearest(*on.of_both("outline", _outline, reference, candidate))


def _outline(series: Series, on: Measure, ours: bool) -> Numbers:
    import numpy as np

    rows = _placed(series, on, ours)
    return _along(np.concatenate([rows, rows[:1]]))


def _of_bands(reference: Series, candidate: Series, on: Measure) -> float:
    import numpy as np

    # What lies far out of view, such as zero on a logarithmic scale, can't be told apart.
    a, b = (np.column_stack([rows[:, 0], np.clip(rows[:, 1:], -1, 2)]) for rows in _both(reference, candidate, on))
    return _harmonic(_on_curve(a, b), _on_curve(b, a))


def _of_bars(reference: Series, candidate: Series, on: Measure) -> float:
    import numpy as np

    said = {reference.upright, candidate.upright} - {None}
    if len(said) == 2:
        return 0.0
    upright = said.pop() if said else True
    if len(reference.rows) * len(candidate.rows) > 4 * EXACT_CELLS:
        return _elements(*_both(reference, candidate, on))
    a, b = _both(reference, candidate, on)
    start, base = (0, 1) if upright else (1, 0)
    middle = np.abs((a[:, None, start] + a[:, None, start + 2]) / 2 - (b[None, :, start] + b[None, :, start + 2]) / 2)
    width = np.maximum(np.abs(a[:, start + 2] - a[:, start]), 1e-9)[:, None]
    at_place = np.clip(2 - 2 * middle / width, 0, 1)
    ends = [np.sort(np.clip(rows[:, [base, base + 2]], -1, 2), axis=1) for rows in (a, b)]
    off = np.abs(ends[0][:, None] - ends[1][None]).max(axis=2)
    return _f1(_matched(np.nan_to_num(at_place) * credit(off)), len(a), len(b))


def _of_boxes(reference: Series, candidate: Series, on: Measure) -> float:
    return _elements(*_both(reference, candidate, on))


def _of_segments(reference: Series, candidate: Series, on: Measure) -> float:
    import numpy as np

    half = reference.rows.shape[1] // 2
    a, b = _both(reference, candidate, on)
    # Each in one direction: from the end that is lower in the first coordinate in which the ends differ.
    a, b = (np.where(_backward(rows)[:, None], np.roll(rows, half, axis=1), rows) for rows in (a, b))
    return _elements(a, b)


def _backward(rows: Numbers) -> Numbers:
    import numpy as np

    half = rows.shape[1] // 2
    difference = rows[:, half:] - rows[:, :half]
    first = (np.abs(difference) > 1e-9).argmax(axis=1)
    return cast("Numbers", difference[np.arange(len(rows)), first] < 0)


def _of_pies(reference: Series, candidate: Series, on: Measure) -> float:
    import numpy as np

    a, b = reference.rows[:, 0], candidate.rows[:, 0]
    worth = credit(np.abs(a[:, None] - b[None]) / max(float(a.max()), 1e-9))
    names = np.array([[_names_agree(one, other) for other in candidate.names] for one in reference.names])
    return _f1(_matched(worth * names), len(a), len(b))


def _names_agree(one: str, other: str) -> float:
    return 1.0 if one == other or not one or not other else 0.5


def _of_grids(reference: Series, candidate: Series, on: Measure) -> float:
    import numpy as np

    a, b = _cells(reference), _cells(candidate)
    if a.shape[2] != b.shape[2]:
        return 0.0
    if a.shape != b.shape:
        a, b = _sampled(a), _sampled(b)
    finite = a[np.isfinite(a)]
    span = abs(reference.span) if reference.span and math.isfinite(reference.span) else 0.0
    span = span or (float(np.ptp(finite)) if len(finite) else 1.0) or 1.0
    both_empty = np.isnan(a) & np.isnan(b)
    return float(np.where(both_empty, 1.0, credit(np.abs(a - b) / span)).mean())


def _cells(series: Series) -> Numbers:
    columns = int(series.rows[0, 0])
    return series.rows[:, 1:].reshape(-1, columns, series.rows.shape[1] - 1)


def _sampled(cells: Numbers) -> Numbers:
    import numpy as np

    rows = (np.arange(_GRID) + 0.5) * cells.shape[0] // _GRID
    columns = (np.arange(_GRID) + 0.5) * cells.shape[1] // _GRID
    return np.asarray(cells[rows.astype(int)][:, columns.astype(int)], float)


def _of_contours(reference: Series, candidate: Series, on: Measure) -> float:
    import numpy as np

    levels = reference.rows[:, 4]
    span = float(np.ptp(levels)) or max(1.0, abs(float(levels[0])))
    a, b = _both(reference, candidate, on)
    return _elements(*(np.column_stack([rows[:, :4], rows[:, 4] / span]) for rows in (a, b)))


def _of_arrows(reference: Series, candidate: Series, on: Measure) -> float:
    import numpy as np

    a, b = _both(reference, candidate, on)
    longest = float(np.hypot(a[:, 2], a[:, 3]).max()) or 1.0
    if len(a) * len(b) > EXACT_CELLS:
        return _elements(*(np.column_stack([rows[:, :2], rows[:, 2:] / longest]) for rows in (a, b)))
    worth = credit(np.abs(a[:, None, :2] - b[None, :, :2]).max(axis=2))
    off = np.hypot(a[:, None, 2] - b[None, :, 2], a[:, None, 3] - b[None, :, 3]) / longest
    return _f1(_matched(worth * credit(off)), len(a), len(b))


def _of_lines3d(reference: Series, candidate: Series, on: Measure) -> float:
    return _of_paths(*_both(reference, candidate, on))


def _in_space(reference: Series, candidate: Series, on: Measure) -> float:
    return _elements(*_both(reference, candidate, on))


_LIKENESS: dict[str, Callable[[Series, Series, Measure], float]] = {
    "line": _of_lines,
    "points": _of_points,
    "bars": _of_bars,
    "band": _of_bands,
    "shape": _of_shapes,
    "boxes": _of_boxes,
    "segments": _of_segments,
    "errors": _of_segments,
    "pie": _of_pies,
    "grid": _of_grids,
    "contour": _of_contours,
    "contourf": _of_contours,
    "arrows": _of_arrows,
    "line3d": _of_lines3d,
    "points3d": _in_space,
    "segments3d": _of_segments,
    "faces3d": _in_space,
}
