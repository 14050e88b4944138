"""Level and upright lines, solid or dashed, found by their runs of like pixels."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from ._arrays import Bytes, Flags, Labels, gap
from .regions import rounded
from .scene import Color, Look, Polyline, Shape
from .zones import Zones

_LONG = 9
_SAME = 26
_LIKE = 48


@dataclass(frozen=True, slots=True)
class Bar:
    """A level or upright line.

    Attributes:
        begin: first pixel along it.
        end: after its last pixel.
        middle: across it, to parts of a pixel.
        width: in pixels.
        color: of the ink.
        contrast: colour distance from what lies below.
        level: whether it runs left to right.
        dash: lengths drawn and left out; empty when solid.
        below: whether shapes lie over parts of it.
    """

    begin: float
    end: float
    middle: float
    width: float
    color: Color
    contrast: float
    level: bool
    dash: tuple[float, ...] = ()
    below: bool = False

    @property
    def length(self) -> float:
        """Pixels along it."""
        return self.end - self.begin

    def shape(self) -> Shape:
        """The line as an element."""
        look = Look(stroke=self.color, stroke_width=round(self.width, 1), dash=self.dash)
        middle = round(self.middle * 2) / 2 if abs(self.middle * 2 - round(self.middle * 2)) < 0.2 else self.middle
        middle, begin, end = round(middle, 1), round(self.begin, 1), round(self.end, 1)
        points = ((begin, middle), (end, middle)) if self.level else ((middle, begin), (middle, end))
        return Polyline(points, look)


@dataclass(frozen=True, slots=True)
class _View:
    """The picture as it is, or turned so that upright lines lie level."""

    image: Bytes
    painted: Bytes
    labels: Labels
    strokes: Flags
    left: Flags
    level: bool


def find_bars(image: Bytes, zones: Zones, strokes: Flags) -> tuple[list[Bar], Flags]:
    """Level and upright lines among the strokes, and which stroke pixels they leave unexplained."""
    left = strokes.copy()
    bars: list[Bar] = []
    for level in (True, False):
        turn = _turner(level)
        view = _View(turn(image), turn(zones.painted), turn(zones.labels), turn(strokes), turn(left), level)
        solid = list(_solid(view))
        bars += _joined(_absorbed(solid), view)
    for level in (True, False):
        turn = _turner(level)
        view = _View(turn(image), turn(zones.painted), turn(zones.labels), turn(left), turn(left), level)
        bars += _absorbed(list(_dashed(view)))
    return bars, left


def _turner(level: bool) -> Callable[..., np.ndarray]:
    return (lambda array: array) if level else (lambda array: np.swapaxes(array, 0, 1))


def _solid(view: _View) -> Iterator[Bar]:
    """Runs of like pixels, stacked where they begin and end together."""
    runs = _level_only(_runs(view, _LONG))
    used: set[int] = set()
    by_row: dict[int, list[int]] = defaultdict(list)
    for index, (row, _, _) in enumerate(runs):
        by_row[row].append(index)
    for index, (row, begin, end) in enumerate(runs):
        if index in used:
            continue
        stack = [index]
        while len(stack) < 7:
            below = [
                other
                for other in by_row.get(row + len(stack), [])
                if other not in used and abs(runs[other][1] - begin) <= 2 and abs(runs[other][2] - end) <= 2
            ]
            if not below:
                break
            stack.append(below[0])
        if end - begin < 2.5 * len(stack):
            continue
        used.update(stack)
        view.left[row : row + len(stack), begin:end] = False
        yield _bar(view, row, len(stack), (begin, end))


def _level_only(runs: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Runs without those that go on a row higher or lower, as the steps of a slanted line do."""
    by_row: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for row, begin, end in runs:
        by_row[row].append((begin, end))

    def goes_on(row: int, begin: int, end: int) -> bool:
        near = [run for other in (row - 1, row + 1) for run in by_row.get(other, ())]
        right = any(begin + 2 < b <= end + 3 and e > end + 2 for b, e in near)
        left = any(b < begin - 2 and begin - 3 <= e < end - 2 for b, e in near)
        return right or left

    return [run for run in runs if not goes_on(*run)]


