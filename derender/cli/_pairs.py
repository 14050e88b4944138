"""What is compared with what: two files, or the files of two folders that go by the same name."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from derender.core import Language, UserError

from ._files import reason

_PICTURES = {".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".ppm", ".avif"}


@dataclass(frozen=True, slots=True)
class Pair:
    """Two files to compare, and the program before the edit where they are edits of one."""

    reference: Path
    candidate: Path
    original: Path | None = None


@dataclass(frozen=True, slots=True)
class Single:
    """A file that nothing can be compared with, and why; one of the two is None."""

    reference: Path | None
    candidate: Path | None
    problem: str


def is_program(path: Path) -> bool:
    """Whether a file holds a program rather than a picture."""
    return Language.of_file(path) is not None


def match(reference: Path, candidate: Path, original: Path | None = None) -> list[Pair | Single]:
    """The pairs of two files or two folders.

    Raises:
        UserError: a file is to be compared with a folder, a folder holds nothing, or the original is none.
    """
    if reference.exists() and candidate.exists() and reference.is_dir() != candidate.is_dir():
        raise UserError(f"{reference} and {candidate}: compare two files or two folders, not one of each")
    if original:
        _check_original(original, of_folders=reference.is_dir())
    if not reference.is_dir():
        return [Pair(reference, candidate, original)]
    wanted, given = _files(reference), _files(candidate)
    if not wanted:
        raise UserError(f"{reference}: the folder holds no pictures and no programs")
    originals = _files(original) if original and original.is_dir() else original
    stems = {path.stem for path in wanted}
    extra = [path for path in given if path.stem not in stems]
    return [
        *(_match(path, given, candidate, originals) for path in wanted),
        *(Single(None, path, f"{path}: no {_kind(path)} named {path.stem} in {reference}") for path in extra),
    ]


def _check_original(original: Path, *, of_folders: bool) -> None:
    if not original.exists():
        raise UserError(f"{original}: no such file")
    if original.is_dir() and not of_folders:
        raise UserError(f"{original}: two files have one program before the edit, not a folder of them")
    if not original.is_dir() and not is_program(original):
        raise UserError(f"{original}: the suffix is no language's, and the original of an edit is a program")


def _kind(path: Path) -> str:
    return "program" if is_program(path) else "picture"


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.suffix.lower() in _PICTURES or is_program(path))
    except OSError as error:
        raise UserError(f"{folder}: can't be listed ({reason(error)})") from None


def _match(reference: Path, given: Sequence[Path], folder: Path, originals: list[Path] | Path | None) -> Pair | Single:
    named = [path for path in given if path.stem == reference.stem]
    # Beside a program may lie its picture: the file of the same name counts, else the one of the same kind.
    alike = [path for path in named if is_program(path) == is_program(reference)] or named
    same = [path for path in named if path.name == reference.name] or alike
    if not same:
        return Single(reference, None, f"{reference}: no {_kind(reference)} named {reference.stem} in {folder}")
    if len(same) > 1:
        several = ", ".join(path.name for path in same)
        return Single(reference, None, f"{reference}: several files of that name in {folder}: {several}")
    if isinstance(originals, list):
        return Pair(reference, same[0], next((path for path in originals if path.stem == reference.stem), None))
    return Pair(reference, same[0], originals)
