"""The programs of a run, packed so that the page unpacks only those somebody opens."""

import json
import zlib
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from derender.core import Language, UnknownLanguage

from .runs import Row

CHUNK_ROWS = 24
_MAX_CHARACTERS = 400_000
_MAX_FILE_BYTES = 16_000_000


@dataclass(frozen=True, slots=True)
class ProgramText:
    """A program as the page shows it.

    Attributes:
        source: its text, lines ended by a newline alone, cut where it is endless.
        size_bytes: of the file; None where it can't be read.
        note: why the text is absent or cut; empty when it is whole.
    """

    source: str = ""
    size_bytes: int | None = None
    note: str = ""

    @property
    def lines(self) -> int | None:
        """Number of lines, or None where there is no text."""
        return None if self.size_bytes is None else len(self.source.rstrip("\n").split("\n"))


def read_program(path: Path | None) -> ProgramText:
    """The text of a program's file; what stands in the way becomes its note."""
    if path is None:
        return ProgramText(note="the run names no program")
    try:
        # Nothing but a plain file: a run folder from elsewhere may name a pipe that never ends.
        if not path.is_file():
            return ProgramText(note="the program's file is missing")
        size = path.stat().st_size
        with path.open("rb") as stream:
            text = stream.read(_MAX_FILE_BYTES).decode("utf-8-sig", "replace")
    except OSError as error:
        return ProgramText(note=f"the program can't be read ({error.strerror})")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if len(text) <= _MAX_CHARACTERS and size <= _MAX_FILE_BYTES:
        return ProgramText(text, size)
    return ProgramText(text[:_MAX_CHARACTERS], size, f"only the first {_MAX_CHARACTERS:,} characters are shown")


def program_blocks(rows: Sequence[Row], texts: Sequence[ProgramText]) -> Iterator[str]:
    """Script blocks ``d0``, ``d1`` …, each the deflated texts and warnings of `CHUNK_ROWS` rows."""
    for number, start in enumerate(range(0, len(rows), CHUNK_ROWS)):
        chunk = zip(rows[start : start + CHUNK_ROWS], texts[start : start + CHUNK_ROWS], strict=True)
        data = json.dumps([_entry(row, text) for row, text in chunk], separators=(",", ":"))
        packed = b64encode(zlib.compress(data.encode(), 6)).decode()
        yield f'<script type="text/plain" id="d{number}">{packed}</script>\n'


def _entry(row: Row, text: ProgramText) -> dict[str, object]:
    return {
        "source": text.source,
        "note": text.note,
        "language": language_of(row) or "",
        "warnings": row.warnings,
    }


def language_of(row: Row) -> Language | None:
    """What a row's program is written in, by its suffix, else by the row's target."""
    found = Language.of_file(row.program) if row.program else None
    try:
        return found or Language.parse(row.target)
    except UnknownLanguage:
        return None
