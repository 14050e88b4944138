"""Models as bars: how many programs give a picture, and why the others don't."""

from collections.abc import Sequence

from derender.benchmarks.vision2code import FailureClass, FailureTable
from derender.benchmarks.vision2code.standings import Standing
from derender.report.leaderboard.markup import Colour, Element, el, width_of

from .canvas import INK, MUTED, OF_ORIGIN, QUIET_SOFT, Figure, Labels, Scale, box, divided, line, word

_ROW = 26
_THICK = 15
_OF_CLASS = {
    FailureClass.HALLUCINATED_API_ARGUMENT: Colour("#d55e00", "#e8833a"),
    FailureClass.SHAPE_3D_GEOMETRY: Colour("#56b4e9", "#6cbcec"),
    FailureClass.OTHER_RUNTIME: Colour("#8c9097", "#8a8f98"),
    FailureClass.SYNTAX_TRUNCATION: Colour("#e6b100", "#e3b93c"),
    FailureClass.MISSING_DEPENDENCY_FILE: Colour("#00805c", "#27a981"),
}
_INK_ON = Colour("#10141b", "#10141b")


def rendered(standings: Sequence[Standing], width: float) -> Figure:
    """Share of programs that give a picture."""
    names = [each.name for each in standings]
    labels = Labels.of(names, width, 10)
    left, row = labels.left, _ROW + labels.above
    scale = Scale(0, 1, left, width - left - 116)
    marks = [*divided(standings, 0.5, row, width)]
    for place, each in enumerate(standings):
        y = 6 + place * row + labels.above
        solid, _ = OF_ORIGIN[each.origin]
        marks.append(labels.word(each.name, y + 12, 10, width))
        marks.append(box(left, y, scale.length, _THICK, QUIET_SOFT))
        rate = each.render_rate
        if rate is None:
            marks.append(word(left + scale.length + 8, y + 12, "none tried", colour=MUTED, size=11))
            continue
        told = f"{each.name}: {each.rendered:,} of {each.tried:,}"
        marks.append(box(left, y, scale(rate) - left, _THICK, solid, told))
        end = left + scale.length
        marks.append(word(end + 58, y + 12, f"{100 * rate:.1f} %", anchor="end", weight=600))
        marks.append(word(width, y + 12, f"{each.rendered:,}", anchor="end", colour=MUTED, size=11))
    said = [f"{each.name} {100 * (each.render_rate or 0):.1f} %" for each in standings if each.tried]
    title = "Programs that give a picture"
    return Figure("rendered", title, "; ".join(said), width, 12 + len(names) * row, tuple(marks))


def failures(standings: Sequence[Standing], width: float) -> Figure:
    """Why programs give no picture: their classes, each as a share of the programs that were tried."""
    known = [each for each in standings if each.failures is not None]
    counts = FailureTable({each.name: each.failures for each in known if each.failures is not None}).plotted
    labels = Labels.of(counts, width, 10)
    left, row = labels.left, _ROW + labels.above
    shares = [sum(counts[each.name].values()) / each.tried if each.tried else 0.0 for each in known]
    scale = Scale(0, max([*shares, 0.01]), left, width - left - 92)
    legend, top = _legend(width)
    marks = [*legend, *divided(known, top - 5.5, row, width)]
    for place, (each, share) in enumerate(zip(known, shares, strict=True)):
        y = top + place * row + labels.above
        marks.append(labels.word(each.name, y + 12, 10, width))
        marks.append(line(left, y - 3, left, y + _THICK + 3, QUIET_SOFT))
        at = left
        for kind, count in counts[each.name].items():
            wide = scale(count / each.tried) - left if each.tried else 0
            told = f"{each.name}: {count:,} {kind.label}"
            marks.append(box(at, y, max(wide - 1, 0.5 if count else 0), _THICK, _OF_CLASS[kind], told, 1))
            if wide > width_of(str(count), 10.5) + 5:
                marks.append(word(at + wide / 2, y + 11.5, str(count), size=10.5, anchor="middle", colour=_INK_ON))
            at += wide
        total = sum(counts[each.name].values())
        marks.append(word(at + 8, y + 12, f"{total:,}", weight=600))
        after = at + 8 + width_of(f"{total:,}", 12.5) + 5
        marks.append(word(after, y + 12, f"{100 * share:.1f} %", colour=MUTED, size=11))
    said = [f"{each.name} {sum(counts[each.name].values()):,} of {each.tried:,}" for each in known]
    title = "Why programs give no picture"
    return Figure("failures", title, "; ".join(said), width, top + 6 + len(known) * row, tuple(marks))


def _legend(width: float) -> tuple[list[Element], float]:
    """Its marks, on as many lines as the width asks for, and where they end."""
    marks: list[Element] = []
    x, y = 0.0, 12.0
    for kind, colour in _OF_CLASS.items():
        wide = 18 + width_of(kind.label, 11.5) + 12
        if x and x + wide > width:
            x, y = 0.0, y + 19
        marks.append(el("g", box(x, y - 9, 11, 11, colour), word(x + 17, y, kind.label, size=11.5, colour=INK)))
        x += wide
    return marks, y + 18
