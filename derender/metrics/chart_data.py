"""Whether two programs draw the same data: series, axes, ticks, legend and titles of Matplotlib's own artists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from derender.core import Failure

from ._chart_places import agreement_of_limits, measure
from ._chart_values import likeness
from ._charts import Axes, Axis, Chart, Series
from ._drawn import chart
from ._facts import Facts, Unscorable
from ._metric import Part, Values, metric
from ._pairing import assigned

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SERIES_WEIGHT = 0.5
"""Weight of the series in the whole; the other parts that mean something share the rest evenly."""
PAIRS_COMPARED = 4_000_000
"""Pairs of values up to which every series is compared with every other; above, each with the one placed most alike."""
AXES_COMPARED = 100
"""Pairs of axes up to which their series decide who belongs together; above, their titles and places do."""
VALUES_COMPARED = 40_000_000
"""Likewise, pairs of values in all axes."""
LONGEST_TEXT = 300
_PARTS = ("series", "series_precision", "series_recall", "limits", "scales", "tick_labels", "legend", "titles", "texts")
_WEIGHED = ("limits", "scales", "tick_labels", "legend", "titles", "texts")


@dataclass(slots=True)
class _Tally:
    """How much of one kind was matched, and how much of it there is on either side."""

    matched: float = 0.0
    wanted: int = 0
    given: int = 0

    @property
    def f1(self) -> float | None:
        """Twice the matched over all there is; None where neither side has any."""
        return min(1.0, 2 * self.matched / (self.wanted + self.given)) if self.wanted + self.given else None

    def add(self, matched: float, wanted: int, given: int) -> None:
        """Count in more of the kind."""
        self.matched += matched
        self.wanted += wanted
        self.given += given


@dataclass(slots=True)
class _Tallies:
    series: _Tally = field(default_factory=_Tally)
    limits: _Tally = field(default_factory=_Tally)
    scales: _Tally = field(default_factory=_Tally)
    tick_labels: _Tally = field(default_factory=_Tally)
    legend: _Tally = field(default_factory=_Tally)
    titles: _Tally = field(default_factory=_Tally)
    texts: _Tally = field(default_factory=_Tally)


class _Matches:
    """How much of the series of two axes agree; worked out once for each pair."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], float] = {}

    def of(self, one: Axes, other: Axes) -> float:
        """The greatest sum of likeness over series assigned to each other."""
        key = id(one), id(other)
        if key not in self._known:
            self._known[key] = _series_matched(one, other)
        return self._known[key]


@metric(
    "chart_data",
    tuple(Part(name) for name in ("overall", *_PARTS)),
    needs=(chart,),
    source="derender's own: assignment of drawn artists, see `compare_charts`",
    cost_ms=100.0,
    family="charts",
    default=False,
)
def chart_data(reference: Facts, candidate: Facts) -> Values:
    """How much of the reference's data, axes, legend and titles the candidate's program draws.

    Both sides are Matplotlib programs, run once with their artists traced; the comparison itself takes a millisecond
    or a few. What a run tells of its artists is the program's own word, as its picture is. A candidate that failed by
    its own fault gets 0 for all that the reference has.

    Raises:
        Unscorable: a side is no such program, the reference failed, or the candidate by no fault of its program.
    """
    wanted, given = reference[chart], candidate[chart]
    if isinstance(wanted, Failure):
        raise Unscorable(f"the reference has no chart: {wanted.message}")
    if isinstance(given, Failure):
        if given.ours:
            raise Unscorable(f"the candidate was not drawn, by no fault of its program ({given.message})")
        possible = compare_charts(wanted, wanted)
        return {part: None if value is None else 0.0 for part, value in possible.items()}
    return compare_charts(wanted, given)


