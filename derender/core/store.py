"""The content store: values and blobs by key, shared by many processes, bounded, and safe to kill at any moment.

One SQLite database in WAL mode holds the index and the small blobs; large blobs are files named by their hash. A blob
is in place before the row that names it, so a process killed in between leaves at most a file nobody names, which
pruning removes. A store that can't be used (no space, no permission, damaged) is a miss with a warning, never an error.
"""

import contextlib
import hashlib
import os
import sqlite3
import tempfile
import time
import warnings
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from ._index import BlobRow, Index, checksum, is_damage, is_full
from .errors import InfraError
from .pictures import write_whole

DEFAULT_MAX_BYTES = 4 << 30
INLINE_BYTES = 8 << 10
"""Blobs up to this size live in the database; above it, reading a file is faster than reading many pages."""
STAMP_S = 600
"""How stale the time of last use may be."""
STAMPS_AT_ONCE = 200
"""Times of last use written together, as a write costs a hundred times what a hit does."""
KEEP_SHARE = 0.8
"""How full a store that grew past its bound is left."""
PRUNE_EVERY = 64
"""How many puts of a process pass between two looks at the bound; fewer when they are large."""
ORPHAN_S = 60
"""How old a file nobody names must be to be removed: a younger one may be about to be named."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Entry:
    """What was kept under a key."""

    value: bytes
    blobs: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class StoreInfo:
    """How full a store is; sizes in bytes."""

    folder: Path
    entries: int
    bytes: int
    max_bytes: int


def default_folder() -> Path:
    """``$DERENDER_CACHE``, else ``derender`` in the user's cache folder."""
    if chosen := os.environ.get("DERENDER_CACHE"):
        return Path(chosen)
    if base := os.environ.get("XDG_CACHE_HOME"):
        return Path(base) / "derender"
    try:
        return Path.home() / ".cache" / "derender"
    except RuntimeError:
        # A user number without a name, as containers like to run under.
        return Path(tempfile.gettempdir()) / f"derender-{os.getuid()}"


