"""What a Matplotlib program draws, as data: axes with their series, ticks, legends and titles.

Read from the trace ``artists`` of a run. A trace is the program's own claim and may hold anything: what is not as it
should be counts as not drawn.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from derender.core import Failure, FailureKind, Language

from ._facts import Facts, Unscorable, fact
from .words import normalised

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from derender.core import Rendering

    Numbers = NDArray[np.float64]

T = TypeVar("T")

MAX_AXES = 100
MAX_SERIES = 1_000
MAX_ROWS = 5_000
MAX_TEXTS = 3_000
_LARGEST = 1e100
_MOST_BANDS = 50
_BAD = (KeyError, TypeError, ValueError, ArithmeticError, IndexError, AttributeError)
_NUMBER_MARKS = str.maketrans("", "", " ,%$€£¥°×-+.·'kKMBe")


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Values that were drawn together.

    Attributes:
        kind: ``line``, ``points``, ``bars``, ``band``, ``shape``, ``boxes``, ``segments``, ``errors``, ``pie``,
            ``grid``, ``contour``, ``contourf``, ``arrows`` or one of ``line3d``, ``points3d``, ``segments3d``,
            ``faces3d``.
        rows: one row an element, in data coordinates. line, points, shape: x, y (points also: size, value; NaN where
            they have none). bars, boxes, segments, errors: x0, y0, x1, y1. band: x, low, high. pie: share.
            contours: x0, y0, x1, y1, level. arrows: x, y, u, v. 3-D: x, y, z, or two such. grid: the cells from the
            top left as they are shown, one or three columns for each.
        label: of the legend; empty where it has none.
        color: the first of its colours.
        upright: of bars: whether they stand; None where nobody said.
        names: of a pie's wedges; of boxes, what they are drawn as.
        span: of a grid's or of points' values, the range of the colour map; else NaN.
    """

    kind: str
    rows: Numbers
    label: str = ""
    color: str = ""
    upright: bool | None = None
    names: tuple[str, ...] = ()
    span: float = math.nan


@dataclass(frozen=True, slots=True, eq=False)
class Axis:
    """One axis of axes: what is written at it, and which part of its scale is in view.

    Attributes:
        limits: from the lower or left end to the other.
        units: ``number``, ``category`` or ``date``.
        ticks: place and text of each tick that has a text.
    """

    label: str
    scale: str
    limits: tuple[float, float]
    units: str
    visible: bool
    ticks: tuple[tuple[float, str], ...]

    @property
    def named(self) -> bool:
        """Whether its ticks bear names rather than numbers."""
        if self.units != "number":
            return self.units == "category"
        texts = [text for _, text in self.ticks]
        return bool(texts) and sum(_is_number(text) for text in texts) < len(texts) / 2


