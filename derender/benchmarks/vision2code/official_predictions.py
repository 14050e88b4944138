"""What the paper's runner left of a run, read as predictions: programs, a judge's category scores, and what it found.

Its drawings are not taken over: programs are drawn again, and `departures` says where that came out otherwise. Scores
that were given are of its own drawings; where there was none, its zeros are no judge's and are not taken for scores.
"""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from derender.core import Language, Program, UserError
from derender.core.files import read_file

from . import _official_names as names
from .data import Sample
from .predictions import Prediction, read_code, scores_of
from .sources import Split

_Object = Mapping[str, Any]

_ABOVE = ("generations/benchmark", "benchmark", "*/generations/benchmark")
_MANY = 5


@dataclass(frozen=True, slots=True)
class Found:
    """What a sample's folder holds.

    Attributes:
        prediction: its program, and the category scores of the rating that was asked for.
        render_success: whether there was a drawing; None where the folder doesn't say.
        final: the rating after caps; None without one.
        rater: whose rating it is, by the name in its file; None without one.
    """

    prediction: Prediction
    render_success: bool | None = None
    final: float | None = None
    rater: str | None = None


@dataclass(frozen=True, slots=True)
class Official:
    """A run as the paper's runner leaves one.

    Attributes:
        folder: that of the split.
        found: sample → what its folder holds.
        problems: sentences about folders that can't be used.
        model: who wrote the programs, where a table says so.
        judge: who rated them, likewise.
    """

    folder: Path
    found: Mapping[str, Found]
    problems: tuple[str, ...] = ()
    model: str | None = None
    judge: str | None = None


def read_official(folder: Path, split: Split, samples: Sequence[Sample], rater: str | None = None) -> Official:
    """What a run holds of given samples; what else lies in it is left alone.

    Args:
        folder: that of the split, or one above it as far as the root of all outputs, where one model's lies there.
        split: which.
        samples: those that are asked about.
        rater: whose ratings, by the name in their files; by default each sample's latest, and nobody's if empty.

    Raises:
        UserError: there is no such run, or several, or none of its ratings is by that rater.
    """
    try:
        home = _home(folder, split)
        paths = sorted(each for each in home.iterdir() if each.is_dir())
    except OSError as error:
        raise UserError(f"{folder}: can't be read ({(error.strerror or 'unknown').lower()})") from None
    wanted = {sample.question_folder for sample in samples}
    found: dict[str, Found] = {}
    problems: list[str] = []
    raters: set[str] = set()
    for path in paths:
        try:
            name, result = _identity(path)
            if name not in wanted:
                continue
            if name in found:
                raise UserError(f"{path}: another folder is {name}'s too")
            ratings = _ratings(path, result)
            raters |= ratings.keys()
            found[name] = _found(path, name, result, ratings, rater)
        except UserError as error:
            problems.append(str(error))
    if rater and rater not in raters:
        others = f", but by {', '.join(sorted(raters))}" if raters else ""
        raise UserError(f"{home}: holds no rating by {rater}{others}")
    used = {each.rater for each in found.values() if each.rater}
    return Official(home, found, tuple(problems), _model(home), _judge(home, used))


def departures(official: Official, rows: Iterable[_Object]) -> Iterator[str]:
    """Sentences about how a run's drawings and ratings here depart from the folder's.

    Args:
        official: the folder.
        rows: records of `scoring.Scored` of its programs.
    """
    told = [(official.found[row["question_folder"]], row) for row in rows if row["question_folder"] in official.found]
    tried = [(each, row) for each, row in told if None not in {each.render_success, row["render_success"]}]
    lost = [row for each, row in tried if each.render_success and not row["render_success"]]
    won = [row for each, row in tried if row["render_success"] and not each.render_success]
    moved = [
        (each, row)
        for each, row in tried
        if each.render_success and row["render_success"] and row["verdict"] is None and row["official"]
        if each.final != row["official"]["final_rating_0_to_5"]
    ]
    yield from _sentence("a picture there and none here", lost, lambda row: row["render_status"] or "")
    yield from _sentence("no picture there and one here", won, lambda _: "")
    finals = {row["question_folder"]: each.final for each, row in moved}
    yield from _sentence(
        "rated otherwise than there by the same scores",
        [row for _, row in moved],
        lambda row: f"{finals[row['question_folder']]} there, {row['official']['final_rating_0_to_5']} here",
    )


