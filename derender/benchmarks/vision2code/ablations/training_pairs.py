"""Pairs for self-training: a picture that a model's program drew, and the program, with how the round trip was rated.

They lie in folders of samples, the official runner's or those that `round_trips` makes::

    POOL/<sample>/result.json                              render_success, dataset, question_folder …
                  generated_code.py                        the target
                  rendered_image.png                       the input
                  source_image_1.png                       what the program was to draw; may be missing
                  ssl_stage_pair_rating_result__<rater>.json   R1 and R2, each with its status
"""

import hashlib
import json
import math
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from derender.benchmarks.vision2code._official_names import CODE, PICTURE, RESULT
from derender.core import UserError
from derender.core.files import read_file

SOURCE = "source_image_1.png"
RATING = "ssl_stage_pair_rating_result__"
FIRST, SECOND = "image0_image1", "image1_image2"
"""What the two ratings of a round trip are called in a file of ratings."""
_UID = 24
_BEST = 5


class Fate(StrEnum):
    """What became of a sample's folder; the official names of the counts."""

    UNRATED = "missing_pair_rating"
    """There is no file of ratings."""
    UNREADABLE = "unparseable_pair_rating"
    """That file is no JSON object."""
    NOT_OK = "non_ok_or_missing_rating"
    """One of the two ratings is missing, or its status is not ``ok``."""
    NO_RESULT = "missing_or_unparseable_result"
    """``result.json`` is missing, or no JSON object."""
    NOT_DRAWN = "stage1_render_failed"
    """The program gave no picture."""
    NO_FILES = "missing_stage1_assets"
    """Program or picture is missing, or the program is empty or too long."""
    ELIGIBLE = "eligible_records"
    """A pair that may be trained on."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A picture and the program that drew it.

    Attributes:
        folder: the sample's.
        question_folder: the sample's name.
        dataset: whose rubric rated it.
        picture: the file of what the program drew.
        picture_name: its path as the official identifier has it.
        program: the program's file.
        code: its text, without white space around it.
        picture_sha256: of the file.
        code_sha256: of the text.
        rating: the file of ratings.
        r1: how alike source and picture are, 0 to 5.
        r2: how alike the picture and a second program's picture of it are, likewise.
        source: the file of what was to be drawn; None where it is not there.
        similarity: of the source and the picture, as ``result.json`` has it.
        status: of the rendering, likewise.
        model: who wrote the program, likewise.
    """

    folder: Path
    question_folder: str
    dataset: str
    picture: Path
    picture_name: str
    program: Path
    code: str
    picture_sha256: str
    code_sha256: str
    rating: Path
    r1: float
    r2: float
    source: Path | None = None
    similarity: float | None = None
    status: str = "ok"
    model: str = "unknown"

    @property
    def gap(self) -> float:
        """R1 - R2: above 0 where the model reads its own picture less well than the source."""
        return self.r1 - self.r2

    def uid(self, variant: str = "") -> str:
        """The official identifier, the variant's name first in that of a variant's record.

        It hangs on the picture's path as the folder was named, so that a moved folder has others.
        """
        parts = [*([variant] if variant else []), self.question_folder, self.picture_name, self.code_sha256]
        return _sha256("::".join(parts))[:_UID]


@dataclass(frozen=True, slots=True)
class Pool:
    """The pairs of a folder.

    Attributes:
        pairs: that may be trained on, by the names of their folders.
        fates: what became of all folders → how many.
    """

    pairs: tuple[Pair, ...]
    fates: Mapping[Fate, int]

    def record(self) -> dict[str, int]:
        """The counts under their official names, those of 0 left out."""
        return {"sample_dirs_seen": sum(self.fates.values()), **{fate.value: n for fate, n in self.fates.items()}}


def read_pool(root: Path, rater: str | None = None, *, most_chars: int = 0) -> Pool:
    """Read a folder of samples' folders.

    Args:
        root: the folder; as it is named here it becomes part of the identifiers.
        rater: whose ratings, by the slug in their files' names; the first by name where none is given.
        most_chars: the longest program that is taken; 0 for any.

    Raises:
        UserError: there is no such folder, or it holds none.
    """
    if not root.is_dir():
        raise UserError(f"{root}: is no folder")
    pairs: list[Pair] = []
    fates: Counter[Fate] = Counter()
    for folder in sorted((each for each in root.iterdir() if each.is_dir()), key=lambda each: each.name):
        found = _read(folder, rater or "*", most_chars)
        fates[found if isinstance(found, Fate) else Fate.ELIGIBLE] += 1
        if isinstance(found, Pair):
            pairs.append(found)
    if not fates:
        raise UserError(f"{root}: holds no folders of samples")
    return Pool(tuple(pairs), dict(fates))


