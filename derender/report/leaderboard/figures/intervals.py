"""Means with their intervals, one model a line, and brackets around neighbours that no interval tells apart."""

import math
from collections.abc import Sequence

from derender.benchmarks.vision2code.standings import Mean, Origin, Standing, overlapping
from derender.report.leaderboard.board import Board
from derender.report.leaderboard.markup import Element, el

from .canvas import AXIS, GROUND, INK, MUTED, OF_ORIGIN, RULE, Figure, Labels, Scale, divided, line, word

_ROW = 30
_BRACKET = 14


def intervals(board: Board, width: float) -> Figure:
    """The macro mean and the mean of all ratings of each model, with the intervals that there are."""
    shown = [each for each in board.standings if each.micro.value is not None]
    groups = _groups(board, shown)
    labels = Labels.of([each.name for each in shown], width, 12)
    left, row = labels.left, _ROW + labels.above
    low, high = _ends(shown)
    # Marks at an end of the scale have some room there.
    scale = Scale(low, high, left + 6, width - left - 22 - _BRACKET * len(groups))
    bottom = 34 + len(shown) * row
    marks = [*_legend(width), *_axis(scale, 30, bottom), *divided(shown, 34, row, width)]
    rows = {each.name: 34 + place * row + labels.above + _ROW / 2 for place, each in enumerate(shown)}
    for each in shown:
        marks.append(labels.word(each.name, rows[each.name] + 4, 12, width))
        marks += _model(each, scale, rows[each.name])
    for place, group in enumerate(groups):
        marks += _bracket([rows[name] for name in group], scale.start + scale.length + 12 + place * _BRACKET)
    said = [f"{each.name} {_told(each.macro)}, of all ratings {_told(each.micro)}" for each in shown]
    said += [f"not told apart: {', '.join(group)}" for group in groups]
    return Figure("intervals", "Mean ratings and their intervals", "; ".join(said), width, bottom + 26, tuple(marks))


def _groups(board: Board, shown: Sequence[Standing]) -> list[tuple[str, ...]]:
    """Of the published and of the measured models, which no pair speaks of together."""
    compared = {name for pair in board.pairs for name in (pair.a, pair.b)}
    orders = ([each.name for each in shown if each.origin is origin and each.name in compared] for origin in Origin)
    return [group for order in orders for group in overlapping(order, board.pairs)]


def _ends(shown: Sequence[Standing]) -> tuple[float, float]:
    values = [
        value for each in shown for mean in (each.macro, each.micro) for value in (mean.value, mean.low, mean.high)
    ]
    known = [value for value in values if value is not None] or [0.0, 5.0]
    low, high = math.floor(min(known) * 2) / 2, math.ceil(max(known) * 2) / 2
    # Means that are all the same half still have some room on either side.
    return (max(0.0, low - 0.5), min(5.0, high + 0.5)) if low == high else (low, high)


def _axis(scale: Scale, top: float, bottom: float) -> list[Element]:
    step = 0.5 if scale.high - scale.low <= 3 and scale.length > 300 else 1.0
    marks = []
    for number in range(math.ceil(scale.low / step), math.floor(scale.high / step) + 1):
        x = scale(number * step)
        marks.append(line(x, top, x, bottom, RULE))
        marks.append(word(x, bottom + 16, f"{number * step:g}", size=11, anchor="middle", colour=MUTED))
    return marks


def _model(each: Standing, scale: Scale, y: float) -> list[Element]:
    solid, soft = OF_ORIGIN[each.origin]
    marks: list[Element] = []
    micro, macro = each.micro, each.macro
    if macro.value is not None:
        if macro.low is not None and macro.high is not None:
            marks.append(line(scale(macro.low), y - 5, scale(macro.high), y - 5, solid, 1.5))
        x = scale(macro.value)
        points = f"{x - 5},{y - 5} {x},{y - 10} {x + 5},{y - 5} {x},{y}"
        told = el("title", f"{each.name}: macro mean {_told(macro)}")
        marks.append(el("polygon", told, points=points, fill=GROUND, stroke=solid, stroke_width=1.5))
    if micro.value is not None:
        if micro.low is not None and micro.high is not None:
            marks.append(line(scale(micro.low), y + 5, scale(micro.high), y + 5, soft, 7))
        told = el("title", f"{each.name}: mean of all ratings {_told(micro)}")
        marks.append(el("circle", told, cx=scale(micro.value), cy=y + 5, r=3.6, fill=solid))
    return marks


def _bracket(rows: Sequence[float], x: float) -> list[Element]:
    ends = [line(x, rows[0], x, rows[-1], AXIS, 2)]
    return ends + [el("circle", cx=x, cy=row, r=3, fill=AXIS) for row in rows]


def _legend(width: float) -> list[Element]:
    solid, soft = OF_ORIGIN[Origin.PUBLISHED]
    diamond = el("polygon", points="0,9 5,4 10,9 5,14", fill=GROUND, stroke=solid, stroke_width=1.5)
    first = [diamond, word(16, 13, "macro mean", size=11.5, colour=INK)]
    x = 110
    interval = "mean of all ratings, 95 % interval" if width > 500 else "of all ratings, 95 %"
    second = [line(x, 9, x + 22, 9, soft, 7), el("circle", cx=x + 11, cy=9, r=3.6, fill=solid)]
    return [*first, *second, word(x + 30, 13, interval, size=11.5, colour=INK)]


def _told(mean: Mean) -> str:
    if mean.value is None:
        return "not known"
    ends = "" if mean.low is None or mean.high is None else f" [{mean.low:.3f}, {mean.high:.3f}]"
    return f"{mean.value:.3f}{ends}"
