"""What run folders hold, read with patience: what is missing or of the wrong kind reads as absent."""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from derender.core import UserError
from derender.core.files import read_file


def lines_of(folder: Path) -> Iterator[str]:
    """The lines of a run folder's ``results.jsonl``, empty ones left out.

    Raises:
        UserError: there is no such file that can be read.
    """
    file = folder / "results.jsonl"
    try:
        there = file.exists()
    except OSError as error:
        raise UserError(f"{file}: can't be read ({error.strerror})") from None
    if not there:
        raise UserError(f"{folder}: is no run folder, it holds no results.jsonl")
    whole = read_file(file).decode("utf-8-sig", "replace")
    return (line for line in whole.split("\n") if line.strip())


def object_of(line: str) -> dict[str, Any] | None:
    """The JSON object that a line is; None where it is none."""
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def text_of(value: object) -> str:
    """A text, that can be written; empty for anything else."""
    # A lone surrogate, which JSON can spell, has no UTF-8 form and would stop the page from being written.
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""


def number_of(value: object) -> float | None:
    """A number, infinite ones too; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return None if math.isnan(found) else found


def path_of(value: object, folder: Path) -> Path | None:
    """A path in a folder; None where no name is given."""
    name = text_of(value)
    return folder / name if name and "\0" not in name else None


def items_of(value: object) -> list[Any]:
    """A list; an empty one for anything else."""
    return value if isinstance(value, list) else []


def fields_of(value: object) -> dict[str, Any]:
    """An object's fields; none for anything else."""
    return value if isinstance(value, dict) else {}
