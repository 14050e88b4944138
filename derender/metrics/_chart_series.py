"""Series of a chart from the artists that a trace tells of, the same however a program came to draw them."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ._charts import Axis, Series
from ._claimed import LARGEST, array, columns, finite, items, mappings, plain_text, real

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

_MOST_BANDS = 50
_NOTHING = ("None", "", " ")
"""How Matplotlib calls no line and no marker."""


@dataclass(frozen=True, slots=True)
class _Look:
    """What an artist is called and looks like, and which way its axes run."""

    label: str
    color: str
    down: bool
    leftward: bool


def series_of(entry: Mapping[str, Any], down: bool, leftward: bool) -> list[Series]:
    """The series of an artist: one, none, or one for each ring of a pie and each part of an area.

    Args:
        entry: the artist as the trace tells of it; malformed, it raises one of `UNREADABLE`.
        down: whether y grows downwards.
        leftward: whether x grows to the left.
    """
    kind, color = entry["kind"], next(iter(items(entry.get("colors"))), "")
    look = _Look(plain_text(entry.get("label")), plain_text(color), down, leftward)
    if kind in _PLAIN:
        found = [Series(kind, columns(entry, *_PLAIN[kind]), look.label, look.color)]
    else:
        found = _READERS[kind](entry, look) if kind in _READERS else []
    return [series for series in found if len(series.rows)]


def _line(entry: Mapping[str, Any], look: _Look) -> list[Series]:
    rows = columns(entry, "x", "y")
    if entry["style"] not in _NOTHING:
        return [Series("line", rows, look.label, look.color)]
    return [] if entry["marker"] in _NOTHING else _dots(entry, look)


def _dots(entry: Mapping[str, Any], look: _Look) -> list[Series]:
    return [Series("points", _sized(columns(entry, "x", "y")), look.label, look.color)]


def _contours(entry: Mapping[str, Any], look: _Look) -> list[Series]:
    kind = "contourf" if entry["filled"] is True else "contour"
    return [Series(kind, columns(entry, "x0", "y0", "x1", "y1", "level"))]


def _sized(rows: Numbers) -> Numbers:
    import numpy as np

    return np.column_stack([rows, np.full((len(rows), 2), np.nan)])


def _scattered(entry: Mapping[str, Any], look: _Look) -> list[Series]:
    import numpy as np

    x, y, sizes, values = (array(entry.get(name)) for name in ("x", "y", "sizes", "values"))
    n = min(len(x), len(y))
    rows = np.full((n, 4), np.nan)
    rows[:, 0], rows[:, 1] = x[:n], y[:n]
    for column, given in ((2, sizes), (3, values)):
        if len(given) > 1 and n:
            rows[:, column] = np.resize(given, n) if column == 2 else _filled(given, n)
    rows = rows[(np.abs(np.nan_to_num(rows[:, :2], nan=np.inf)) < LARGEST).all(axis=1)]
    return [Series("points", rows, look.label, look.color, span=_span(entry.get("clim")))]


def _filled(values: Numbers, length: int) -> Numbers:
    import numpy as np

    return np.concatenate([values[:length], np.full(max(0, length - len(values)), np.nan)])


def _span(limits: object) -> float:
    ends = array(limits)
    return float(ends[1] - ends[0]) if len(ends) == 2 else math.nan


def _bars(entry: Mapping[str, Any], look: _Look) -> list[Series]:
    x, y, width, height = columns(entry, "x", "y", "width", "height").T
    upright = {"vertical": True, "horizontal": False}.get(plain_text(entry.get("orientation")))
    return [Series("bars", _boxes(x, y, x + width, y + height), look.label, look.color, upright=upright)]


def _boxes(x0: Numbers, y0: Numbers, x1: Numbers, y1: Numbers) -> Numbers:
    import numpy as np

    return np.column_stack([x0, y0, x1, y1])


def _pies(entry: Mapping[str, Any], look: _Look) -> list[Series]:
    """One series for each ring: wedges of the same centre, radius and width."""
    import numpy as np

    names = [plain_text(name) for name in items(entry.get("labels"))]
    rows = columns(entry, "x", "y", "radius", "width", "start", "end")
    names += [""] * (len(rows) - len(names))
    rings: dict[tuple[float, ...], list[int]] = {}
    for index, row in enumerate(rows):
        # An exploded wedge has another centre; its radius is that of the ring.
        rings.setdefault((round(row[2], 6), round(row[3], 6)), []).append(index)
    return [
        Series("pie", np.abs(rows[ring, 5:6] - rows[ring, 4:5]) / 360, names=tuple(names[each] for each in ring))
        for ring in rings.values()
    ]


def _grid(entry: Mapping[str, Any], look: _Look) -> list[Series]:
    import numpy as np

    shape, step = [int(each) for each in entry["shape"]], [int(each) for each in entry["step"]]
    rows, columns = -(-shape[0] // step[0]), -(-shape[1] // step[1])
    cells = np.array([math.nan if value is None else real(value) for value in items(entry["values"])[: 4 * 64 * 64]])
    cells = cells.reshape(rows, columns, -1)
    left, right, bottom, top = (finite(value) for value in entry["extent"])
    # Row 0 lies at the top of the extent, or at its bottom; which end of the extent is up, the limits say.
    top_first = (entry["origin"] == "upper") == (top > bottom)
    if top_first == look.down:
        cells = cells[::-1]
    if (right < left) != look.leftward:
        cells = cells[:, ::-1]
    if cells.shape[2] >= 3:
        cells, span = cells[:, :, :3], 255.0 if np.nan_to_num(cells).max() > 1 else 1.0
    else:
        span = _span(entry.get("clim"))
    flat = np.column_stack([np.full(rows * columns, columns, float), cells.reshape(rows * columns, -1)])
    return [Series("grid", flat, look.label, span=span)]


def _areas(entry: Mapping[str, Any], look: _Look) -> list[Series]:
    """Areas: each a band where it lies between two curves and beside the others; else an outline, or where each is."""
    import numpy as np

    parts = [columns(part, "x", "y") for part in mappings(entry["parts"])]
    values = array(entry.get("values"))
    parts = [part for part in parts if len(part)]
    if not parts:
        return []
    boxes = np.array([np.concatenate([part.min(axis=0), part.max(axis=0)]) for part in parts])
    if len(values) == len(parts) > 1:
        rows = np.column_stack([boxes[:, :2] / 2 + boxes[:, 2:] / 2, np.full(len(parts), np.nan), values])
        return [Series("points", rows, look.label, look.color, span=_span(entry.get("clim")))]
    if all(len(part) == 5 and _upright(part) for part in parts):
        return [Series("bars", boxes, look.label, look.color)]
    bands = [_band(part) for part in parts] if len(parts) <= _MOST_BANDS and _beside(boxes) else []
    if bands and all(band is not None for band in bands):
        return [Series("band", band, look.label, look.color) for band in bands if band is not None]
    if len(parts) == 1:
        return [Series("shape", parts[0], look.label, look.color)]
    return [Series("boxes", boxes, look.label, look.color)]


def _beside(boxes: Numbers) -> bool:
    """Whether boxes lie beside each other along x."""
    import numpy as np

    ordered = boxes[np.argsort(boxes[:, 0])]
    return bool((ordered[1:, 0] >= ordered[:-1, 2]).all())


def _band(points: Numbers) -> Numbers | None:
    """Lowest and highest y at each x, where an area lies between two curves over the same x; None where not."""
    import numpy as np

    x, where = np.unique(points[:, 0], return_inverse=True)
    low, high = np.full(len(x), np.inf), np.full(len(x), -np.inf)
    np.minimum.at(low, where, points[:, 1])
    np.maximum.at(high, where, points[:, 1])
    twice = np.bincount(where) >= 2
    return np.column_stack([x, low, high]) if len(x) >= 2 and twice.mean() > 0.9 else None


def _patch(entry: Mapping[str, Any], look: _Look) -> list[Series]:
    import numpy as np

    rows = columns(entry, "x", "y")
    if not len(rows):
        return []
    low, high = rows.min(axis=0), rows.max(axis=0)
    if entry["class"] in ("Rectangle", "Polygon") and len(rows) == 5 and _upright(rows):
        return [Series("bars", np.concatenate([low, high])[None], look.label, look.color)]
    if entry["class"] in ("Polygon", "PathPatch", "StepPatch"):
        return [Series("shape", rows, look.label, look.color)]
    return [
        Series("boxes", np.concatenate([low, high])[None], look.label, look.color, names=(plain_text(entry["class"]),))
    ]


def _upright(corners: Numbers) -> bool:
    """Whether five points go round a rectangle along the axes."""
    steps = corners[1:] - corners[:-1]
    return bool(((steps == 0).sum(axis=1) >= 1).all())


def canonical(found: list[Series]) -> list[Series]:
    """The same series however a program came to draw them.

    Bars drawn one by one are gathered by colour, and single ones of different colours together; so are the boxes of
    circles, arrows and the like. Points that only mark the ends of a line are no series of their own.
    """
    loose = [each for each in found if each.kind in ("bars", "boxes") and len(each.rows) == 1]
    rest = [each for each in found if each.kind not in ("bars", "boxes") or len(each.rows) != 1]
    lines = {_course(each.rows) for each in rest if each.kind == "line"}
    kept = [each for each in rest if each.kind != "points" or not _marks_one(each.rows, lines)]
    return kept + [_gathered(group) for group in _groups(loose)]


def _marks_one(points: Numbers, lines: Collection[bytes]) -> bool:
    import numpy as np

    return bool(np.isnan(points[:, 2:]).all()) and _course(points[:, :2]) in lines


def _course(rows: Numbers) -> bytes:
    """Equal exactly for equal places in the same order; a zero has one sign."""
    return (rows + 0.0).tobytes()


def _groups(loose: list[Series]) -> list[list[Series]]:
    by_color: dict[tuple[object, ...], list[Series]] = {}
    for each in loose:
        by_color.setdefault((each.kind, each.upright, each.names, each.color), []).append(each)
    groups = [group for group in by_color.values() if len(group) > 1]
    single: dict[tuple[object, ...], list[Series]] = {}
    for group in by_color.values():
        if len(group) == 1:
            first = group[0]
            single.setdefault((first.kind, first.upright, first.names), []).append(first)
    return groups + list(single.values())


def _gathered(group: list[Series]) -> Series:
    import numpy as np

    first = group[0]
    labels = {each.label for each in group} - {""}
    label = labels.pop() if len(labels) == 1 else ""
    return replace(first, rows=np.concatenate([each.rows for each in group]), label=label)


def in_view(series: Series, x: Axis, y: Axis) -> Series:
    """A series without the elements that lie out of view: nobody can see them."""
    import numpy as np

    (left, right), (bottom, top) = _view(x), _view(y)
    rows = series.rows
    if series.kind == "line":
        seen = (rows[:, 0] >= left) & (rows[:, 0] <= right)
        # A line may cross the view with both its ends outside.
        seen |= seen.sum() < 2
    elif series.kind == "points":
        seen = (rows[:, 0] >= left) & (rows[:, 0] <= right) & (rows[:, 1] >= bottom) & (rows[:, 1] <= top)
    elif series.kind in ("bars", "boxes", "segments", "errors"):
        low, high = np.minimum(rows[:, :2], rows[:, 2:]), np.maximum(rows[:, :2], rows[:, 2:])
        seen = (high[:, 0] >= left) & (low[:, 0] <= right) & (high[:, 1] >= bottom) & (low[:, 1] <= top)
    else:
        return series
    return replace(series, rows=rows[seen])


def _view(axis: Axis) -> tuple[float, float]:
    low, high = sorted(axis.limits)
    slack = 1e-6 * (high - low)
    return low - slack, high + slack


_PLAIN = {
    "segments": ("x0", "y0", "x1", "y1"),
    "errors": ("x0", "y0", "x1", "y1"),
    "arrows": ("x", "y", "u", "v"),
    "line3d": ("x", "y", "z"),
    "points3d": ("x", "y", "z"),
    "faces3d": ("x", "y", "z"),
    "segments3d": ("x0", "y0", "z0", "x1", "y1", "z1"),
}
"""Artists whose columns are their series."""
_READERS: dict[str, Callable[[Mapping[str, Any], _Look], list[Series]]] = {
    "line": _line,
    "stems": _dots,
    "points": _scattered,
    "bars": _bars,
    "wedges": _pies,
    "image": _grid,
    "areas": _areas,
    "patch": _patch,
    "contours": _contours,
}
