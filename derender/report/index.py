"""What the page must know of every row at once: names, outcomes, scores, and which picture is where."""

import math
from collections.abc import Sequence

from derender.core import UnknownName

from .pictures import Album
from .programs import CHUNK_ROWS, ProgramText, language_of
from .runs import Row, Run, RunFailure

MAX_PICTURES_PER_ROW = 8


def run_index(run: Run, album: Album, texts: Sequence[ProgramText]) -> dict[str, object]:
    """The index as JSON-ready values; the page's script documents how it reads them."""
    parts = list(dict.fromkeys(key for row in run.rows for key in row.scores))
    parts += [(name, name) for name in _unscored_only(run, {metric for metric, _ in parts})]
    return {
        "unreadable": run.unreadable,
        "chunk": CHUNK_ROWS,
        "parts": [_part(key, parts) for key in parts],
        "pictures": album.entries,
        "rows": [_row(row, album, text, parts) for row, text in zip(run.rows, texts, strict=True)],
    }


def _unscored_only(run: Run, scored: set[str]) -> list[str]:
    return list(dict.fromkeys(name for row in run.rows for name in row.unscored if name not in scored))


def _part(key: tuple[str, str], parts: Sequence[tuple[str, str]]) -> dict[str, object]:
    metric, part = key
    alone = sum(other == metric for other, _ in parts) == 1
    summary, better = _meaning(metric, part)
    return {"metric": metric, "label": metric if alone else f"{metric} {part}", "summary": summary, "better": better}


def _meaning(metric: str, part: str) -> tuple[str, str]:
    """What a metric tells, and whether ``high`` or ``low`` is better; empty for a metric from elsewhere."""
    from derender.metrics import get_metric

    try:
        known = get_metric(metric)
    except UnknownName:
        return "", ""
    ways = ("high" if declared.higher_is_better else "low" for declared in known.parts if declared.name == part)
    return known.summary, next(ways, "")


def _row(row: Row, album: Album, text: ProgramText, parts: Sequence[tuple[str, str]]) -> dict[str, object]:
    shown = row.pictures[:MAX_PICTURES_PER_ROW]
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
        "pictures": [[album.ids[path], path.name] for path in shown],
        "hidden": len(row.pictures) - len(shown),
        "scores": [_score(row.scores.get(key)) for key in parts],
        "unscored": dict(row.unscored),
        "warnings": len(row.warnings),
        "elapsed": _score(row.elapsed_s),
        "program": row.program.name if row.program else "",
        "bytes": text.size_bytes,
        "lines": text.lines,
    }


def _failure(failure: RunFailure) -> dict[str, object]:
    return {"kind": failure.kind, "message": failure.message, "line": failure.line, "ours": failure.ours}


def _score(value: float | None) -> float | str | None:
    # JSON knows no infinity; the PSNR of two equal pictures is one.
    if value is None or math.isfinite(value):
        return value
    return "∞" if value > 0 else "-∞"
