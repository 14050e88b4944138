"""Rows of the published package: ``manifest.csv`` beside a folder of pictures."""

import csv
import hashlib
import io
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import zip_longest
from pathlib import Path, PurePosixPath
from typing import TypeVar

from derender.core import UserError
from derender.core.files import read_file

from .sources import Split

MANIFEST = "manifest.csv"
PROVENANCE = "source_licenses_provenance.csv"
VARIABLE = "VISION2CODE_DATA_DIR"


@dataclass(frozen=True, slots=True)
class Sample:
    """One row: a picture and where it comes from, every cell as it stands in the manifest.

    The name that the documentation calls ``sample_id`` stands in ``source_id``; ``source_record_id``, which the
    official runner takes for it, is not unique across datasets.
    """

    split: str
    benchmark_split: str
    question_folder: str
    image_path: str
    image_sha256: str
    image_bytes: str
    question: str
    category: str
    source_dataset: str
    source_subset: str
    source_id: str
    source_record_id: str
    source_original_split: str
    source_jsonl_file: str
    source_jsonl_line: str
    image_available: str
    asset_release_status: str
    release_note: str

    @property
    def published_sha256(self) -> str:
        """Of the picture; empty where the row doesn't say, and any picture will do."""
        return self.image_sha256.strip()

    def image(self, folder: Path) -> Path:
        """The picture's file in a package. A link out of it is followed where the row has the hash.

        Raises:
            UserError: the row names none, or one outside the package.
        """
        problem = path_problem(self.image_path)
        if problem is not None or not self.image_path:
            raise UserError(f"{self.question_folder}: {problem or 'the row names no picture'}")
        path = folder / self.image_path
        # Whose package it is must not choose which of the user's pictures a model is sent.
        if not self.published_sha256 and _leads_out(path, folder):
            problem = "the picture is a link out of the package, and no SHA-256 tells that it belongs to it"
            raise UserError(f"{self.question_folder}: {problem}")
        return path


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a dataset comes from and on what terms, as the package says."""

    source_dataset: str
    category: str
    source_uri: str
    source_card_license: str
    license_url: str
    split_policy: str
    provenance_note: str
    redistribution_status: str


_Row = TypeVar("_Row", Sample, Provenance)
_Item = TypeVar("_Item")


def data_folder(given: Path | None = None) -> Path:
    """The folder of the package: as given, else as the variable ``VISION2CODE_DATA_DIR`` names it.

    Raises:
        UserError: neither names a folder.
    """
    named = os.environ.get(VARIABLE, "")
    folder = given or (Path(named) if named else None)
    if folder is None:
        raise UserError(f"nothing says where Vision2Code's pictures are: give the folder, or set {VARIABLE}")
    if not folder.is_dir():
        raise UserError(f"{folder}: is no folder")
    return folder


def read_manifest(folder: Path) -> list[Sample]:
    """All rows of a package, in their order.

    Raises:
        UserError: there is no manifest, it can't be read, or it lacks columns.
    """
    return _read(folder / MANIFEST, Sample)


def read_provenance(folder: Path) -> list[Provenance]:
    """Where a package's datasets come from.

    Raises:
        UserError: there is no such table, it can't be read, or it lacks columns.
    """
    return _read(folder / PROVENANCE, Provenance)


def select(samples: Sequence[Sample], split: Split, limit: int = 0, *, spread: bool = False) -> list[Sample]:
    """The first rows of a split; all of them where the limit is 0.

    Args:
        samples: of a manifest.
        split: which.
        limit: how many at most.
        spread: whether to take the datasets in turns. Rows are sorted by dataset, so that the first few, which the
            official runner takes, are of one alone.

    Raises:
        UserError: two of the split's rows have the same name, so that what is said of it could be of either; or the
            limit is less than 0.
    """
    chosen = [sample for sample in samples if sample.split == split]
    twice = [name for name, count in Counter(sample.question_folder for sample in chosen).items() if count > 1]
    if twice:
        raise UserError(f"{MANIFEST} has several rows of {twice[0]!r} in the split {split}")
    if spread:
        of_dataset: dict[str, list[Sample]] = {}
        for sample in chosen:
            of_dataset.setdefault(sample.source_dataset, []).append(sample)
        turns = zip_longest(*of_dataset.values())
        chosen = [sample for turn in turns for sample in turn if sample is not None]
    return first(chosen, limit)


def first(items: Sequence[_Item], limit: int) -> list[_Item]:
    """The first of them; all of them where the limit is 0.

    Raises:
        UserError: it is less than 0.
    """
    if limit < 0:
        raise UserError(f"a number of samples is 0 for all there are, or more, not {limit}")
    return list(items[:limit] if limit else items)


def path_problem(path: str) -> str | None:
    """Why a row's path of a picture must not be followed; None where it may."""
    pure = PurePosixPath(path)
    if pure.is_absolute() or Path(path).is_absolute():
        return f"the path of the picture is absolute: {path}"
    return f"the path of the picture leaves the package: {path}" if ".." in pure.parts else None


def _leads_out(path: Path, folder: Path) -> bool:
    try:
        return not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))
    except ValueError:
        # No file has such a name: whoever reads it says so.
        return False


def sha256_of(path: Path) -> str:
    """The hash that rows have of their pictures, hexadecimal.

    Raises:
        UserError: the file can't be read.
    """
    return hashlib.sha256(read_file(path)).hexdigest()


def _read(path: Path, kind: type[_Row]) -> list[_Row]:
    try:
        text = read_file(path).decode("utf-8-sig")
        return list(_rows(path, io.StringIO(text, newline=""), kind))
    except UnicodeDecodeError:
        raise UserError(f"{path}: is not UTF-8 text") from None
    except csv.Error as error:
        raise UserError(f"{path}: is no table ({error})") from None


def _rows(path: Path, file: Iterable[str], kind: type[_Row]) -> Iterator[_Row]:
    reader = csv.DictReader(file)
    columns = [field.name for field in fields(kind)]
    lacking = [column for column in columns if column not in (reader.fieldnames or ())]
    if lacking:
        raise UserError(f"{path}: there is no column {', '.join(lacking)}")
    for row in reader:
        # A short row's last cells are None.
        yield kind(**{column: row[column] or "" for column in columns})