@dataclass(frozen=True, slots=True, eq=False)
class Axes:
    """One pair of axes, or three.

    Attributes:
        kind: ``rect``, ``polar``, ``3d``, ``colorbar`` or ``other``.
        box: left, top, right, bottom as shares of the picture.
        axis: of x, y and, in space, z.
    """

    kind: str
    box: tuple[float, ...]
    title: str
    axis: Mapping[str, Axis]
    series: tuple[Series, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Chart:
    """One figure as drawn; texts are those that are no title, tick or entry of a legend."""

    title: str
    axes: tuple[Axes, ...]
    legend: tuple[str, ...]
    texts: tuple[str, ...]


@fact(of_program=True)
def chart(facts: Facts) -> Chart | Failure:
    """The figure of the program's first picture, or why there is none.

    Raises:
        Unscorable: it is no Python program, or it drew with something else than Matplotlib.
    """
    from derender.render import RenderOptions

    if facts.program is None or facts.program.language is not Language.PYTHON:
        raise Unscorable(f"{facts.name or 'this side'} is no Python program: artists are read from Matplotlib alone")
    rendering = facts.render(facts.program, RenderOptions(trace="artists"))
    if rendering.failure is not None:
        return rendering.failure
    if rendering.picture is None:
        return Failure(FailureKind.NO_PICTURE, "the program drew nothing")
    if rendering.trace is None:
        raise Unscorable("what the run told of its artists can't be read")
    figure = first_figure(rendering)
    if figure is None:
        raise Unscorable("the picture was not drawn by Matplotlib, so there are no artists to read")
    return read_chart(figure)


def first_figure(rendering: Rendering) -> Mapping[str, Any] | None:
    """The traced figure that the first picture shows."""
    figures = (rendering.trace or {}).get("figures")
    readable = [each for each in figures if _is_figure(each)] if isinstance(figures, list) else []
    picture = rendering.picture
    same = [each for each in readable if picture and each.get("name") == picture.name]
    return next(iter(same or readable), None)


def _is_figure(each: object) -> bool:
    return isinstance(each, dict) and isinstance(each.get("axes"), list)


def read_chart(figure: Mapping[str, Any]) -> Chart:
    """A figure of the trace; what is malformed in it is left out."""
    size = _number(figure.get("width")) or 1.0, _number(figure.get("height")) or 1.0
    axes = _each(figure.get("axes"), lambda entry: _axes(entry, size), MAX_AXES)
    legends = [*_list(figure.get("legends")), *(each.get("legend") for each in _mappings(figure.get("axes")))]
    entries = [entry for legend in legends for entry in _mappings(legend)]
    texts = [entry for entry in _mappings(figure.get("texts")) if entry.get("role") == "text"]
    title = _text(figure.get("title"))
    main = [each for each in axes if each.kind != "colorbar"]
    if title and len(main) == 1 and not main[0].title:
        # One chart with one title: which of the two it was given as can't be seen.
        axes = [_titled(each, title) if each is main[0] else each for each in axes]
        title = ""
    return Chart(title, tuple(axes), _texts(entries), _texts(texts))


def _titled(axes: Axes, title: str) -> Axes:
    return replace(axes, title=title)


def _texts(entries: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    found = (_text(entry.get("text")) for entry in entries[:MAX_TEXTS])
    return tuple(text for text in found if text)


def _axes(entry: Mapping[str, Any], size: tuple[float, float]) -> Axes:
    kind = _text(entry["kind"])
    axis = {name: _axis(entry[name]) for name in ("x", "y", "z") if name in entry}
    if not {"x", "y"} <= axis.keys():
        raise ValueError("axes without axes")
    left, top, right, bottom = (_number(value) or 0.0 for value in entry["box"])
    box = left / size[0], top / size[1], right / size[0], bottom / size[1]
    down, leftward = axis["y"].limits[0] > axis["y"].limits[1], axis["x"].limits[0] > axis["x"].limits[1]
    found: list[Series] = []
    if kind != "colorbar":
        for series in _each(entry["artists"], lambda artist: _series(artist, down, leftward), MAX_SERIES):
            found += series
    if kind == "rect":
        found = [each for series in found for each in _some(_in_view(series, axis["x"], axis["y"]))]
    return Axes(kind, box, _text(entry["title"]), axis, tuple(_canonical(found)))


def _in_view(series: Series, x: Axis, y: Axis) -> Series:
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


def _axis(entry: Mapping[str, Any]) -> Axis:
    low, high = (_finite(value) for value in entry["limits"])
    places, texts = _list(entry["ticks"]), _list(entry["tick_labels"])
    ticks = [(_number(place), _text(text)) for place, text in zip(places, texts, strict=False)][:MAX_ROWS]
    return Axis(
        label=_text(entry["label"]),
        scale=_text(entry["scale"]),
        limits=(low, high),
        units=_text(entry["units"]),
        visible=entry["visible"] is True,
        ticks=tuple(sorted((place, text) for place, text in ticks if place is not None and text)),
    )


def _series(entry: Mapping[str, Any], down: bool, leftward: bool) -> list[Series]:
    """The series of an artist: one, none, or one for each ring of a pie."""
    kind = entry["kind"]
    label, color = _text(entry.get("label")), _text(next(iter(_list(entry.get("colors"))), ""))
    if kind == "line":
        kind = "line" if entry["style"] not in ("None", "", " ") else "points"
        rows = _columns(entry, "x", "y")
        if kind == "points" and entry["marker"] in ("None", "", " "):
            return []
        return _some(Series(kind, rows if kind == "line" else _sized(rows), label, color))
    if kind == "stems":
        return _some(Series("points", _sized(_columns(entry, "x", "y")), label, color))
    if kind == "points":
        return _some(_scattered(entry, label, color))
    if kind == "bars":
        return _some(_bars(entry, label, color))
    if kind in ("segments", "errors"):
        return _some(Series(kind, _columns(entry, "x0", "y0", "x1", "y1"), label, color))
    if kind == "wedges":
        return _pies(entry)
    if kind == "image":
        return [_grid(entry, label, down, leftward)]
    if kind == "areas":
        return _areas(entry, label, color)
    if kind == "patch":
        return _some(_patch(entry, label, color))
    if kind == "contours":
        filled = "contourf" if entry["filled"] is True else "contour"
        return _some(Series(filled, _columns(entry, "x0", "y0", "x1", "y1", "level")))
    if kind == "arrows":
        return _some(Series(kind, _columns(entry, "x", "y", "u", "v"), label, color))
    if kind in ("line3d", "points3d", "faces3d"):
        return _some(Series(kind, _columns(entry, "x", "y", "z"), label, color))
    if kind == "segments3d":
        return _some(Series(kind, _columns(entry, "x0", "y0", "z0", "x1", "y1", "z1"), label, color))
    return []


def _some(series: Series) -> list[Series]:
    return [series] if len(series.rows) else []


def _columns(entry: Mapping[str, Any], *names: str) -> Numbers:
    """Columns side by side, without the rows in which one is no number."""
    import numpy as np

    columns = [_array(entry[name]) for name in names]
    length = min(map(len, columns))
    rows = np.column_stack([column[:length] for column in columns])
    # Past this, sums of squares overflow; no picture shows such numbers.
    return rows[(np.abs(np.nan_to_num(rows, nan=np.inf)) < _LARGEST).all(axis=1)]


def _array(values: object) -> Numbers:
    import numpy as np

    return np.array([math.nan if value is None else _real(value) for value in _list(values)[:MAX_ROWS]], float)


def _sized(rows: Numbers) -> Numbers:
    import numpy as np

    return np.column_stack([rows, np.full((len(rows), 2), np.nan)])


def _scattered(entry: Mapping[str, Any], label: str, color: str) -> Series:
    import numpy as np

    x, y, sizes, values = (_array(entry.get(name)) for name in ("x", "y", "sizes", "values"))
    n = min(len(x), len(y))
    rows = np.full((n, 4), np.nan)
    rows[:, 0], rows[:, 1] = x[:n], y[:n]
    for column, given in ((2, sizes), (3, values)):
        if len(given) > 1 and n:
            rows[:, column] = np.resize(given, n) if column == 2 else _filled(given, n)
    rows = rows[(np.abs(np.nan_to_num(rows[:, :2], nan=np.inf)) < _LARGEST).all(axis=1)]
    return Series("points", rows, label, color, span=_span(entry.get("clim")))


def _filled(values: Numbers, length: int) -> Numbers:
    import numpy as np

    return np.concatenate([values[:length], np.full(max(0, length - len(values)), np.nan)])


def _span(limits: object) -> float:
    ends = _array(limits)
    return float(ends[1] - ends[0]) if len(ends) == 2 else math.nan


def _bars(entry: Mapping[str, Any], label: str, color: str) -> Series:
    x, y, width, height = _columns(entry, "x", "y", "width", "height").T
    upright = {"vertical": True, "horizontal": False}.get(_text(entry.get("orientation")))
    return Series("bars", _boxes(x, y, x + width, y + height), label, color, upright=upright)


def _boxes(x0: Numbers, y0: Numbers, x1: Numbers, y1: Numbers) -> Numbers:
    import numpy as np

    return np.column_stack([x0, y0, x1, y1])


def _pies(entry: Mapping[str, Any]) -> list[Series]:
    """One series for each ring: wedges of the same centre, radius and width."""
    import numpy as np

    names = [_text(name) for name in _list(entry.get("labels"))]
    rows = _columns(entry, "x", "y", "radius", "width", "start", "end")
    names += [""] * (len(rows) - len(names))
    rings: dict[tuple[float, ...], list[int]] = {}
    for index, row in enumerate(rows):
        # An exploded wedge has another centre; its radius is that of the ring.
        rings.setdefault((round(row[2], 6), round(row[3], 6)), []).append(index)
    return [
        Series("pie", np.abs(rows[ring, 5:6] - rows[ring, 4:5]) / 360, names=tuple(names[each] for each in ring))
        for ring in rings.values()
    ]


def _grid(entry: Mapping[str, Any], label: str, down: bool, leftward: bool) -> Series:
    import numpy as np

    shape, step = [int(each) for each in entry["shape"]], [int(each) for each in entry["step"]]
    rows, columns = -(-shape[0] // step[0]), -(-shape[1] // step[1])
    cells = np.array([math.nan if value is None else _real(value) for value in _list(entry["values"])[: 4 * 64 * 64]])
    cells = cells.reshape(rows, columns, -1)
    left, right, bottom, top = (_finite(value) for value in entry["extent"])
    # Row 0 lies at the top of the extent, or at its bottom; which end of the extent is up, the limits say.
    top_first = (entry["origin"] == "upper") == (top > bottom)
    if top_first == down:
        cells = cells[::-1]
    if (right < left) != leftward:
        cells = cells[:, ::-1]
    if cells.shape[2] >= 3:
        cells, span = cells[:, :, :3], 255.0 if np.nan_to_num(cells).max() > 1 else 1.0
    else:
        span = _span(entry.get("clim"))
    flat = np.column_stack([np.full(rows * columns, columns, float), cells.reshape(rows * columns, -1)])
    return Series("grid", flat, label, span=span)


def _areas(entry: Mapping[str, Any], label: str, color: str) -> list[Series]:
    """Areas: each a band where it lies between two curves and beside the others; else an outline, or where each is."""
    import numpy as np

    parts = [_columns(part, "x", "y") for part in _mappings(entry["parts"])]
    values = _array(entry.get("values"))
    parts = [part for part in parts if len(part)]
    if not parts:
        return []
    boxes = np.array([np.concatenate([part.min(axis=0), part.max(axis=0)]) for part in parts])
    if len(values) == len(parts) > 1:
        rows = np.column_stack([boxes[:, :2] / 2 + boxes[:, 2:] / 2, np.full(len(parts), np.nan), values])
        return [Series("points", rows, label, color, span=_span(entry.get("clim")))]
    if all(len(part) == 5 and _upright(part) for part in parts):
        return [Series("bars", boxes, label, color)]
    bands = [_band(part) for part in parts] if len(parts) <= _MOST_BANDS and _beside(boxes) else []
    if bands and all(band is not None for band in bands):
        return [Series("band", band, label, color) for band in bands if band is not None]
    if len(parts) == 1:
        return [Series("shape", parts[0], label, color)]
    return [Series("boxes", boxes, label, color)]


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


def _patch(entry: Mapping[str, Any], label: str, color: str) -> Series:
    import numpy as np

    rows = _columns(entry, "x", "y")
    if not len(rows):
        return Series("shape", rows)
    low, high = rows.min(axis=0), rows.max(axis=0)
    if entry["class"] in ("Rectangle", "Polygon") and len(rows) == 5 and _upright(rows):
        return Series("bars", np.concatenate([low, high])[None], label, color)
    if entry["class"] in ("Polygon", "PathPatch", "StepPatch"):
        return Series("shape", rows, label, color)
    return Series("boxes", np.concatenate([low, high])[None], label, color, names=(_text(entry["class"]),))


def _upright(corners: Numbers) -> bool:
    """Whether five points go round a rectangle along the axes."""
    steps = corners[1:] - corners[:-1]
    return bool(((steps == 0).sum(axis=1) >= 1).all())


def _canonical(found: list[Series]) -> list[Series]:
    """The same series however a program came to draw them.

    Bars drawn one by one are gathered by colour, and single ones of different colours together; so are the boxes of
    circles, arrows and the like. Points that only mark the ends of a line are no series of their own.
    """
    loose = [each for each in found if each.kind in ("bars", "boxes") and len(each.rows) == 1]
    rest = [each for each in found if each.kind not in ("bars", "boxes") or len(each.rows) != 1]
    lines = [each.rows for each in rest if each.kind == "line"]
    kept = [each for each in rest if each.kind != "points" or not any(_same(each.rows, line) for line in lines)]
    return kept + [_gathered(group) for group in _groups(loose)]


def _same(points: Numbers, line: Numbers) -> bool:
    import numpy as np

    return len(points) == len(line) and bool(np.isnan(points[:, 2:]).all()) and np.array_equal(points[:, :2], line)


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


def _is_number(text: str) -> bool:
    return text.translate(_NUMBER_MARKS).isdigit()


def _each(entries: object, read: Callable[[Mapping[str, Any]], T], limit: int) -> list[T]:
    found = []
    for entry in _mappings(entries)[:limit]:
        try:
            found.append(read(entry))
        except _BAD:
            continue
    return found


def _mappings(value: object) -> list[Mapping[str, Any]]:
    return [each for each in _list(value) if isinstance(each, dict)]


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    return " ".join(normalised(value[:1000])) if isinstance(value, str) else ""


def _number(value: object) -> float | None:
    return _real(value) if isinstance(value, int | float) else None


def _real(value: object) -> float:
    if not isinstance(value, int | float):
        raise TypeError("no number")
    return float(value)


def _finite(value: object) -> float:
    number = _real(value)
    if not abs(number) < _LARGEST:
        raise ValueError("not finite")
    return number
