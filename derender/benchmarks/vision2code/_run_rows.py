"""Rows of ``results.jsonl``, checked: a run may come from anybody, and who reads its rows trusts what kind they are."""

from collections.abc import Callable, Mapping
from typing import Any

from derender.core import UserError
from derender.judges import Inspection

_NEEDED = ("question_folder", "dataset")
_HIGHEST = 5.0


def row_of(row: object) -> dict[str, Any]:
    """A row, of a scored run or of its cosines; what it hasn't is not missed here.

    Args:
        row: what a line of JSON holds.

    Raises:
        UserError: it is no row, or a field of it is of another kind than is written; one sentence without its place.
    """
    if not isinstance(row, dict) or not all(isinstance(row.get(name), str) for name in _NEEDED):
        raise UserError(f"is no row of vision2code: it lacks {' or '.join(_NEEDED)}")
    wrong = [name for name, fits in _FITS.items() if row.get(name) is not None and not fits(row[name])]
    if wrong:
        raise UserError(f"is no row of vision2code: {wrong[0]} can't be {row[wrong[0]]!r:.40}")
    return row


def is_text(value: object) -> bool:
    """Whether a field is text, or missing."""
    return value is None or isinstance(value, str)


def _is_number(value: object) -> bool:
    # Not isfinite, which whole numbers can be too large for; what is no number compares with nothing.
    return isinstance(value, int | float) and not isinstance(value, bool) and -1e9 < value < 1e9


def _is_mark(value: object) -> bool:
    return _is_number(value) and 0 <= value <= _HIGHEST  # type: ignore[operator]


def _is_rating(value: object) -> bool:
    marks = ("final_rating_0_to_5", "raw_score_0_to_5", "provisional_rating_0_to_5")
    if not isinstance(value, Mapping) or not all(_is_mark(value.get(name)) for name in marks):
        return False
    caps = value.get("applied_caps")
    return isinstance(caps, list) and all(map(_is_cap, caps))


def _is_cap(value: object) -> bool:
    kinds: tuple[Callable[[object], bool], ...] = (is_text, _is_mark, lambda changed: isinstance(changed, bool))
    return isinstance(value, list) and len(value) == len(kinds) and all(map(lambda fits, x: fits(x), kinds, value))


def _are_scores(value: object) -> bool:
    return isinstance(value, Mapping) and all(map(_is_mark, value.values()))


def _is_rendering(value: object) -> bool:
    if not isinstance(value, Mapping):
        return False
    failure = value.get("failure")
    said = failure is None or (isinstance(failure, Mapping) and is_text(failure.get("message")))
    return said and _are_texts(value.get("pictures"))


def _is_verdict(value: object) -> bool:
    if not isinstance(value, Mapping):
        return False
    rationales = value.get("rationales", {})
    return (
        isinstance(rationales, Mapping)
        and all(map(is_text, rationales.values()))
        and all(_are_texts(value.get(name)) for name in ("strengths", "issues"))
        and all(is_text(value.get(name)) for name in ("judge", "overall_summary"))
    )


def _are_texts(value: object) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(each, str) for each in value))


def _is_inspection(value: object) -> bool:
    try:
        return isinstance(value, Mapping) and bool(Inspection.of_record(value))
    except UserError:
        return False


_TEXTS = ("render_status", "failure_class", "failure_class_fixed", "failure_kind", "dropped", "why", "reply")
_NAMES = ("program", "reference", "candidate_sha256")
_COSINES = ("cosine_image_only", "cosine_image_plus_text")
_FITS: Mapping[str, Callable[[Any], bool]] = {
    "render_success": lambda value: isinstance(value, bool),
    **dict.fromkeys((*_TEXTS, *_NAMES), is_text),
    **dict.fromkeys(("official", "fixed"), _is_rating),
    "category_scores": _are_scores,
    "rendering": _is_rendering,
    "candidate_inspection": _is_inspection,
    "verdict": _is_verdict,
    **{f"{name}{scale}": _is_number for name in _COSINES for scale in ("", "_0_to_5", "_0_to_5_all_rows")},
}
"""Field → whether a value of it can be what is written; nothing is written where there is none."""
