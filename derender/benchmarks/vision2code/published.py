"""The tables that Vision2Code published, read from the package or from a checkout of its repository."""

import csv
import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from derender.core import UserError

PACKAGED = Path(__file__).with_name("published")
"""Under the paths of the repository; columns that name files or hide dates are left out."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table; a cell is asked for by what it must be, and a wrong one is named.

    Attributes:
        cells: column → text.
        place: the table and the line, for messages.
    """

    cells: Mapping[str, str]
    place: str

    def __getitem__(self, column: str) -> str:
        """A cell as text.

        Raises:
            UserError: there is no such column.
        """
        text = self.cells.get(column)
        if text is None:
            raise UserError(f"{self.place}: there is no column {column}")
        return text

    def number(self, column: str) -> float:
        """A cell as a number; NaN where it is empty.

        Raises:
            UserError: there is no such column, or no number in it.
        """
        return math.nan if not self[column] else self._read(column, float)

    def count(self, column: str) -> int:
        """A cell as a whole number.

        Raises:
            UserError: there is no such column, or no whole number in it.
        """
        return self._read(column, int)

    def _read(self, column: str, kind: Callable[[str], _T]) -> _T:
        try:
            return kind(self[column])
        except ValueError:
            raise UserError(f"{self.place}: {column} must be a number, and is {self[column]!r}") from None


class Published:
    """The published tables, by their paths in the repository.

    Args:
        folder: a checkout of it, or a folder with the same paths; the package's own by default.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or PACKAGED

    def table(self, path: str) -> list[Row]:
        """The rows of a CSV file.

        Raises:
            UserError: it is missing, can't be read, or holds no rows.
        """
        name = self._folder / path
        # Universal newlines: some of the files have Windows' own.
        rows = [Row(cells, f"{name}, line {line}") for line, cells in _records(self.text(path))]
        if not rows:
            raise UserError(f"{name}: the table has no rows")
        return rows

    def json(self, path: str) -> Any:  # noqa: ANN401 - whatever the file holds
        """What a JSON file holds.

        Raises:
            UserError: it is missing, can't be read, or is no JSON.
        """
        try:
            return json.loads(self.text(path))
        except ValueError:
            raise UserError(f"{self._folder / path}: is no JSON") from None

    def text(self, path: str) -> str:
        """A file's text.

        Raises:
            UserError: it is missing or can't be read.
        """
        try:
            return (self._folder / path).read_text("utf-8-sig")
        except OSError as error:
            reason = (error.strerror or "unknown").lower()
            raise UserError(f"{self._folder / path}: can't be read ({reason})") from None
        except UnicodeDecodeError:
            raise UserError(f"{self._folder / path}: is not UTF-8 text") from None


def _records(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.DictReader(text.splitlines())
    for row in reader:
        # Cells that a short row lacks are None, those of a long one have no name.
        yield reader.line_num, {name: cell for name, cell in row.items() if name is not None and cell is not None}
