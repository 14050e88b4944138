"""Which files a run may show: its own, and pictures of packages. A folder from elsewhere may name any file there is."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from derender.benchmarks.vision2code.data import MANIFEST
from derender.report.runs import Row


@dataclass(slots=True)
class Places:
    """A run's folder and what has been found of the folders around it.

    Attributes:
        folder: the run's.
        refused: how many files were named that are neither the run's own nor pictures of a package.
    """

    folder: Path
    refused: int = 0
    _packages: dict[str, bool] = field(default_factory=dict)

    def checked(self, row: Row) -> Row:
        """The row without the files that it must not show."""
        return replace(
            row,
            program=next(self._own(row.program), None),
            pictures=tuple(path for each in row.pictures for path in self._own(each)),
            reference=next(self._reference(row.reference), None),
        )

    def _own(self, path: Path | None) -> Iterator[Path]:
        if path is None:
            return
        # Links in a circle are no error to this one.
        if Path(os.path.realpath(path)).is_relative_to(os.path.realpath(self.folder)):
            yield path
        else:
            self.refused += 1

    def _reference(self, path: Path | None) -> Iterator[Path]:
        if path is None:
            return
        # As it reads, for a package may keep its pictures behind links; the run's own links lead nowhere.
        plain = Path(os.path.abspath(path))
        if not plain.is_relative_to(os.path.abspath(self.folder)) and self._of_package(str(plain.parent)):
            yield plain
        else:
            yield from self._own(path)

    def _of_package(self, folder: str) -> bool:
        if folder not in self._packages:
            above = os.path.dirname(folder)
            here = os.path.isfile(os.path.join(folder, MANIFEST))
            self._packages[folder] = here or (above != folder and self._of_package(above))
        return self._packages[folder]
