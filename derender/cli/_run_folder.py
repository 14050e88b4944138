"""A run folder: files of the results, and ``results.jsonl`` with a line per item, written as each is done.

The folder describes the last run into it; a line that is there is whole.
"""

import fcntl
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from derender.core import Failure, InfraError, Rendering, UserError
from derender.core.pictures import write_whole

from ._files import make_folder, reason


class RunFolder:
    """Where a command's results go. A context manager.

    Args:
        folder: made where it isn't there.
        keys: what the run will do, in order, each item by a key that is equal exactly when its result must be. Lines of
            an earlier run with such a ``key`` are kept, unless they say that it is to be done ``again``; all others go,
            as all do where no keys are given.

    Raises:
        UserError: the folder can't be made, or not be written to, or another run with keys writes to it.
    """

    def __init__(self, folder: Path, keys: Sequence[str] = ()) -> None:
        self.path = make_folder(folder)
        # Each would put the other's lines aside.
        self._alone = _lock(self.path) if keys else None
        self._order = {key: place for place, key in enumerate(keys)}
        path = self.path / "results.jsonl"
        self.kept = kept_rows(self.path, keys)
        try:
            if self.kept:
                write_whole(path, _written(self.kept.values()))
            self._lines = path.open("ab" if self.kept else "wb", buffering=0)
        except OSError as error:
            raise UserError(f"{path}: can't be written ({reason(error)})") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lines.close()
        if self._alone is not None:
            os.close(self._alone)

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

    def put_in_order(self) -> None:
        """Bring the lines into the order of the keys, which that of a run that was taken up again may not be.

        Raises:
            InfraError: they can't be written; they stay as they are.
        """
        path = self.path / "results.jsonl"
        write_whole(path, _written(_kept(path, self._order).values()))

    def relative(self, path: Path | None) -> str | None:
        """A path as a line holds it: relative inside the folder, absolute outside."""
        if path is None:
            return None
        absolute = path.absolute()
        return str(absolute.relative_to(self.path) if absolute.is_relative_to(self.path) else absolute)


def _lock(folder: Path) -> int | None:
    """A descriptor that keeps others out until it is closed, or its process ends; None where folders have no locks.

    Raises:
        UserError: another process has it.
    """
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            if isinstance(error, BlockingIOError):
                raise UserError(f"{folder}: another run is writing to it") from None
            raise
        return descriptor
    return None


def kept_rows(folder: Path, keys: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The lines that a run into a folder would take over, by key and in order."""
    order = {key: place for place, key in enumerate(keys)}
    return {key: row for key, row in _kept(folder / "results.jsonl", order).items() if not row.get("again")}


def _kept(path: Path, order: Mapping[str, int]) -> dict[str, dict[str, Any]]:
    """The whole lines with a wanted key, by key and in order."""
    found: dict[str, dict[str, Any]] = {}
    if not order:
        return found
    with suppress(OSError):
        for line in path.read_bytes().split(b"\n"):
            with suppress(ValueError, RecursionError):
                row = json.loads(line)
                key = row.get("key") if isinstance(row, dict) else None
                if isinstance(key, str) and key in order:
                    found[key] = row
    return dict(sorted(found.items(), key=lambda item: order[item[0]]))


def _written(rows: Iterable[Mapping[str, Any]]) -> bytes:
    return b"".join((json.dumps(row) + "\n").encode() for row in rows)


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
