"""What models said about samples, a line of JSON each, however it was got.

A line names a sample by ``question_folder``, ``sample_id`` or ``id`` (its folder, or its ``source_id``) and has the
model's ``reply``, or ``code`` that is already a program, or a ``code_path`` to one beside the file of lines, as the
paper's runner for drawings alone has it; ``text`` means a reply too, so that recorded answers are predictions. An
``error`` in place of it says that there was no answer. ``scores`` (category → 0 to 5, or the ``category_scores`` of a
saved rating) are what a judge said before.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from derender.core import Language, Program, UserError
from derender.core.files import read_file

from .data import Sample, path_problem
from .replies import program_of

_NAMES = ("question_folder", "sample_id", "id")
_REPLIES = ("reply", "text")
_SCORES = ("scores", "category_scores")


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a model said about a sample.

    Attributes:
        name: of the sample, as the line has it.
        program: in the reply, taken out the official way, or as it was given; None where there was no answer.
        error: why there was none.
        scores: category → score, unchecked; None where nobody judged it yet.
    """

    name: str
    program: Program | None
    error: str | None = None
    scores: Mapping[str, object] | None = None


class NotAsked(UserError):
    """A line is about a sample of the package, but about none of those that are asked about."""


def read_predictions(
    lines: Iterable[bytes], samples: Sequence[Sample], folder: Path | None = None, package: Sequence[Sample] = ()
) -> Iterator[tuple[Sample, Prediction] | UserError]:
    """The predictions about given samples, in the order of their lines; a line that can't be used says why.

    Args:
        lines: of a JSONL file.
        samples: those that are asked about.
        folder: that the file lies in, which paths of programs start from.
        package: all samples there are; lines about the others of them are `NotAsked`.
    """
    known, others = _by_name(samples), _by_name(package)
    taken: set[str] = set()
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            prediction = read_prediction(line, folder)
            sample = known.get(prediction.name)
            if sample is None:
                sort = NotAsked if prediction.name in others else UserError
                raise sort(f"{prediction.name!r:.120} is no sample that is asked about")
            if sample.question_folder in taken:
                raise UserError(f"there is a prediction about {sample.question_folder} already")
        except UserError as error:
            sort = NotAsked if isinstance(error, NotAsked) else UserError
            yield sort(f"line {number}: {error}")
            continue
        taken.add(sample.question_folder)
        yield sample, prediction


def _by_name(samples: Sequence[Sample]) -> dict[str, Sample]:
    of_source = {sample.source_id: sample for sample in samples}
    return of_source | {sample.question_folder: sample for sample in samples}


def read_prediction(line: bytes, folder: Path | None = None) -> Prediction:
    """One line.

    Args:
        line: a JSON object.
        folder: that a path of a program starts from; without one there can be no such path.

    Raises:
        UserError: it is no prediction; one sentence that says what is missing or wrong.
    """
    fields = _object(line)
    name = _text(fields, _NAMES)
    if not name:
        raise UserError(f"names no sample: {', '.join(_NAMES)} are all missing")
    scores = scores_of(fields)
    error, code, reply = (_text(fields, names) for names in (("error",), ("code",), _REPLIES))
    if error is not None:
        return Prediction(name, None, error, scores)
    place = _text(fields, ("code_path",))
    if code is None and place and folder is not None:
        code = _code_below(folder, place)
    if code is not None:
        return Prediction(name, Program(code, Language.PYTHON), None, scores)
    if reply is None and _text(fields, ("refusal",)) is None:
        raise UserError(f"has neither {', '.join(_REPLIES)} nor code")
    return Prediction(name, program_of(reply or ""), None, scores)


def read_code(path: Path) -> str:
    """A program that the paper's runner wrote, without the line break that it puts behind each.

    Raises:
        UserError: there is none, or it is no text.
    """
    try:
        return read_file(path).decode().removesuffix("\n")
    except UnicodeDecodeError:
        raise UserError(f"{path}: is not UTF-8 text") from None


def _code_below(folder: Path, place: str) -> str:
    if path_problem(place) is not None:
        raise UserError(f"code_path must lead to a file below the folder of the lines, not to {place!r:.80}")
    return read_code(folder / place)


def _object(line: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise UserError("is no JSON") from None
    if not isinstance(fields, dict):
        raise UserError(f"is no JSON object but {type(fields).__name__}")
    return fields


def _text(fields: Mapping[str, Any], names: Sequence[str]) -> str | None:
    """The first of the fields that is there."""
    for name in names:
        value = fields.get(name)
        if isinstance(value, str):
            return value
        if value is not None:
            raise UserError(f"{name} must be text, not {value!r:.40}")
    return None


def scores_of(fields: Mapping[str, Any]) -> Mapping[str, object] | None:
    """The category scores in a line, or in a saved rating.

    Raises:
        UserError: what stands there is no object.
    """
    name = next((name for name in _SCORES if fields.get(name) is not None), None)
    if name is None:
        return None
    value = fields[name]
    if not isinstance(value, Mapping):
        raise UserError(f"{name} must be an object with a number for each category, not {value!r:.40}")
    # A saved rating has an object for each category.
    return {
        category: score.get("score_0_to_5") if isinstance(score, Mapping) else score
        for category, score in value.items()
    }
