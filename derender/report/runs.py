"""A run folder as it lies on disk, read with patience.

A run may still be going on, may have been killed in the middle of a line, or may come from another tool: what is
missing or of the wrong kind reads as absent, and what can't be read at all is counted, never guessed.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from derender.core import FailureKind

from .reading import fields_of, items_of, lines_of, number_of, object_of, path_of, text_of
from .rounds import Rounds, rounds_of
from .spending import Spent, spent_in


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
        request: what was asked for in words.
        rounds: in which the model looked at what it drew; None where there was only one.
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
    request: str = ""
    rounds: Rounds | None = None

    @property
    def status(self) -> str:
        """``ok``, ``failed`` by the program, ``ours``, or ``none`` when nothing was rendered."""
        if self.failure is not None:
            return "ours" if self.failure.ours else "failed"
        return {True: "ok", False: "failed", None: "none"}[self.ok]

    @property
    def named_pictures(self) -> tuple[tuple[Path, str], ...]:
        """Its pictures and what they are called, then those of its rounds, where it has one of its own."""
        own = tuple((path, path.name) for path in self.pictures)
        rounds = self.rounds.each if self.rounds and own else ()
        return (*own, *((made.picture, f"round {made.number}") for made in rounds if made.picture))


@dataclass(frozen=True, slots=True)
class Run:
    """All rows of a run folder.

    Attributes:
        rows: in the order of the file; a row written twice counts once, with its last content.
        unreadable: number of lines that are no JSON object.
        spent: what each model was used for.
    """

    folder: Path
    rows: tuple[Row, ...]
    unreadable: int = 0
    spent: tuple[Spent, ...] = ()


def read_run(folder: Path) -> Run:
    """The rows of a run folder.

    Raises:
        UserError: the folder holds no readable ``results.jsonl``.
    """
    rows: dict[str, Row] = {}
    unreadable = 0
    for number, line in enumerate(lines_of(folder), 1):
        data = object_of(line)
        if data is None:
            unreadable += 1
        else:
            row = row_of(data, folder, number)
            rows[row.key] = row
    times = Counter(row.id for row in rows.values())
    keyed = (replace(row, key=row.id) if times[row.id] == 1 else row for row in rows.values())
    return Run(folder, tuple(keyed), unreadable, spent_in(folder))


def row_of(data: Mapping[str, Any], folder: Path, number: int) -> Row:
    """The row that a line holds, the file's ``number``-th."""
    identity = text_of(data.get("id")) or f"row {number}"
    rendering = fields_of(data.get("rendering"))
    failure = _failure(rendering.get("failure"))
    ok = rendering.get("ok")
    return Row(
        key="/".join(filter(None, (identity, text_of(data.get("target")), text_of(data.get("model"))))),
        id=identity,
        ok=ok if isinstance(ok, bool) else None,
        reference=path_of(data.get("reference"), folder),
        target=text_of(data.get("target")),
        group=text_of(data.get("group")),
        model=text_of(data.get("model")),
        program=path_of(data.get("program"), folder),
        pictures=tuple(path for name in items_of(rendering.get("pictures")) if (path := path_of(name, folder))),
        failure=failure,
        warnings=tuple(text for item in items_of(rendering.get("warnings")) if (text := text_of(item))),
        elapsed_s=number_of(rendering.get("elapsed_s")),
        scores=dict(_scores(fields_of(data.get("scores")))),
        unscored={
            text_of(name): text_of(reason) or "no reason given"
            for name, reason in fields_of(data.get("unscored")).items()
        },
        request=text_of(data.get("request")),
        rounds=rounds_of(data.get("rounds"), folder),
    )


def _failure(data: object) -> RunFailure | None:
    if not isinstance(data, dict):
        return None
    kind = text_of(data.get("kind")) or "unknown"
    ours, line = data.get("ours"), data.get("line")
    if not isinstance(ours, bool):
        ours = kind in set(FailureKind) and FailureKind(kind).ours
    return RunFailure(kind, text_of(data.get("message")), line if type(line) is int and line > 0 else None, ours)


def _scores(data: dict[str, Any]) -> Iterator[tuple[tuple[str, str], float | None]]:
    for metric, parts in data.items():
        # Other tools write {"ssim": 0.97} for a metric of one part.
        for part, value in (parts if isinstance(parts, dict) else {metric: parts}).items():
            yield (text_of(metric), text_of(part)), number_of(value)
