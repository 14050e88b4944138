"""What the page must know of every row at once: names, outcomes, scores, and which picture is where."""

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from derender.core import UnknownName

from .pictures import Album
from .programs import CHUNK_ROWS, ProgramText, language_of
from .rounds import Rounds
from .runs import Row, Run, RunFailure

if TYPE_CHECKING:
    from derender.metrics import Part

MAX_PICTURES_PER_ROW = 8
MOST_PARTS_AT_A_GLANCE = 12
"""With more, the cards and the summary show the first part of each metric; the table and a row's own view have all."""


def run_index(run: Run, album: Album, texts: Sequence[ProgramText]) -> dict[str, object]:
    """The index as JSON-ready values; the page's script documents how it reads them."""
    parts = _parts(run)
    return {
        "unreadable": run.unreadable,
        "chunk": CHUNK_ROWS,
        "parts": [_part(key, parts) for key in parts],
        "pictures": album.entries,
        "spent": [asdict(each) for each in run.spent],
        "rows": [_row(row, album, text, parts) for row, text in zip(run.rows, texts, strict=True)],
    }


def _parts(run: Run) -> list[tuple[str, str]]:
    """Metric and part of every column: a metric's parts side by side, in the order it declares them."""
    scored = dict.fromkeys(key for row in run.rows for key in row.scores)
    metrics = {metric for metric, _ in scored}
    unscored = dict.fromkeys(name for row in run.rows for name in row.unscored if name not in metrics)
    keys = list(dict.fromkeys([*scored, *map(_unscored_part, unscored)]))
    places = list(dict.fromkeys(metric for metric, _ in keys))
    return sorted(keys, key=lambda key: (places.index(key[0]), _place(*key)))


def _unscored_part(name: str) -> tuple[str, str]:
    """What a reason is filed under: ``metric.part``, or a metric that no row has a score by."""
    metric, _, part = name.partition(".")
    return (metric, part) if part and metric and _declared(metric) else (name, name)


def _place(metric: str, part: str) -> int:
    names = [declared.name for declared in _declared(metric)]
    return names.index(part) if part in names else len(names)


def _part(key: tuple[str, str], parts: Sequence[tuple[str, str]]) -> dict[str, object]:
    metric, part = key
    siblings = [other for known, other in parts if known == metric]
    alone = part == metric or (len(siblings) == 1 and len(_declared(metric)) <= 1)
    summary, better = _meaning(metric, part)
    return {
        "metric": metric,
        "part": part,
        "label": metric if alone else f"{metric} {part}",
        "summary": summary,
        "better": better,
        "headline": len(parts) <= MOST_PARTS_AT_A_GLANCE or part == siblings[0],
    }


def _declared(metric: str) -> "tuple[Part, ...]":
    """The parts of a metric; none for one from elsewhere."""
    from derender.metrics import get_metric

    try:
        return get_metric(metric).parts
    except UnknownName:
        return ()


def _meaning(metric: str, part: str) -> tuple[str, str]:
    """What a metric tells, and whether ``high`` or ``low`` is better; empty where neither, or from elsewhere."""
    from derender.metrics import get_metric

    declared = {each.name: each for each in _declared(metric)}
    summary = get_metric(metric).summary if declared else ""
    if part not in declared or declared[part].ideal is not None:
        return summary, ""
    return summary, "high" if declared[part].higher_is_better else "low"


def _row(row: Row, album: Album, text: ProgramText, parts: Sequence[tuple[str, str]]) -> dict[str, object]:
    shown = row.named_pictures[:MAX_PICTURES_PER_ROW]
    language = language_of(row)
    return {
        "key": row.key,
        "id": row.id,
        "status": row.status,
        "target": row.target or language or "",
        "group": row.group,
        "model": row.model,
        "failure": _failure(row.failure) if row.failure else None,
        "reference": album.ids[row.reference] if row.reference else None,
        "pictures": [[album.ids[path], name] for path, name in shown],
        "hidden": len(row.named_pictures) - len(shown),
        "scores": [_score(row.scores.get(key)) for key in parts],
        "unscored": dict(row.unscored),
        "warnings": len(row.warnings),
        "elapsed": _score(row.elapsed_s),
        "program": row.program.name if row.program else "",
        "bytes": text.size_bytes,
        "lines": text.lines,
        "request": row.request,
        "rounds": _rounds(row.rounds) if row.rounds else None,
    }


def _rounds(rounds: Rounds) -> dict[str, object]:
    each = [
        {
            "number": made.number,
            "score": _score(made.score),
            "accepted": made.accepted,
            "why": made.why,
            "failure": made.failure,
        }
        for made in rounds.each
    ]
    return {"each": each, "by": rounds.decided_by, "chosen": rounds.chosen, "why": rounds.why}


def _failure(failure: RunFailure) -> dict[str, object]:
    return {"kind": failure.kind, "message": failure.message, "line": failure.line, "ours": failure.ours}


def _score(value: float | None) -> float | str | None:
    # JSON knows no infinity; the PSNR of two equal pictures is one.
    if value is None or math.isfinite(value):
        return value
    return "∞" if value > 0 else "-∞"