def _read(folder: Path, rater: str, most_chars: int) -> Pair | Fate:
    ratings = sorted(folder.glob(f"{RATING}{rater}.json"))
    if not ratings:
        return Fate.UNRATED
    said = _object(ratings[0])
    if said is None:
        return Fate.UNREADABLE
    rated = tuple(_rated(said, which) for which in (FIRST, SECOND))
    if rated[0] is None or rated[1] is None:
        return Fate.NOT_OK
    result = _object(folder / RESULT)
    if result is None:
        return Fate.NO_RESULT
    if result.get("render_success") is not True:
        return Fate.NOT_DRAWN
    found = _pair(folder, result, ratings[0], (rated[0], rated[1]))
    return found if found and (not most_chars or len(found.code) <= most_chars) else Fate.NO_FILES


def _pair(folder: Path, result: Mapping[str, Any], rating: Path, rated: tuple[float, float]) -> Pair | None:
    picture = _inside(folder, result, ("sft_input_image_path", "rendered_image_path"), PICTURE)
    program = _inside(folder, result, ("sft_code_path", "generated_code_path"), CODE)
    source = _inside(folder, result, ("source_image_path", "copied_source_image_path"), SOURCE)
    try:
        code = _content(folder, program).decode("utf-8", "ignore").strip()
        content = _content(folder, picture)
    except UserError:
        return None
    if not code:
        return None
    similarity = result.get("similarity")
    return Pair(
        folder=folder,
        question_folder=_text(result.get("question_folder") or folder.name),
        dataset=_text(result.get("dataset") or "unknown"),
        picture=Path(picture),
        picture_name=picture,
        program=Path(program),
        code=code,
        picture_sha256=hashlib.sha256(content).hexdigest(),
        code_sha256=_sha256(code),
        rating=rating,
        r1=rated[0],
        r2=rated[1],
        source=Path(source) if Path(source).is_file() else None,
        similarity=float(similarity) if isinstance(similarity, int | float) and math.isfinite(similarity) else None,
        status=_text(result.get("status") or ""),
        model=_text(result.get("model_slug") or "unknown"),
    )


def _rated(said: Mapping[str, Any], which: str) -> float | None:
    """A rating of the file, out of its row or else its own object; None where it is missing or not ``ok``."""
    row, own = (value if isinstance(value, Mapping) else {} for value in (said.get("row"), said.get(which)))
    status = row.get(f"{which}_rating_status") or own.get("rating_status")
    value = row.get(f"{which}_final_0_to_5")
    if value is None and isinstance(rating := own.get("rating"), Mapping):
        value = rating.get("final_rating_0_to_5")
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    # What is no number of the scale is no rating; NaN is none either.
    return number if status == "ok" and 0 <= number <= _BEST else None


def _inside(folder: Path, result: Mapping[str, Any], fields: tuple[str, ...], usual: str) -> str:
    """The path that ``result.json`` names where that is a file of the sample's own folder; else the usual one.

    Files elsewhere are not read: who made a folder must not choose what of this machine is trained on.
    """
    home = folder.resolve()
    for named in (result.get(field) for field in fields):
        for path in (named, str(folder / named)) if isinstance(named, str) and named else ():
            # A name that no system takes is one that is not there.
            with suppress(OSError, ValueError):
                if Path(path).is_file() and Path(path).resolve().is_relative_to(home):
                    return path
    return str(folder / usual)


def _content(folder: Path, name: str) -> bytes:
    """What a file of the sample's own folder holds; a link out of it is none.

    Raises:
        UserError: it is missing, elsewhere, or can't be read.
    """
    path = Path(name)
    if not path.resolve().is_relative_to(folder.resolve()):
        raise UserError(f"{path}: lies elsewhere")
    return read_file(path)


def _object(path: Path) -> dict[str, Any] | None:
    try:
        value = json.loads(read_file(path))
    except (UserError, ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _text(value: object) -> str:
    # A lone surrogate, which JSON may hold, has no bytes in UTF-8.
    return str(value).encode("utf-8", "replace").decode("utf-8")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
