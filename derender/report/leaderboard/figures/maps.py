"""Numbers in a grid, each on a ground that says how much it is: datasets, differences, ranks."""

from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from derender.benchmarks.statistics import Verdict
from derender.benchmarks.vision2code import SOURCES
from derender.benchmarks.vision2code.standings import Pair, Place, Standing
from derender.report.leaderboard.markup import Element, el

from .canvas import ACCENT, MISSING, MUTED, OF_ORIGIN, Figure, Labels, box, diverging, divided, heat, line, word

_SIZES = Counter(source.domain for source in SOURCES.values())
DOMAINS = tuple(sorted(_SIZES, key=lambda name: (-_SIZES[name], name)))
"""Those of many datasets first."""
DATASETS = tuple(sorted(SOURCES, key=lambda name: DOMAINS.index(SOURCES[name].domain)))
_HIGHEST = 5.0
_CELL = 26
_GAP = 9
_SATURATED = 1.5
"""A difference that has the full colour."""


def datasets(standings: Sequence[Standing], width: float) -> Figure:
    """Every model on every dataset, those of a domain side by side; the headline first."""
    left = Labels.of([each.name for each in standings], width, 18, 0.26).left
    # The last name leans over the edge of its column.
    wide = (width - left - _GAP * (len(DOMAINS) + 1) - 40) / (len(DATASETS) + 1)
    columns = _columns(left, wide)
    top = 120.0
    marks = [*_domains(columns, wide), word(left + wide / 2, top - 8, "Macro", size=11.5, anchor="middle", weight=600)]
    for name, x in columns.items():
        marks.append(word(x + wide / 2 + 4, top - 8, name, size=11, turned=-40))
    marks += divided(standings, top, _CELL, columns[DATASETS[-1]] + wide)
    for place, each in enumerate(standings):
        y = top + place * _CELL
        solid, _ = OF_ORIGIN[each.origin]
        marks.append(word(left - 10, y + 17, each.name, room=left - 18, anchor="end"))
        marks.append(box(left - 6, y + 5, 3, _CELL - 11, solid))
        marks += _cell(left, y, wide, each.macro.value, f"{each.name}, macro mean", heavy=True)
        for name, x in columns.items():
            of = each.datasets.get(name)
            told = f"{each.name}, {name}" if of is None else f"{each.name}, {name}, {of.rated:,} of {of.n:,} rated"
            marks += _cell(x, y, wide, None if of is None else of.mean.value, told)
    said = "Rows are models, columns datasets by domain; each cell is a mean rating of 0 to 5. The table has them all."
    height = top + len(standings) * _CELL + 4
    return Figure("datasets", "Mean rating by dataset", said, width, height, tuple(marks))


def _columns(left: float, wide: float) -> dict[str, float]:
    found = {}
    x = left + wide + _GAP
    for _, names in groupby(DATASETS, key=lambda name: SOURCES[name].domain):
        for name in names:
            found[name] = x
            x += wide
        x += _GAP
    return found


def _domains(columns: dict[str, float], wide: float) -> list[Element]:
    marks = []
    for place, (name, datasets) in enumerate(groupby(columns, key=lambda each: SOURCES[each].domain)):
        xs = [columns[each] for each in datasets]
        # Names of neighbours that are narrower than they are long stand on two lines in turns.
        y = 12 if place % 2 == 0 else 26
        marks.append(word(xs[0], y, name, size=11, colour=MUTED, weight=600))
        marks.append(line(xs[0] + 1, 33, xs[-1] + wide - 2, 33, MUTED))
    return marks


def _cell(x: float, y: float, wide: float, value: float | None, told: str, *, heavy: bool = False) -> list[Element]:
    if value is None:
        ground, ink, text = MISSING, MUTED, "–"
    else:
        (ground, ink), text = heat(value / _HIGHEST), f"{value:.2f}"
    size = 11.5 if wide >= 36 else 10
    weight = 700 if heavy else None
    return [
        box(x + 1, y + 1, wide - 2, _CELL - 2, ground, f"{told}: {text}"),
        word(x + wide / 2, y + 17, text, size=size, anchor="middle", colour=ink, weight=weight),
    ]