def compare_charts(reference: Chart, candidate: Chart) -> dict[str, float | None]:
    """The parts of `chart_data` of two charts.

    Axes are assigned to axes of the same kind, by the agreement of their series first, then of their titles and their
    places. Within a pair of axes, series are assigned to series of the same kind so that the sum of their likeness is
    greatest; labels and colours only decide between equals, except that two labelled series with different labels
    keep half to all of their likeness, as their labels are alike. Then each part is an F1, 2 x matched / (number in
    the reference + number in the candidate), over all axes:

    - ``series``: of series, matched by likeness (see `derender.metrics._chart_values`); with its precision, matched
      / number in the candidate, and recall, matched / number in the reference;
    - ``limits``: of axes that can be seen, by the overlap of what they show, on the reference's scale;
    - ``scales``: of the same, by whether the scale has the same name;
    - ``tick_labels``: of the written labels, by the longest common subsequence along each axis;
    - ``legend``: of entries, as a multiset over the figure;
    - ``titles``: of titles and axis labels, each by how alike it is to the one in the same place (Dice's coefficient of
      neighbouring letters);
    - ``texts``: of other texts, such as values on bars or names of wedges, as a multiset over the figure.

    A part is None where neither side has anything of it. ``overall`` is the mean of all but precision and recall,
    ``series`` weighing half.

    Raises:
        Unscorable: neither side has anything to compare.
    """
    tally, matches = _Tallies(), _Matches()
    for wanted, given in _paired_axes(reference.axes, candidate.axes, matches):
        _count_axes(tally, wanted, given, matches)
    _count_words(tally.legend, reference.legend, candidate.legend)
    _count_words(tally.texts, reference.texts, candidate.texts)
    _count_title(tally.titles, reference.title, candidate.title)
    return _parts(tally)


def _parts(tally: _Tallies) -> dict[str, float | None]:
    values = {name: getattr(tally, name).f1 for name in _WEIGHED}
    series = tally.series
    weighed = [value for value in values.values() if value is not None]
    if series.f1 is None and not weighed:
        raise Unscorable("neither chart has anything to compare")
    around = sum(weighed) / len(weighed) if weighed else None
    shares = [(series.f1, SERIES_WEIGHT), (around, 1 - SERIES_WEIGHT)]
    known = [(value, weight) for value, weight in shares if value is not None]
    overall = sum(value * weight for value, weight in known) / sum(weight for _, weight in known)
    return {
        "overall": min(1.0, overall),
        "series": series.f1,
        "series_precision": min(1.0, series.matched / series.given) if series.given else None,
        "series_recall": min(1.0, series.matched / series.wanted) if series.wanted else None,
        **values,
    }


def _paired_axes(
    reference: Sequence[Axes], candidate: Sequence[Axes], matches: _Matches
) -> Iterable[tuple[Axes | None, Axes | None]]:
    """Axes with the ones they are compared to; None stands for what has no partner."""
    import numpy as np

    values = _size(reference) * _size(candidate)
    in_full = len(reference) * len(candidate) <= AXES_COMPARED and values <= VALUES_COMPARED
    worth = np.array(
        [[_axes_agree(one, other, matches if in_full else None) for other in candidate] for one in reference]
    )
    pairs = []
    if worth.size:
        rows, columns = assigned(worth, maximize=True)
        pairs = [(int(row), int(column)) for row, column in zip(rows, columns, strict=True) if worth[row, column] > 0]
    found: list[tuple[Axes | None, Axes | None]] = [(reference[row], candidate[column]) for row, column in pairs]
    found += [(one, None) for index, one in enumerate(reference) if index not in {row for row, _ in pairs}]
    found += [(None, one) for index, one in enumerate(candidate) if index not in {column for _, column in pairs}]
    return found


def _size(axes: Sequence[Axes]) -> int:
    return sum(len(series.rows) for each in axes for series in each.series)


def _axes_agree(one: Axes, other: Axes, matches: _Matches | None) -> float:
    if one.kind != other.kind:
        return 0.0
    named = [(one.title, other.title), *((axis.label, other.axis[name].label) for name, axis in one.axis.items())]
    names = sum(_alike(a, b) for a, b in named) / len(named)
    placed = 1 - sum(abs(a - b) for a, b in zip(one.box, other.box, strict=True)) / 4
    drawn = 0.0
    if matches:
        total = len(one.series) + len(other.series)
        drawn = 2 * matches.of(one, other) / total if total else 1.0
    return drawn + 0.2 * names + 0.1 * max(0.0, placed) + 1e-6


