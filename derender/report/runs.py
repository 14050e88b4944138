"""A run folder as it lies on disk, read with patience.

A run may still be going on, may have been killed in the middle of a line, or may come from another tool: what is
missing or of the wrong kind reads as absent, and what can't be read at all is counted, never guessed.
"""

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from derender.core import FailureKind, UserError


@dataclass(frozen=True, slots=True)
class RunFailure:
    """Why a row has no picture, as the run recorded it.

    Attributes:
        kind: a `FailureKind`, or whatever word the run used.
        message: one sentence.
        line: line of the program, counted from 1, if known.
        ours: whether it is our failure, which must never be scored.
    """

    kind: str
    message: str
    line: int | None
    ours: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One line of ``results.jsonl``.

    Attributes:
        key: the id where that is unique in the run, else the id with target and model; the page's deep link.
        ok: whether the program ran to its end; None when it was never rendered.
        scores: ``(metric, part)`` → value; None where the run has a hole.
        unscored: metric → reason.
    """

    key: str
    id: str
    ok: bool | None = None
    reference: Path | None = None
    target: str = ""
    group: str = ""
    model: str = ""
    program: Path | None = None
    pictures: tuple[Path, ...] = ()
    failure: RunFailure | None = None
    warnings: tuple[str, ...] = ()
    elapsed_s: float | None = None
    scores: Mapping[tuple[str, str], float | None] = field(default_factory=dict)
    unscored: Mapping[str, str] = field(default_factory=dict)

    @property
    def status(self) -> str:
        """``ok``, ``failed`` by the program, ``ours``, or ``none`` when nothing was rendered."""
        if self.failure is not None:
            return "ours" if self.failure.ours else "failed"
        return {True: "ok", False: "failed", None: "none"}[self.ok]


@dataclass(frozen=True, slots=True)
class Run:
    """All rows of a run folder.

    Attributes:
        rows: in the order of the file; a row written twice counts once, with its last content.
        unreadable: number of lines that are no JSON object.
    """

    folder: Path
    rows: tuple[Row, ...]
    unreadable: int = 0


def read_run(folder: Path) -> Run:
    """The rows of a run folder.

    Raises:
        UserError: the folder holds no readable ``results.jsonl``.
    """
    rows: dict[str, Row] = {}
    unreadable = 0
    for number, line in enumerate(_lines(folder), 1):
        row = _row(line, folder, number)
        if row is None:
            unreadable += 1
        else:
            rows[row.key] = row
    times = Counter(row.id for row in rows.values())
    keyed = (replace(row, key=row.id) if times[row.id] == 1 else row for row in rows.values())
    return Run(folder, tuple(keyed), unreadable)


def _lines(folder: Path) -> Iterator[str]:
    path = folder / "results.jsonl"
    try:
        text = path.read_text(encoding="utf-8-sig", errors="replace")
    except (FileNotFoundError, NotADirectoryError):
        raise UserError(f"{folder}: is no run folder, it holds no results.jsonl") from None
    except OSError as error:
        raise UserError(f"{path}: can't be read ({error.strerror})") from None
    return (line for line in text.split("\n") if line.strip())


def _row(line: str, folder: Path, number: int) -> Row | None:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict):
        return None
    identity = _text(data.get("id")) or f"row {number}"
    rendering = _table(data.get("rendering"))
    failure = _failure(rendering.get("failure"))
    ok = rendering.get("ok")
    return Row(
        key="/".join(filter(None, (identity, _text(data.get("target")), _text(data.get("model"))))),
        id=identity,
        ok=ok if isinstance(ok, bool) else None,
        reference=_path(data.get("reference"), folder),
        target=_text(data.get("target")),
        group=_text(data.get("group")),
        model=_text(data.get("model")),
        program=_path(data.get("program"), folder),
        pictures=tuple(path for name in _list(rendering.get("pictures")) if (path := _path(name, folder))),
        failure=failure,
        warnings=tuple(text for item in _list(rendering.get("warnings")) if (text := _text(item))),
        elapsed_s=_number(rendering.get("elapsed_s")),
        scores=dict(_scores(_table(data.get("scores")))),
        unscored={
            _text(name): _text(reason) or "no reason given" for name, reason in _table(data.get("unscored")).items()
        },
    )


def _failure(data: object) -> RunFailure | None:
    if not isinstance(data, dict):
        return None
    kind = _text(data.get("kind")) or "unknown"
    ours, line = data.get("ours"), data.get("line")
    if not isinstance(ours, bool):
        ours = kind in set(FailureKind) and FailureKind(kind).ours
    return RunFailure(kind, _text(data.get("message")), line if type(line) is int and line > 0 else None, ours)


def _scores(data: dict[str, Any]) -> Iterator[tuple[tuple[str, str], float | None]]:
    for metric, parts in data.items():
        # Other tools write {"ssim": 0.97} for a metric of one part.
        for part, value in (parts if isinstance(parts, dict) else {metric: parts}).items():
            yield (_text(metric), _text(part)), _number(value)


def _text(value: object) -> str:
    # A lone surrogate, which JSON can spell, has no UTF-8 form and would stop the page from being written.
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return None if math.isnan(number) else number


def _path(value: object, folder: Path) -> Path | None:
    name = _text(value)
    return folder / name if name and "\0" not in name else None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _table(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
