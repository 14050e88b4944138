"""Models by domain: a small radar each, over the best of all."""

import math
from collections.abc import Iterator, Mapping, Sequence

from derender.benchmarks.vision2code.standings import Standing
from derender.report.leaderboard.markup import Colour, Element, el

from .canvas import INK, MISSING, MUTED, OF_ORIGIN, QUIET_SOFT, RULE, Figure, line, word
from .maps import DOMAINS

_SHORT = {"Charts&Plots": "Charts", "Documents": "Docs"}
_HIGHEST = 5.0


def radars(standings: Sequence[Standing], width: float) -> Figure:
    """A radar of each model's means by domain."""
    shown = [each for each in standings if each.domains]
    columns = max(2, min(5, int(width // 200), len(shown)))
    wide = min(width / columns, 240.0)
    tall = min(wide, 206.0) + 18
    best = {name: max((each.domains.get(name, 0.0) for each in shown), default=0.0) for name in DOMAINS}
    marks: list[Element] = []
    for place, each in enumerate(shown):
        row, column = divmod(place, columns)
        marks += _radar(each, column * wide, row * tall, wide, tall, best)
    said = ["; ".join(f"{each.name}: {_said(each.domains)}" for each in shown), "The pale shape is the best of all."]
    rows = math.ceil(len(shown) / columns)
    return Figure("domains", "Mean rating by domain", " ".join(said), width, rows * tall + 4, tuple(marks))


def _said(domains: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {domains[name]:.2f}" for name in DOMAINS if name in domains)


def _radar(each: Standing, x: float, y: float, wide: float, tall: float, best: Mapping[str, float]) -> list[Element]:
    radius = min(wide / 2 - 48, (tall - 84) / 2)
    middle = (x + wide / 2, y + 52 + radius)
    solid, _ = OF_ORIGIN[each.origin]
    marks = [word(middle[0], y + 13, each.name, room=wide - 14, size=12, anchor="middle", weight=600)]
    for ring in range(1, 6):
        points = [_point(middle, radius * ring / _HIGHEST, place) for place in range(len(DOMAINS))]
        marks.append(_shape(points, "none", RULE))
    marks += [line(*middle, *_point(middle, radius, place), RULE) for place in range(len(DOMAINS))]
    outer = [_point(middle, radius * best[name] / _HIGHEST, place) for place, name in enumerate(DOMAINS)]
    marks.append(_shape(outer, MISSING, QUIET_SOFT, opacity=0.75))
    own = [
        _point(middle, radius * each.domains[name] / _HIGHEST, place)
        for place, name in enumerate(DOMAINS)
        if name in each.domains
    ]
    if len(own) > 2:
        marks.append(_shape(own, solid, solid, opacity=0.22, width=1.8))
    marks += [el("circle", cx=point[0], cy=point[1], r=2.6, fill=solid) for point in own]
    for place, name in enumerate(DOMAINS):
        marks += _axis_name(name, each.domains.get(name), middle, radius, place)
    return marks


def _axis_name(
    name: str, value: float | None, middle: tuple[float, float], radius: float, place: int
) -> Iterator[Element]:
    px, py = _point(middle, radius + 7, place)
    anchor = "middle" if abs(px - middle[0]) < 1 else "start" if px > middle[0] else "end"
    # Above, below, or beside: two lines that start where there is room.
    y = py - 12 if py < middle[1] - radius else py + 9 if py > middle[1] + radius else py
    yield word(px, y, _SHORT.get(name, name), size=9.5, anchor=anchor, colour=MUTED)
    yield word(px, y + 11, "–" if value is None else f"{value:.2f}", size=10, anchor=anchor, colour=INK)


def _point(middle: tuple[float, float], radius: float, place: int) -> tuple[float, float]:
    angle = math.tau * place / len(DOMAINS) - math.pi / 2
    return round(middle[0] + radius * math.cos(angle), 2), round(middle[1] + radius * math.sin(angle), 2)


def _shape(
    points: Sequence[tuple[float, float]],
    fill: Colour | str,
    stroke: Colour,
    *,
    opacity: float | None = None,
    width: float = 1,
) -> Element:
    corners = " ".join(f"{x:g},{y:g}" for x, y in points)
    return el(
        "polygon",
        points=corners,
        fill=fill,
        fill_opacity=opacity,
        stroke=stroke,
        stroke_width=width,
        stroke_linejoin="round",
    )
