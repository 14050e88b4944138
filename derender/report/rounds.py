"""The rounds in which a model looked at what it drew, as a run's row has them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .reading import fields_of, items_of, number_of, path_of, text_of


@dataclass(frozen=True, slots=True)
class RunRound:
    """One answer of the model's.

    Attributes:
        number: counted from 1.
        score: by the metric that decided.
        accepted: whether it was better than all before.
        why: why, or why not.
        failure: why its program drew nothing; empty where it drew.
        picture: what it drew.
    """

    number: int
    score: float | None
    accepted: bool
    why: str
    failure: str = ""
    picture: Path | None = None


@dataclass(frozen=True, slots=True)
class Rounds:
    """All rounds of a row.

    Attributes:
        decided_by: the metric that did.
        chosen: number of the round that is the result.
        why: why there was no further one.
    """

    each: tuple[RunRound, ...]
    decided_by: str
    chosen: int | None
    why: str


def rounds_of(data: object, folder: Path) -> Rounds | None:
    """The rounds in a row's field; None where it has none."""
    fields = fields_of(data)
    each = tuple(made for row in items_of(fields.get("each")) if (made := _round(fields_of(row), folder)))
    if not each:
        return None
    return Rounds(each, text_of(fields.get("decided_by")), _count(fields.get("chosen")), text_of(fields.get("why")))


def _round(row: dict[str, Any], folder: Path) -> RunRound | None:
    number = _count(row.get("round"))
    if number is None:
        return None
    rendering = fields_of(row.get("rendering"))
    failure = fields_of(rendering.get("failure"))
    pictures = [path for name in items_of(rendering.get("pictures")) if (path := path_of(name, folder))]
    return RunRound(
        number,
        number_of(row.get("score")),
        row.get("accepted") is True,
        text_of(row.get("why")),
        (text_of(failure.get("message")) or text_of(failure.get("kind")) or "unknown") if failure else "",
        pictures[0] if pictures else None,
    )


def _count(value: object) -> int | None:
    return value if type(value) is int and value > 0 else None
