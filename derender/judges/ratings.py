"""Category scores one already has, a line of JSON each, and what the formula and caps make of them.

A line has the fields of the published vectors: ``dataset`` (or another field that names it), ``scores``,
``execution_status``, ``candidate_readable`` and ``is_blank_or_degenerate``; the last two may stand in a
``candidate_inspection``, and are not needed where there is no picture. What else is in it is given back.
"""

import json
import math
from collections.abc import Mapping
from enum import StrEnum
from pathlib import PurePath
from typing import Any, NoReturn

from derender.core import FailureKind, UserError

from .formula import Outcome, Rating, rate
from .inspection import Inspection, is_emptier
from .rubric import Rubric, rubric_of

_NAMES = (
    "rubric_dataset",
    "dataset",
    "source_dataset",
    "benchmark_dataset",
    "dataset_name",
    "sample_id",
    "question_folder",
)
_PATHS = ("reference_image_path", "candidate_image_path")
_SCORES = ("scores", "category_scores", "subscores")
_INSPECTION = "candidate_inspection"
_FLAGS = {
    "candidate_readable": ("candidate_missing_or_unreadable", True),
    "is_blank_or_degenerate": ("blank_or_degenerate", False),
}
"""What a line says of the candidate → the guard that hangs on it, and what counts where the rubric has none."""
_OURS = frozenset(kind.value for kind in FailureKind if kind.ours)


class Mode(StrEnum):
    """Which formula."""

    OFFICIAL = "official"
    """As published, oddities included."""
    FIXED = "fixed"
    """A blank candidate is one that is emptier than its reference; failures of the machine's have no rating."""


class Unrated(UserError):
    """A rating that must not be made: the failure was the machine's, not the program's."""


def rate_line(family: str, line: str | bytes, mode: Mode = Mode.OFFICIAL) -> dict[str, Any]:
    """The fields of one line, with ``raw_score_0_to_5``, ``provisional_rating_0_to_5``, ``final_rating_0_to_5`` and
    ``applied_caps`` (type, cap, whether it lowered the rating) put in; ``passed`` too where the rubric has a threshold.

    Args:
        family: whose rubrics: ``vision2code`` or ``januscoder``.
        line: one JSON object.
        mode: ``fixed`` needs, where a candidate is said to be blank, ``candidate_inspection`` and
            ``reference_inspection``.

    Raises:
        UserError: the line is no such object; one sentence that says what is missing or wrong.
        Unrated: in the fixed mode, a failure of the machine's.
    """
    fields = _object(line)
    rubric = _rubric(family, fields)
    scores = next((fields[name] for name in _SCORES if fields.get(name) is not None), None)
    if not isinstance(scores, Mapping):
        raise UserError("scores must be an object with a number for each category")
    plain = {name: value["score_0_to_5"] if _is_nested(value) else value for name, value in scores.items()}
    total = fields.get(rubric.total_key, scores.get(rubric.total_key)) if rubric.total_key else None
    rating = rate(rubric, plain, _outcome(rubric, fields, mode), total=total)
    return {**fields, **record(rating)}


def record(rating: Rating) -> dict[str, Any]:
    """A rating under the published names of its fields."""
    caps = [[cap.type, cap.cap_to, cap.changed] for cap in rating.caps]
    passed = {} if rating.passed is None else {"passed": rating.passed}
    return {
        "raw_score_0_to_5": round(rating.raw, 4),
        "provisional_rating_0_to_5": rating.provisional,
        "final_rating_0_to_5": rating.final,
        "applied_caps": caps,
        **passed,
    }


def _object(line: str | bytes) -> dict[str, Any]:
    try:
        text = line.decode("utf-8-sig") if isinstance(line, bytes) else line
        fields = json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise UserError(f"is no JSON ({error})") from None
    if not isinstance(fields, dict):
        raise UserError(f"is no JSON object but {type(fields).__name__}")
    return fields


def _finite(number: str) -> float:
    # 1e999 is read as infinity, which could not be written again.
    value = float(number)
    return value if math.isfinite(value) else _refuse(number)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number of JSON's")


def _rubric(family: str, fields: Mapping[str, Any]) -> Rubric:
    """The rubric that a line's fields name; failing these, that a part of one of its paths does."""
    names = [name for name in (_text(fields, name) for name in _NAMES) if name]
    parts = [part for name in _PATHS for part in PurePath(_text(fields, name) or "").parts]
    if not names and not parts:
        raise UserError(f"nothing names its dataset: give it a {_NAMES[1]}")
    return rubric_of(family, *names, *parts)


def _outcome(rubric: Rubric, fields: Mapping[str, Any], mode: Mode) -> Outcome:
    if not rubric.guards:
        return Outcome()
    status = _text(fields, "execution_status")
    # A blank cell tells nothing, and no reason is no failure of the program's.
    if not status:
        raise UserError('execution_status is missing: "ok", or why there is no picture')
    if mode is Mode.FIXED and status in _OURS:
        raise Unrated(f"{status} is a failure of the machine's, which is never rated")
    seen = fields.get(_INSPECTION)
    known = {**fields, **(seen if isinstance(seen, Mapping) else {})}
    if not known.keys() & _FLAGS.keys() and (status != "ok" or (mode is Mode.OFFICIAL and _INSPECTION in fields)):
        # Where nothing was drawn there is nothing to look at; what was not looked at is unreadable, as published.
        return Outcome(status, readable=False)
    readable, blank = (_flag(known, name) if guard in rubric.guards else good for name, (guard, good) in _FLAGS.items())
    if blank and readable and mode is Mode.FIXED:
        blank = is_emptier(_inspection(fields, _INSPECTION), _inspection(fields, "reference_inspection"))
    return Outcome(status, readable, blank)


def _inspection(fields: Mapping[str, Any], name: str) -> Inspection:
    found = fields.get(name)
    if not isinstance(found, Mapping):
        raise UserError(f"{name} is missing, and the fixed mode compares a blank candidate with its reference")
    return Inspection.of_record(found)


def _flag(fields: Mapping[str, Any], name: str) -> bool:
    value = fields.get(name)
    if not isinstance(value, bool):
        raise UserError(
            f"{name} must be true or false, " + ("and is missing" if value is None else f"not {value!r:.40}")
        )
    return value


def _text(fields: Mapping[str, Any], name: str) -> str | None:
    value = fields.get(name)
    if value is not None and not isinstance(value, str):
        raise UserError(f"{name} must be text, not {value!r:.40}")
    return value


def _is_nested(value: object) -> bool:
    return isinstance(value, Mapping) and "score_0_to_5" in value
