"""A run folder: files of the results, and ``results.jsonl`` with a line per item, written as each is done.

The folder describes the last run into it; a line that is there is whole.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from derender.core import Failure, InfraError, Rendering, UserError
from derender.core.pictures import write_whole

from ._files import make_folder, reason


class RunFolder:
    """Where a command's results go. A context manager."""

    def __init__(self, folder: Path) -> None:
        """Make the folder and start its ``results.jsonl`` anew.

        Raises:
            UserError: that can't be done here.
        """
        self.path = make_folder(folder)
        try:
            self._lines = (self.path / "results.jsonl").open("wb", buffering=0)
        except OSError as error:
            raise UserError(f"{self.path / 'results.jsonl'}: can't be written ({reason(error)})") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lines.close()

    def write(self, name: str, content: bytes | str) -> Path:
        """Write one file, whole or not at all.

        Raises:
            InfraError: it can't be written; one sentence that says why.
        """
        path = self.path / name
        try:
            path.parent.mkdir(exist_ok=True)
        except OSError as error:
            raise InfraError(f"{path.parent}: the folder can't be made ({reason(error)})") from None
        # A lone surrogate, which models do write, has no bytes in UTF-8.
        write_whole(path, content.encode("utf-8", "replace") if isinstance(content, str) else content)
        return path

    def record(self, row: Mapping[str, Any]) -> None:
        """Append one line to ``results.jsonl``.

        Raises:
            InfraError: it can't be written; the lines before stay whole.
        """
        line = (json.dumps(row) + "\n").encode()
        start = self._lines.tell()
        try:
            written = self._lines.write(line)
        except OSError as error:
            self._forget(start)
            raise InfraError(f"{self._lines.name}: can't be written ({reason(error)})") from None
        if written != len(line):
            self._forget(start)
            raise InfraError(f"{self._lines.name}: can't be written (the disk is full)")

    def _forget(self, start: int) -> None:
        # Where even that fails the disk is at fault twice, and its first word is the one to report.
        with suppress(OSError):
            self._lines.truncate(start)
            self._lines.seek(start)

    def relative(self, path: Path | None) -> str | None:
        """A path as a line holds it: relative inside the folder, absolute outside."""
        if path is None:
            return None
        absolute = path.absolute()
        return str(absolute.relative_to(self.path) if absolute.is_relative_to(self.path) else absolute)


def rendering_row(rendering: Rendering, pictures: list[str]) -> dict[str, Any]:
    """The ``rendering`` part of a line."""
    return {
        "ok": rendering.ok,
        "failure": failure_row(rendering.failure) if rendering.failure else None,
        "pictures": pictures,
        "warnings": list(rendering.warnings),
        "elapsed_s": round(rendering.elapsed_s, 4),
    }


def failure_row(failure: Failure) -> dict[str, Any]:
    """The ``failure`` part of a line."""
    return {"kind": failure.kind.value, "message": failure.message, "line": failure.line, "ours": failure.ours}
