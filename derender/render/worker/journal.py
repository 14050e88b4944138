"""What a program's process claims about itself, written as it goes: one JSON object per line, pictures in files beside.

Whoever reads it must trust none of it: the program could have written every byte, see `claims`.
"""

import json
import os
import time
from collections.abc import Iterable, Iterator
from typing import Any

from .png import Packed

NAME = "journal"
MAX_TEXTS = 5000
MAX_LINE = 4 << 20
"""Bytes of one claim; a longer one is not read."""
_COARSE = 5
"""Linux's CLOCK_REALTIME_COARSE, which Python has no name for."""


class Journal:
    """Appends to the journal in a folder."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._count = 0
        self._files: dict[str, str] = {}

    def picture(self, key: str, rank: str, packed: Packed, about: dict[str, Any]) -> None:
        """Claim a picture.

        Args:
            key: what it was saved to; a later picture with the same key takes its place.
            rank: ``file``, ``buffer``, ``shown`` or ``open``.
            packed: the picture.
            about: ``name``, ``texts``, ``at`` on the file clock.
        """
        size = {"width": packed.width, "height": packed.height, "channels": packed.channels}
        self._write("picture", key, packed.stream, {"rank": rank, **size, **about})

    def deferred(self, key: str, rank: str, content: bytes, about: dict[str, Any]) -> None:
        """Claim a picture that another worker must draw.

        Args:
            key: as for `picture`.
            rank: as for `picture`.
            content: what to draw: a figure or specification in JSON, or SVG.
            about: ``name``, ``at``, ``media``, ``width``, ``height``, ``scale``.
        """
        self._write("deferred", key, content, {"rank": rank, **about})

    def rename(self, key: str, name: str, at: int) -> None:
        """Say that a picture caught in memory was written to a file."""
        self._append({"type": "rename", "key": key, "name": name, "at": at})

    def trace(self, seen: dict[str, Any]) -> None:
        """Claim what a tracer saw; a second claim takes the first one's place.

        Raises:
            ValueError: it is no plain JSON.
        """
        content = json.dumps(seen, allow_nan=False).encode("ascii")
        name, fd = self._fresh_file()
        with open(fd, "wb") as file:
            file.write(content)
        self._append({"type": "trace", "file": name})

    def oversize(self, name: str, width: int, height: int) -> None:
        """Say that a picture was too large to be kept."""
        self._append({"type": "oversize", "name": name, "width": width, "height": height})

    def warning(self, text: str) -> None:
        """Claim something worth a warning."""
        self._append({"type": "warning", "text": text})

    def failure(self, kind: str, message: str, line: int | None, detail: str) -> None:
        """Claim why the program failed."""
        self._append({"type": "failure", "kind": kind, "message": message, "line": line, "detail": detail})

    def end(self) -> None:
        """Say that the program came to its end and all it drew has been claimed."""
        self._append({"type": "end"})

    def _write(self, kind: str, key: str, content: bytes, about: dict[str, Any]) -> None:
        name, fd = self._fresh_file()
        with open(fd, "wb") as file:
            file.write(content)
        old = self._files.get(key)
        self._append({"type": kind, "key": key, "file": name, **about})
        self._files[key] = name
        if old:
            os.unlink(os.path.join(self._folder, old))

    def _fresh_file(self) -> tuple[str, int]:
        # An earlier process of the same program may have left its own files here, and claims that name them.
        while True:
            self._count += 1
            name = f"{self._count}"
            try:
                return name, os.open(os.path.join(self._folder, name), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            except FileExistsError:
                continue

    def _append(self, entry: dict[str, Any]) -> None:
        line = json.dumps(entry).encode("ascii") + b"\n"
        # Never waits, should the program have put a pipe there.
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NONBLOCK | os.O_NOFOLLOW
        fd = os.open(os.path.join(self._folder, NAME), flags, 0o600)
        try:
            os.write(fd, line)
        finally:
            os.close(fd)


def entries(folder: str) -> Iterator[dict[str, Any]]:
    """The claims in a folder's journal, as far as they are JSON objects; nothing else about them is sure."""
    try:
        fd = os.open(os.path.join(folder, NAME), os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
        with open(fd, "rb") as file:
            yield from parse(file)
    except OSError:
        return


def parse(lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """The JSON objects among the lines of a journal."""
    for line in lines:
        if len(line) > MAX_LINE:
            continue
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(entry, dict):
            yield entry


def now_ns() -> int:
    """The clock that files' times are taken from, so that both can be put in one order."""
    return time.clock_gettime_ns(_COARSE)