def _runs(view: _View, shortest: int) -> list[tuple[int, int, int]]:
    """Row, begin and end of every run of stroke pixels of one contrast."""
    change = gap(view.image[:, 1:], view.image[:, :-1]) > _SAME
    contrast = gap(view.image, view.painted) > 5
    seen = view.strokes & contrast
    joined = seen[:, 1:] & seen[:, :-1] & ~change
    edges = np.diff(np.pad(joined, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    rows, begins = np.nonzero(edges == 1)
    _, ends = np.nonzero(edges == -1)
    long = ends - begins + 1 >= shortest
    return [(int(r), int(b), int(e) + 1) for r, b, e in zip(rows[long], begins[long], ends[long], strict=True)]


def _bar(view: _View, row: int, count: int, span: tuple[int, int]) -> Bar:
    begin, end = span
    inner = slice(begin + 1, max(begin + 2, end - 1))
    pixels = np.median(view.image[row : row + count, inner].astype(np.float32), axis=1)
    ground = np.median(view.painted[row : row + count, inner].astype(np.float32), axis=1)
    contrast = np.linalg.norm(pixels - ground, axis=1)
    core = int(contrast.argmax())
    share = np.clip(contrast / max(float(contrast[core]), 1e-6), 0, 1)
    width = float(share.sum())
    middle = row + 0.5 + float((share * np.arange(count)).sum()) / width
    return Bar(begin, end, middle, width, rounded(pixels[core]), float(contrast[core]), view.level)


def _absorbed(bars: list[Bar]) -> list[Bar]:
    """Paler rows along a line are its soft edges: they add to its width."""
    strong = sorted(bars, key=lambda bar: -bar.contrast * bar.length)
    kept: list[Bar] = []
    for bar in strong:
        host = next((index for index, other in enumerate(kept) if _edges(bar, other)), None)
        if host is None:
            kept.append(bar)
            continue
        main = kept[host]
        if not bar.dash and not main.dash:
            extra = bar.width * bar.contrast / main.contrast * min(1.0, bar.length / main.length)
            middle = (main.middle * main.width + bar.middle * extra) / (main.width + extra)
            kept[host] = replace(main, width=main.width + extra, middle=middle)
    return kept


def _edges(bar: Bar, main: Bar) -> bool:
    beside = 0.3 < abs(bar.middle - main.middle) < (bar.width + main.width) / 2 + 0.9
    within = bar.begin >= main.begin - 4 and bar.end <= main.end + 4
    return beside and within and bar.contrast < 0.8 * main.contrast


def _joined(bars: Iterable[Bar], view: _View) -> list[Bar]:
    """Pieces of one line, parted by what crosses or covers it, made whole."""
    rows: dict[int, list[Bar]] = defaultdict(list)
    for bar in sorted(bars, key=lambda bar: bar.begin):
        rows[round(bar.middle)].append(bar)
    whole: list[Bar] = []
    for row in rows.values():
        open_: list[Bar] = []
        for bar in row:
            index = next((i for i, other in enumerate(open_) if _same_line(other, bar, view)), None)
            if index is None:
                open_.append(bar)
            else:
                other = open_[index]
                longer = max((bar, other), key=lambda one: one.length)
                below = other.below or bar.below or _covered(other, bar, view)
                open_[index] = replace(longer, begin=other.begin, end=max(bar.end, other.end), below=below)
        whole += open_
    return whole


def _same_line(first: Bar, second: Bar, view: _View) -> bool:
    if abs(first.middle - second.middle) > 0.7 or abs(first.width - second.width) > 0.8:
        return False
    if sum(abs(a - b) for a, b in zip(first.color, second.color, strict=True)) > _LIKE:
        return False
    return second.begin - first.end <= 3 or _crossed(first, second, view) or _covered(first, second, view)


def _between(first: Bar, second: Bar) -> tuple[int, slice]:
    return int(first.middle), slice(int(first.end), max(int(first.end) + 1, int(second.begin)))


def _crossed(first: Bar, second: Bar, view: _View) -> bool:
    """Whether other strokes fill the gap."""
    row, between = _between(first, second)
    return float(view.strokes[row, between].mean()) > 0.8


def _covered(first: Bar, second: Bar, view: _View) -> bool:
    """Whether fills or strokes lie over the whole gap."""
    row, between = _between(first, second)
    row = min(row, view.labels.shape[0] - 1)
    home = view.labels[row, max(0, between.start - 3)]
    foreign = (view.labels[row, between] != home) | view.strokes[row, between]
    return float(foreign.mean()) > 0.9 and bool((view.labels[row, between] != home).any())


def _dashed(view: _View) -> Iterator[Bar]:
    """Rows of short runs of one length at one pitch."""
    rows: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for row, begin, end in _runs(view, 2):
        if end - begin <= 40:
            rows[row].append((begin, end))
    for row, runs in rows.items():
        for chain in _chains(runs):
            begin, end = chain[0][0], chain[-1][1]
            pitch = (chain[-1][0] - chain[0][0]) / max(1, round((chain[-1][0] - chain[0][0]) / _pitch(chain)))
            values = view.image[row, begin:end].astype(np.float32)
            ground = view.painted[row, begin:end].astype(np.float32)
            contrast = np.linalg.norm(values - ground, axis=1)
            top = float(np.percentile(contrast, 90))
            on = float(np.clip(contrast / max(top, 1e-6), 0, 1).mean()) * pitch * (end - begin) / (end - begin + 1)
            color = rounded(np.median(values[contrast >= 0.9 * top], axis=0))
            view.left[row, begin:end] = False
            dash = (round(on, 1), round(pitch - on, 1))
            yield Bar(begin, end, row + 0.5, 1.0, color, top, view.level, dash)


def _chains(runs: list[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """Longest stretches of a row in which runs follow each other evenly."""
    if len(runs) < 5:
        return
    pitch = _pitch(runs)
    chain = [runs[0]]
    for run in runs[1:]:
        step = (run[0] - chain[-1][0]) / pitch
        if round(step) >= 1 and abs(step - round(step)) * pitch < 1.4 and step < 6.5:
            chain.append(run)
            continue
        if len(chain) >= 5:
            yield chain
        chain = [run]
    if len(chain) >= 5:
        yield chain


def _pitch(runs: list[tuple[int, int]]) -> float:
    return max(2.0, float(np.median(np.diff([begin for begin, _ in runs]))))