class ContentStore:
    """Values and their blobs by key. Safe under many threads and processes, also across a fork."""

    def __init__(self, folder: str | Path, *, max_bytes: int = DEFAULT_MAX_BYTES) -> None:
        self.folder = Path(folder)
        self.max_bytes = max_bytes
        self._index = Index(self.folder)
        self._used: deque[str] = deque()
        self._warned = False
        self._puts = 0
        self._put_bytes = 0

    def get(self, key: str) -> Entry | None:
        """What was put under a key; None when there is nothing, or a part of it is gone or damaged."""
        return self._safely(lambda: self._get(key), None)

    def put(self, key: str, value: bytes, blobs: Sequence[bytes] = ()) -> bool:
        """Keep a value and its blobs, replacing what was there; False when the store can't take them."""
        return self._safely(lambda: self._put(key, value, blobs), False)

    def drop(self, key: str) -> None:
        """Forget what was put under a key, if anything was."""
        self._safely(lambda: self._index.drop(key), None)

    def info(self) -> StoreInfo:
        """How many entries there are and how much space they take."""
        entries, size = self._safely(self._index.count, (0, 0))
        return StoreInfo(self.folder, entries, size, self.max_bytes)

    def prune(self, max_bytes: int | None = None) -> int:
        """Drop the least recently used until at most ``max_bytes`` are left, and files nobody names; bytes freed.

        Without ``max_bytes`` the store's own bound holds.
        """
        return self._safely(lambda: self._prune(self.max_bytes if max_bytes is None else max_bytes), 0)

    def clear(self) -> int:
        """Drop everything; bytes freed."""
        return self._safely(self._clear, 0)

    def close(self) -> None:
        """Write what is still to be written and close the files. A closed store may be used again."""
        self._safely(self._write_stamps, None)
        self._index.close()
        self._index = Index(self.folder)

    def _safely(self, work: Callable[[], T], otherwise: T) -> T:
        """The work's result; a failure of the store itself is one warning and ``otherwise``."""
        try:
            return work()
        except (sqlite3.Error, OSError, InfraError) as error:
            if is_damage(error):
                with contextlib.suppress(OSError, sqlite3.Error):
                    self._index.set_aside()
            if not self._warned:
                self._warned = True
                warnings.warn(f"the store in {self.folder} can't be used: {error}", RuntimeWarning, stacklevel=4)
            return otherwise

    def _get(self, key: str) -> Entry | None:
        found = self._index.entry(key)
        if found is None:
            return None
        value, used, rows = found
        blobs = [self._read_blob(row) for row in rows]
        if None in blobs:
            self._index.drop(key)
            return None
        if time.time() - used > STAMP_S:
            self._used.append(key)
            if len(self._used) >= STAMPS_AT_ONCE:
                self._write_stamps()
        return Entry(value, tuple(blob for blob in blobs if blob is not None))

    def _put(self, key: str, value: bytes, blobs: Sequence[bytes]) -> bool:
        rows = [self._row(blob) for blob in blobs]
        for row, blob in zip(rows, blobs, strict=True):
            if row.content is None:
                self._write_blob(row, blob)
        self._index.insert(key, value, rows)
        self._put_bytes += len(value) + sum(row.size for row in rows)
        if self._puts % PRUNE_EVERY == 0 or self._put_bytes > self.max_bytes // 20:
            self._put_bytes = 0
            self._write_stamps()
            self._remove(self._index.evict(self.max_bytes, int(self.max_bytes * KEEP_SHARE)))
        self._puts += 1
        return True

    def _prune(self, max_bytes: int) -> int:
        before = self._index.count()[1]
        self._write_stamps()
        self._remove(self._index.evict(max_bytes, max_bytes))
        self._sweep(self._index.tidy(), ORPHAN_S)
        return before - self._index.count()[1]

    def _clear(self) -> int:
        freed = self._index.count()[1]
        self._used.clear()
        # Files first: on a full disk the database needs room to be emptied.
        self._sweep(set(), 0)
        try:
            self._index.clear()
        except sqlite3.OperationalError as error:
            if not is_full(error):
                raise
            self._index.remove()
        return freed

    def _write_stamps(self) -> None:
        keys = set()
        with contextlib.suppress(IndexError):
            while True:
                keys.add(self._used.popleft())
        if keys:
            self._index.stamp(sorted(keys))

    def _row(self, blob: bytes) -> BlobRow:
        inline = blob if len(blob) <= INLINE_BYTES else None
        return BlobRow(hashlib.sha256(blob).hexdigest(), len(blob), checksum(blob), inline)

    def _path(self, name: str) -> Path:
        return self.folder / name[:2] / name

    def _read_blob(self, row: BlobRow) -> bytes | None:
        """The blob, or None when it is gone or damaged; a damaged file is removed, so that it can be written anew."""
        path = self._path(row.hash)
        try:
            blob = path.read_bytes() if row.content is None else row.content
        except FileNotFoundError:
            return None
        if checksum(blob) == row.crc:
            return blob
        if row.content is None:
            path.unlink(missing_ok=True)
        return None

    def _write_blob(self, row: BlobRow, blob: bytes) -> None:
        path = self._path(row.hash)
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_size == row.size:
                os.utime(path)  # tells a sweep beside us that somebody is about to name it
                return
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, blob)

    def _remove(self, names: Sequence[str]) -> None:
        for name in names:
            self._path(name).unlink(missing_ok=True)

    def _sweep(self, named: set[str], older_than_s: float) -> None:
        """Remove files no row names: of killed writers, of older versions, and databases set aside as damaged."""
        newest = time.time() - older_than_s
        current = self._index.path.name
        for pattern in ("[0-9a-f][0-9a-f]/*", "index-*.sqlite*", "damaged-*"):
            for path in self.folder.glob(pattern):
                if path.name in named or path.name.startswith(current):
                    continue
                with contextlib.suppress(FileNotFoundError, IsADirectoryError):
                    if path.stat().st_mtime <= newest:
                        path.unlink()