def _sentence(what: str, rows: Sequence[_Object], why: Callable[[_Object], str]) -> Iterator[str]:
    if rows:
        last = (why(rows[0]).strip().splitlines() or [""])[-1]
        reason = f" ({last})" if last else ""
        yield f"{what}: {len(rows)}, such as {rows[0]['question_folder']}{reason}"


def _home(folder: Path, split: Split) -> Path:
    """The folder of the split."""
    if not folder.is_dir():
        raise UserError(f"{folder}: is no folder")
    if any(folder.glob(f"*/{names.CODE}")):
        return folder
    spellings = dict.fromkeys((split.value, split.replace("_", "-")))
    above = [folder, *(each for pattern in _ABOVE for each in sorted(folder.glob(pattern)))]
    homes = [each / name for each in above for name in spellings if (each / name).is_dir()]
    if not homes:
        raise UserError(f"{folder}: holds no outputs of the split {split}: no {names.CODE} in a sample's folder")
    if len(homes) > 1:
        several = ", ".join(map(str, homes[:_MANY]))
        raise UserError(f"{folder}: holds several runs of the split {split}, give one of {several}")
    return homes[0]


def _identity(path: Path) -> tuple[str, _Object]:
    """A sample's name, and what ``result.json`` says of it."""
    result = _object(path / names.RESULT)
    name = result.get("question_folder") or _object(path / names.METADATA).get("question_folder") or path.name
    return str(name), result


def _found(path: Path, name: str, result: _Object, ratings: Mapping[str, _Object], rater: str | None) -> Found:
    chosen = _latest(path, result, ratings) if rater is None else rater
    rating = ratings.get(chosen or "", {})
    success, final = result.get("render_success"), rating.get("final_rating_0_to_5")
    # Where nothing was drawn the runner itself put zeros.
    judged = rating.get("status", "ok") == "ok" and success is not False
    program = Program(read_code(path / names.CODE), Language.PYTHON)
    try:
        scores = scores_of(rating) if judged else None
    except UserError as error:
        raise UserError(f"{path}: {error}") from None
    return Found(
        Prediction(name, program, None, scores),
        success if isinstance(success, bool) else None,
        final if isinstance(final, int | float) and not isinstance(final, bool) else None,
        chosen if rating else None,
    )


def _ratings(path: Path, result: _Object) -> dict[str, _Object]:
    """Rater → rating; a file of its own counts more than a copy."""
    copies = result.get("rubric_ratings")
    found = {str(slug): each for slug, each in copies.items()} if isinstance(copies, Mapping) else {}
    for file in sorted(_files(path)):
        found[_slug(file)] = _object(file)
    return {slug: each for slug, each in found.items() if isinstance(each, Mapping)}


def _latest(path: Path, result: _Object, ratings: Mapping[str, _Object]) -> str | None:
    said = result.get("latest_rubric_rating_slug")
    if isinstance(said, str) and said in ratings:
        return said
    files = sorted(_files(path), key=lambda file: file.stat().st_mtime_ns)
    return _slug(files[-1]) if files else next(iter([*ratings][::-1]), None)


def _files(path: Path) -> Iterator[Path]:
    """A sample's files of ratings; of a link that leads nowhere there is none."""
    return (file for file in path.glob(names.rating_file("*")) if file.exists())


def _slug(file: Path) -> str:
    return file.name.removeprefix("rating__").removesuffix(".json")


def _model(home: Path) -> str | None:
    about = _object(home / f"{names.INFERENCE_FILE}.json").get("summary")
    return _named(about, "model_kind", "model_path") if isinstance(about, Mapping) else None


def _judge(home: Path, raters: set[str]) -> str | None:
    if len(raters) != 1:
        return None
    return _named(_object(home / names.summary_file(*raters)), "rater_provider", "rater_model")


def _named(about: _Object, kind: str, name: str) -> str | None:
    return "/".join(str(about[each]) for each in (kind, name) if about.get(each)) if about.get(name) else None


def _object(path: Path) -> _Object:
    """A file's fields; none where there is no file."""
    if not os.path.exists(path):
        return {}
    try:
        fields = json.loads(read_file(path))
    except (ValueError, RecursionError):
        raise UserError(f"{path}: can't be read as JSON") from None
    if not isinstance(fields, dict):
        raise UserError(f"{path}: is no JSON object")
    return fields