def differences(order: Sequence[str], pairs: Sequence[Pair], width: float, name: str = "differences") -> Figure:
    """How much higher the model of a row is rated than that of a column, where the samples tell."""
    known = {(pair.a, pair.b): pair for pair in pairs}
    labels = Labels.of(order, width, 28, 0.3)
    left, height = labels.left, _CELL + labels.above
    wide = min(64.0, (width - left) / max(1, len(order)))
    marks = []
    for place, each in enumerate(order):
        y = 24.0 + place * height + labels.above
        marks.append(labels.word(each, y + 17 - (labels.above and 5), 28, width))
        marks.append(word(left - 8, y + 17, str(place + 1), size=11, anchor="end", colour=MUTED))
        marks.append(word(left + (place + 0.5) * wide, 16, str(place + 1), size=11, anchor="middle", colour=MUTED))
        for column, other in enumerate(order):
            marks += _difference(left + column * wide, y, wide, each, other, known)
    said = [_told(pair) for pair in pairs]
    title = "Differences of means, row minus column"
    width = left + len(order) * wide
    return Figure(name, title, "; ".join(said), width, 28 + len(order) * height, tuple(marks))


def _difference(
    x: float, y: float, wide: float, row: str, column: str, known: dict[tuple[str, str], Pair]
) -> list[Element]:
    sign, pair = (1, known.get((row, column))) if (row, column) in known else (-1, known.get((column, row)))
    if row == column or pair is None or pair.difference.value is None:
        told = "" if row == column else f"{row} and {column} share no rated sample"
        return [box(x + 1, y + 1, wide - 2, _CELL - 2, MISSING, told)]
    value = sign * pair.difference.value
    apart = pair.verdict is not Verdict.OVERLAP_ZERO
    ground, ink = diverging(value / _SATURATED) if apart else (MISSING, MUTED)
    text = f"{value:+.2f}".replace("-", "−") if wide >= 40 else f"{value:+.1f}".replace("-", "−")
    shown = text if apart else f"({text})" if wide >= 46 else "≈"
    return [
        box(x + 1, y + 1, wide - 2, _CELL - 2, ground, _told(pair)),
        word(x + wide / 2, y + 17, shown, size=11 if wide >= 40 else 9.5, anchor="middle", colour=ink),
    ]


def _told(pair: Pair) -> str:
    low, high = pair.difference.low, pair.difference.high
    ends = "" if low is None or high is None else f" [{low:+.3f}, {high:+.3f}]"
    meant = {
        Verdict.A_HIGHER: f"{pair.a} is higher",
        Verdict.B_HIGHER: f"{pair.b} is higher",
        Verdict.OVERLAP_ZERO: "not told apart",
    }[pair.verdict]
    return f"{pair.a} minus {pair.b}: {pair.difference.value:+.3f}{ends}, {meant}"


def ranks(places: Sequence[Place], width: float, name: str = "ranks") -> Figure:
    """How often each model has which rank over the resamples."""
    labels = Labels.of([each.name for each in places], width, 12, 0.34)
    left, height = labels.left, _CELL + labels.above
    wide = min(64.0, (width - left) / max(1, len(places)))
    marks = []
    for rank in range(len(places)):
        marks.append(word(left + (rank + 0.5) * wide, 16, str(rank + 1), size=11, anchor="middle", colour=MUTED))
    for place, each in enumerate(places):
        y = 24.0 + place * height + labels.above
        marks.append(labels.word(each.name, y + 17 - (labels.above and 5), 12, width))
        for rank, probability in enumerate(each.probabilities):
            x = left + rank * wide
            ground, ink = heat(probability) if probability > 0 else (MISSING, MUTED)
            marks.append(
                box(x + 1, y + 1, wide - 2, _CELL - 2, ground, f"{each.name}, rank {rank + 1}: {probability:.4f}")
            )
            if probability > 0:
                text = _percent(probability)
                marks.append(
                    word(x + wide / 2, y + 17, text, size=11 if wide >= 34 else 9.5, anchor="middle", colour=ink)
                )
        x = left + (each.rank - 1) * wide
        marks.append(_framed(x, y, wide))
    said = [f"{each.name} rank {each.rank}, {each.mean_rank:.2f} in the mean of resamples" for each in places]
    title = "How sure the ranks are"
    width = left + len(places) * wide
    return Figure(name, title, "; ".join(said), width, 28 + len(places) * height, tuple(marks))


def _framed(x: float, y: float, wide: float) -> Element:
    """A frame around the rank that the samples themselves give."""
    return el(
        "rect",
        x=round(x + 1, 2),
        y=y + 1,
        width=round(wide - 2, 2),
        height=_CELL - 2,
        rx=2,
        fill="none",
        stroke=ACCENT,
        stroke_width=1.5,
    )


def _percent(share: float) -> str:
    """In hundredths; what would be shown as none or all and is not says so."""
    if 0 < share < 0.01:
        return "<1"
    return ">99" if 0.995 <= share < 1 else f"{100 * share:.0f}"