def _series_matched(one: Axes, other: Axes) -> float:
    import numpy as np

    on = measure(one, other)
    matched = 0.0
    # In the order drawn: in that of a set, the sum would differ in its last digit from run to run.
    for kind in dict.fromkeys(series.kind for series in one.series):
        wanted = [series for series in one.series if series.kind == kind]
        given = [series for series in other.series if series.kind == kind]
        if not given:
            continue
        many = sum(len(series.rows) for series in wanted) * sum(len(series.rows) for series in given) > PAIRS_COMPARED
        if many or len(wanted) * len(given) > AXES_COMPARED**2 // 4:
            rows, columns = assigned(_far_apart(wanted, given))
            matched += sum(
                _worth(wanted[a], given[b], likeness(wanted[a], given[b], on))[0]
                for a, b in zip(rows, columns, strict=True)
            )
            continue
        worth = np.array([[_worth(a, b, likeness(a, b, on)) for b in given] for a in wanted])
        rows, columns = assigned(worth.sum(axis=2), maximize=True)
        matched += float(worth[rows, columns, 0].sum())
    return matched


def _far_apart(wanted: Sequence[Series], given: Sequence[Series]) -> NDArray[np.float64]:
    """How far apart series lie, by the means and the spread of their values: a cheap guide to who belongs together."""
    import numpy as np

    marks = [[_marks(series) for series in side] for side in (wanted, given)]
    width = min(len(mark) for side in marks for mark in side)
    a, b = (np.array([mark[:width] for mark in side]) for side in marks)
    spread = np.ptp(np.concatenate([a, b]), axis=0)
    difference = np.abs(a[:, None] - b[None]) / np.where(spread > 0, spread, 1.0)
    return np.asarray(difference.sum(axis=2), float)


def _marks(series: Series) -> list[float]:
    import numpy as np

    rows = np.nan_to_num(series.rows)
    return [value for column in rows.T for value in (float(column.mean()), float(column.std()))]


def _worth(one: Series, other: Series, alike: float) -> tuple[float, float]:
    """What matching two series is worth, and what decides between equals."""
    if one.label and other.label:
        alike *= 0.5 + 0.5 * _alike(one.label, other.label)
    hint = 1e-6 * (one.label == other.label) + 1e-7 * (one.color == other.color)
    return alike, hint


def _count_axes(tally: _Tallies, wanted: Axes | None, given: Axes | None, matches: _Matches) -> None:
    matched = matches.of(wanted, given) if wanted and given else 0.0
    tally.series.add(matched, len(wanted.series) if wanted else 0, len(given.series) if given else 0)
    _count_title(tally.titles, wanted.title if wanted else "", given.title if given else "")
    names = dict.fromkeys(name for side in (wanted, given) if side for name in side.axis)
    for name in names:
        _count_axis(tally, *(side.axis.get(name) if side else None for side in (wanted, given)))


def _count_axis(tally: _Tallies, wanted: Axis | None, given: Axis | None) -> None:
    _count_title(tally.titles, wanted.label if wanted else "", given.label if given else "")
    here, there = _seen(wanted), _seen(given)
    both = wanted is not None and given is not None and here and there
    overlap = agreement_of_limits(wanted, given) if both and wanted and given else 0.0
    same = float(bool(both and wanted and given and wanted.scale == given.scale))
    tally.limits.add(overlap, here, there)
    tally.scales.add(same, here, there)
    texts = [[text for _, text in side.ticks] if side else [] for side in (wanted, given)]
    tally.tick_labels.add(_common(*texts), len(texts[0]), len(texts[1]))


def _seen(axis: Axis | None) -> bool:
    return axis is not None and axis.visible


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """Length of the longest common subsequence."""
    lengths = [0] * (len(other) + 1)
    for text in one:
        diagonal = 0
        for index, there in enumerate(other, start=1):
            diagonal, lengths[index] = (
                lengths[index],
                diagonal + 1 if text == there else max(lengths[index], lengths[index - 1]),
            )
    return lengths[-1]


def _count_title(tally: _Tally, wanted: str, given: str) -> None:
    tally.add(_alike(wanted, given) if wanted and given else 0.0, bool(wanted), bool(given))


def _count_words(tally: _Tally, wanted: Sequence[str], given: Sequence[str]) -> None:
    tally.add((Counter(wanted) & Counter(given)).total(), len(wanted), len(given))


def _alike(one: str, other: str) -> float:
    """How alike two texts are, 0 to 1: Dice's coefficient of their pairs of neighbouring letters, ends included."""
    if one == other:
        return 1.0
    pairs = [Counter(pairwise(f" {text[:LONGEST_TEXT]} ")) for text in (one, other)]
    return 2 * (pairs[0] & pairs[1]).total() / (pairs[0].total() + pairs[1].total())
