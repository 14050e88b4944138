"""The folder of one sample as the paper's runner leaves it."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from derender.core import InfraError, UserError
from derender.core.files import read_file
from derender.core.pictures import write_whole

from . import _official_names as names
from ._official_rating import rating_of
from .cosine import drawn
from .data import Sample
from .runs import ScoredRun
from .similarity import similarity


@dataclass(frozen=True, slots=True)
class SampleFolder:
    """A sample's folder, to be written.

    Attributes:
        path: of the folder.
        sample: which.
        row: what came of it: a record of `scoring.Scored`, whose program was tried.
        run: that the row is of.
        package: the folder of published pictures.
        rater: who rated; None where nobody did.
    """

    path: Path
    sample: Sample
    row: Mapping[str, Any]
    run: ScoredRun
    package: Path
    rater: names.Rater | None

    @property
    def drawn(self) -> bool:
        """Whether there is a picture."""
        return bool(self.row["render_success"])

    def read(self) -> tuple[bytes, bytes, bytes | None]:
        """The reference, the program, and the picture where there is one.

        Raises:
            UserError: one of them can't be read.
        """
        picture = drawn(self.run, self.row)
        if self.drawn and picture is None:
            raise UserError(f"{self.run.folder}: no picture of {self.sample.question_folder} was kept")
        program = self.run.path(self.row.get("program"))
        if program is None:
            raise UserError(f"{self.run.folder}: no program of {self.sample.question_folder} was kept")
        reference = read_file(self.sample.image(self.package), "picture")
        return reference, read_file(program), read_file(picture) if self.drawn and picture else None

    def write(self) -> tuple[dict[str, Any], dict[str, Any] | None]:
        """Write all of its files; the row of what was drawn, and the rating where there was a rater.

        Raises:
            UserError: a file of the run or of the package can't be read.
            InfraError: one of the folder's can't be written.
        """
        reference, program, picture = self.read()
        kept = self._earlier(program)
        self._write(self._copy, reference)
        self._write(names.METADATA, asdict(self.sample))
        self._write(names.CODE, program + b"\n")
        self._write(names.PICTURE, picture)
        self._write(names.ERROR, None if self.drawn else f"{self.row['render_status']}\n")
        row = self._inferred(program, _alike(reference, picture))
        result = {**row, "sample_metadata": asdict(self.sample), "benchmark_row": asdict(self.sample)}
        rating = self._rate() if self.rater else None
        if rating or kept:
            result |= self._rated(kept, rating)
        self._write(names.RESULT, result)
        return row, rating

    @property
    def _copy(self) -> str:
        return Path(self.sample.image_path).name

    def _inferred(self, program: bytes, alike: float | None) -> dict[str, Any]:
        cells = (
            names.VERSION,
            self.sample.benchmark_split or self.sample.split.replace("_", "-"),
            # What the runner takes for it, although it is not unique.
            self.sample.source_record_id or self.sample.question_folder,
            self.sample.source_dataset,
            self.sample.source_subset,
            self.sample.split,
            self.sample.question_folder,
            self.sample.question,
            str(self.sample.image(self.package)),
            str(self.path / names.METADATA),
            str(self.path / self._copy),
            str(self.path / names.CODE),
            str(self.path / names.PICTURE) if self.drawn else "",
            str(self.path),
            self.drawn,
            self.row["render_status"],
            alike,
            len(program.decode("utf-8", "replace")),
        )
        return dict(zip(names.INFERENCE, cells, strict=True))

    def _rate(self) -> dict[str, Any]:
        slug = self.rater.slug if self.rater else ""
        rating = rating_of(self.row, str(self.path / self._copy), str(self.path / names.PICTURE))
        reply = self.row.get("reply")
        self._write(names.rating_file(slug), rating)
        self._write(names.reply_file(slug), f"{reply}\n" if reply and rating["status"] == "ok" else None)
        return rating

    def _rated(self, kept: Mapping[str, Any], rating: Mapping[str, Any] | None) -> dict[str, Any]:
        """The part of ``result.json`` about ratings: those of other raters, and this one."""
        slug = self.rater.slug if self.rater else ""
        ratings = {name: each for name, each in kept.items() if name != slug} | ({slug: rating} if rating else {})
        return {
            "rubric_ratings": ratings,
            "rubric_rating_paths": {name: str(self.path / names.rating_file(name)) for name in ratings},
            "latest_rubric_rating_slug": [*ratings][-1],
        }

    def _earlier(self, program: bytes) -> dict[str, Any]:
        """Ratings that others left of the same program; those of another program go."""
        found: dict[str, Any] = {}
        with suppress(OSError, ValueError, RecursionError, AttributeError):
            found = dict(json.loads((self.path / names.RESULT).read_bytes()).get("rubric_ratings") or {})
            if (self.path / names.CODE).read_bytes() == program + b"\n":
                return found
        for slug in found:
            self._write(names.rating_file(slug), None)
            self._write(names.reply_file(slug), None)
        return {}

    def _write(self, name: str, content: bytes | str | Mapping[str, Any] | None) -> None:
        """Write a file, or make sure that there is none."""
        path = self.path / name
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            if content is None:
                path.unlink(missing_ok=True)
        except OSError as error:
            raise InfraError(f"{path}: can't be written ({error.strerror})") from None
        if content is not None:
            write_whole(path, names.as_bytes(content))


def _alike(reference: bytes, picture: bytes | None) -> float | None:
    """How near the two are: 0 without a picture, as there; None where the reference is damaged."""
    if picture is None:
        return 0.0
    try:
        return similarity(reference, picture)
    except UserError:
        return None
