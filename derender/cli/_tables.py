"""Scores as people read them: one line of headlines for a pair of many, a table for a single one."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from ._exits import one_line
from ._output import folded, notes, style

if TYPE_CHECKING:
    from derender.metrics import Metric, Part, Scores

_Unscored = Mapping[str, str]


def headlines(scores: "Scores") -> str:
    """The first part that each metric has a value of, by the metric's name where that says which part it is."""
    from derender.metrics import get_metric

    found = []
    for name, values in scores.scores.items():
        metric = get_metric(name)
        part = next(part for part in metric.parts if part.name in values)
        label = name if len(metric.parts) == 1 or part.name == name else f"{name}.{part.name}"
        found.append(f"{style(label, dim=True)} {_number(values[part.name])}")
    return "  ".join(found)


def table(scores: "Scores") -> str:
    """A line or more per metric, with all its parts, and one per reason why something is not scored."""
    from derender.metrics import get_metric

    wide = max(map(len, [*scores.scores, *scores.unscored]), default=0)
    lines = [folded(f"{name:<{wide}}  ", _row(get_metric(name), values)) for name, values in scores.scores.items()]
    reasons: dict[str, list[str]] = {}
    for name, why in scores.unscored.items():
        reasons.setdefault(why, []).append(name)
    # A reason may hold a command to copy, so that only the terminal breaks it.
    lines += [
        f"{', '.join(names):<{wide}}  {style(f'not scored: {one_line(why)}', dim=True)}"
        for why, names in reasons.items()
    ]
    return "\n".join(lines) + notes(scores.notes)


def what_is_missing(unscored: Iterable[_Unscored]) -> list[str]:
    """Sentences of the metrics, or parts of such, that some pairs have no score by: how many, and why the first."""
    pairs = list(unscored)
    counts = Counter(name for pair in pairs for name in pair)
    first = {name: why for pair in reversed(pairs) for name, why in pair.items()}
    alike: dict[tuple[int, str], list[str]] = {}
    for name, count in counts.items():
        alike.setdefault((count, first[name]), []).append(name)
    return [f"{', '.join(names)} not scored in {count} of {len(pairs)}: {why}" for (count, why), names in alike.items()]


def _row(metric: "Metric", values: Mapping[str, float | None]) -> list[str]:
    parts = [part for part in metric.parts if part.name in values]
    texts = [_number(values[part.name], part.unit) for part in parts]
    if len(metric.parts) > 1:
        texts = [f"{style(part.name, dim=True)} {text}" for part, text in zip(parts, texts, strict=True)]
    return [*texts, *(style(note, dim=True) for note in _directions(parts))]


def _directions(parts: list["Part"]) -> list[str]:
    """Which way is better, where that is not up."""
    found: dict[str, list[str]] = {}
    for part in parts:
        if part.ideal is not None or not part.higher_is_better:
            found.setdefault(part.direction, []).append(part.name)
    return [way if len(names) == len(parts) else f"{way}: {', '.join(names)}" for way, names in found.items()]


def _number(value: float | None, unit: str = "") -> str:
    if value is None:
        return "–"
    text = f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"
    return f"{text} {unit}" if unit else text
