"""What a judge is asked: exhibits between marks that carry a code, then the rubric.

Nothing that a picture or a program says stands where instructions stand. Each exhibit lies between lines that carry a
hash of it, which it can't hold itself, so that none can end its own exhibit; pictures are sent as bare pixels, without
the texts that a file may carry. The rubric, which speaks last, is ours.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from derender.core import UserError, flatten
from derender.models.chat import ImagePart, Message

from .rubric import Aggregate, Rubric, Shown

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_LONGEST_TEXT = 100_000
_LONGEST_ECHO = 4_000
_FILES = ("system", "recreation", "generation", "edit", "rubric", "again")
_LABELS = {
    Shown.REFERENCE: "REFERENCE",
    Shown.CANDIDATE: "CANDIDATE",
    Shown.INSTRUCTION: "INSTRUCTION",
    Shown.CODE_BEFORE: "PROGRAM BEFORE",
    Shown.CODE: "PROGRAM",
}
_EDIT_LABELS = {Shown.REFERENCE: "BEFORE", Shown.CANDIDATE: "AFTER", Shown.CODE: "PROGRAM AFTER"}


@dataclass(frozen=True, slots=True)
class Exhibits:
    """What the judge is shown.

    Attributes:
        pictures: height × width × 3 or 4 bytes each; laid on white, and scaled down where a side is over 2048.
        texts: instruction and programs; of a long one the first 100,000 characters are shown.
        about: facts about the sample that the judge may know, such as its question; label → text.
    """

    pictures: "Mapping[Shown, npt.NDArray[np.uint8]]"
    texts: Mapping[Shown, str]
    about: Mapping[str, str]


def messages(rubric: Rubric, exhibits: Exhibits, *, swapped: bool = False) -> list[Message]:
    """The question: rules, exhibits in the rubric's order, the task and the rubric.

    Args:
        rubric: what to look at.
        exhibits: all that the rubric shows.
        swapped: whether the two pictures change places; their labels go with them.

    Raises:
        UserError: an exhibit that the rubric shows is missing.
    """
    parts: list[str | ImagePart] = []
    for shown in _in_order(rubric, swapped=swapped):
        label = (_EDIT_LABELS if rubric.task == "edit" else {}).get(shown, _LABELS[shown])
        parts += _exhibit(rubric, exhibits, shown, label)
    parts += [_quoted(f"NOTE: {_plain(name)}", text) for name, text in exhibits.about.items()]
    parts.append(f"{_file(rubric.task)}\n{_rubric_text(rubric)}")
    return [Message.system(_file("system")), Message.user(*parts)]


def again(rubric: Rubric, asked: list[Message], reply: str, problem: str) -> list[Message]:
    """The question once more, with what was wrong with a reply."""
    keys = ["category_scores", "rationales", "strengths", "issues", "overall_summary"]
    if rubric.aggregate is Aggregate.HOLISTIC:
        keys.append(str(rubric.total_key))
    text = _file("again").format(
        problem=problem,
        keys=", ".join(f'"{key}"' for key in keys),
        low=rubric.low,
        high=rubric.high,
        ids=_quoted_ids(rubric),
    )
    return [*asked, Message.assistant(reply[:_LONGEST_ECHO]), Message.user(text)]


@cache
def prompt_digest() -> str:
    """SHA-256 of the prompts' files, before anything was filled in."""
    return hashlib.sha256("\0".join(_file(name) for name in _FILES).encode()).hexdigest()


def _in_order(rubric: Rubric, *, swapped: bool) -> list[Shown]:
    pair = {Shown.REFERENCE: Shown.CANDIDATE, Shown.CANDIDATE: Shown.REFERENCE}
    if not swapped:
        return list(rubric.shows)
    if not set(pair) <= set(rubric.shows):
        raise UserError(f"{rubric.name} shows a single picture, so that there is no order to swap")
    return [pair.get(each, each) for each in rubric.shows]


def _exhibit(rubric: Rubric, exhibits: Exhibits, shown: Shown, label: str) -> list[str | ImagePart]:
    if shown in {Shown.REFERENCE, Shown.CANDIDATE}:
        if shown not in exhibits.pictures:
            raise UserError(f"{rubric.name} needs a {shown} picture")
        picture = ImagePart.of_pixels(flatten(exhibits.pictures[shown]))
        code = _code(picture.content)
        return [f"[BEGIN {label} {code}]", picture, f"[END {label} {code}]"]
    if shown not in exhibits.texts:
        raise UserError(
            f"{rubric.name} needs {'an instruction' if shown is Shown.INSTRUCTION else f'the {label.lower()}'}"
        )
    return [_quoted(label, exhibits.texts[shown])]


def _quoted(label: str, text: str) -> str:
    # Lone surrogates, which models do write, can't be sent.
    whole = text.encode("utf-8", "replace")
    shown = whole.decode()
    if len(shown) > _LONGEST_TEXT:
        shown = f"{shown[:_LONGEST_TEXT]}\n({len(shown) - _LONGEST_TEXT} more characters are not shown)"
    code = _code(whole)
    return f"[BEGIN {label} {code}]\n{shown}\n[END {label} {code}]"


def _code(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def _plain(name: str) -> str:
    return "".join(letter if letter.isalnum() or letter in " _-" else " " for letter in name)


def _quoted_ids(rubric: Rubric) -> str:
    return ", ".join(f'"{name}"' for name in rubric.ids)


def _rubric_text(rubric: Rubric) -> str:
    steps = {0: ", in whole numbers", 1: ", in steps of 0.1"}.get(
        rubric.decimals if rubric.decimals is not None else -1, ""
    )
    weighted = rubric.aggregate is Aggregate.WEIGHTED
    categories = (
        f"- {each.id}{f' (weight {each.weight:.2f})' if weighted else ''}: {each.description}"
        for each in rubric.categories
    )
    total = (
        f'- "{rubric.total_key}": your overall mark, of the same scale'
        if rubric.aggregate is Aggregate.HOLISTIC
        else "Give no total: it is computed from the marks."
    )
    return _file("rubric").format(
        name=rubric.name,
        version=rubric.version,
        edition=rubric.edition,
        guidance=rubric.guidance,
        notes="\n".join(f"- {note}" for note in rubric.notes),
        low=rubric.low,
        high=rubric.high,
        steps=steps,
        categories="\n".join(categories),
        anchors="\n".join(f"- {mark}: {text}" for mark, text in rubric.anchors.items()),
        ids=_quoted_ids(rubric),
        total=total,
    )


@cache
def _file(name: str) -> str:
    return resources.files("derender.judges").joinpath("prompts", f"{name}.txt").read_text("utf-8")
