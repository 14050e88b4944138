"""The content store's index: one SQLite database in WAL mode, with the rows of all entries and the small blobs."""

import contextlib
import fcntl
import os
import sqlite3
import time
import zlib
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

SCHEMA = 2
BUSY_S = 30.0
"""How long a writer waits for the others."""
STAMP_BUSY_MS = 50
"""How long the writing of last uses waits: it only sharpens what is evicted first."""

_TABLES = """
CREATE TABLE IF NOT EXISTS entries (
    key TEXT PRIMARY KEY, value BLOB NOT NULL, size INTEGER NOT NULL, used REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS links (
    key TEXT NOT NULL, position INTEGER NOT NULL, hash TEXT NOT NULL, PRIMARY KEY (key, position)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS blobs (
    hash TEXT PRIMARY KEY, size INTEGER NOT NULL, crc INTEGER NOT NULL, content BLOB) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS entries_by_use ON entries (used, size);
CREATE INDEX IF NOT EXISTS links_by_hash ON links (hash);
CREATE INDEX IF NOT EXISTS blobs_by_size ON blobs (size);
"""
_UNNAMED = "hash NOT IN (SELECT hash FROM links)"


@dataclass(frozen=True, slots=True)
class BlobRow:
    """A blob as the index knows it; ``content`` is None when it is a file."""

    hash: str
    size: int
    crc: int
    content: bytes | None


class Index:
    """The rows of a store. Connections are lent from a pool, as threads come and go, and never cross a fork."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / f"index-{SCHEMA}.sqlite"
        self._idle: deque[_Connection] = deque()
        self._inherited: list[_Connection] = []
        self._open = True

    def entry(self, key: str) -> tuple[bytes, float, list[BlobRow]] | None:
        """The value, the time of last use and the blobs of a key, in order; a blob without a row has a crc of -1."""
        with self._connection() as connection:
            found = connection.execute(
                "SELECT value, used, links.hash, blobs.size, crc, content FROM entries"
                " LEFT JOIN links ON links.key = entries.key LEFT JOIN blobs ON blobs.hash = links.hash"
                " WHERE entries.key = ? ORDER BY position",
                (key,),
            ).fetchall()
        if not found:
            return None
        blobs = [BlobRow(row[2], row[3] or 0, -1 if row[4] is None else row[4], row[5]) for row in found if row[2]]
        return found[0][0], found[0][1], blobs

    def insert(self, key: str, value: bytes, blobs: Sequence[BlobRow]) -> None:
        """Put an entry in place of what was there."""
        size = len(value) + sum(blob.size for blob in blobs)
        links = [(key, position, blob.hash) for position, blob in enumerate(blobs)]
        rows = [(blob.hash, blob.size, blob.crc, blob.content) for blob in blobs]
        with self._connection() as connection, _transaction(connection):
            connection.execute("DELETE FROM links WHERE key = ?", (key,))
            connection.executemany("INSERT OR REPLACE INTO blobs VALUES (?, ?, ?, ?)", rows)
            connection.executemany("INSERT INTO links VALUES (?, ?, ?)", links)
            connection.execute("INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?)", (key, value, size, time.time()))

    def drop(self, key: str) -> None:
        """Forget a key; its blobs go when the store is next pruned."""
        with self._connection() as connection, _transaction(connection):
            connection.execute("DELETE FROM entries WHERE key = ?", (key,))
            connection.execute("DELETE FROM links WHERE key = ?", (key,))

    def stamp(self, keys: Sequence[str]) -> None:
        """Remember that keys were used now, or leave it when the index is busy or can't be written."""
        with self._connection() as connection:
            connection.execute(f"PRAGMA busy_timeout = {STAMP_BUSY_MS}")
            with contextlib.suppress(sqlite3.OperationalError), _transaction(connection):
                now = time.time()
                connection.executemany("UPDATE entries SET used = ? WHERE key = ?", [(now, key) for key in keys])
            connection.execute(f"PRAGMA busy_timeout = {int(BUSY_S * 1000)}")

    def count(self) -> tuple[int, int]:
        """How many entries there are, and the bytes of their values and blobs."""
        with self._connection() as connection:
            return int(connection.execute("SELECT count(*) FROM entries").fetchone()[0]), _size(connection)

    def evict(self, above: int, down_to: int) -> list[str]:
        """When there are more than ``above`` bytes, drop the least recently used down to ``down_to``.

        Returns:
            The hashes of blobs that were files and are named no more.
        """
        files: list[str] = []
        with self._connection() as connection:
            if _size(connection) <= above:
                return files
            with _transaction(connection):
                while (excess := _size(connection) - down_to) > 0 and _drop_oldest(connection, excess):
                    files += _drop_unnamed(connection)
        return files

    def clear(self) -> None:
        """Drop everything and give the space back."""
        with self._connection() as connection:
            with _transaction(connection):
                for table in ("entries", "links", "blobs"):
                    connection.execute(f"DELETE FROM {table}")
            _shrink(connection)

    def tidy(self) -> set[str]:
        """Drop blobs nobody names and give the space back; the hashes of the blobs that are files."""
        with self._connection() as connection:
            with _transaction(connection):
                _drop_unnamed(connection)
                kept = {name for (name,) in connection.execute("SELECT hash FROM blobs WHERE content IS NULL")}
            _shrink(connection)
        return kept

    def set_aside(self) -> None:
        """Move a damaged database out of the way, unless another process has done so, and start afresh."""
        self._close_idle()
        with self._alone():
            if not self._is_damaged():
                return
            for path in self._files():
                with contextlib.suppress(FileNotFoundError):
                    path.replace(path.with_name(f"damaged-{path.name}"))

    def remove(self) -> None:
        """Remove the database's files, where there is no room left to empty it."""
        self._close_idle()
        with self._alone():
            for path in self._files():
                path.unlink(missing_ok=True)

    def close(self) -> None:
        """Close the connections; those lent out are closed when they come back."""
        self._open = False
        self._close_idle()

    def _files(self) -> list[Path]:
        return [self.path.with_name(self.path.name + suffix) for suffix in ("-wal", "-shm", "")]

    @contextlib.contextmanager
    def _connection(self) -> Iterator["_Connection"]:
        connection = self._lend()
        try:
            yield connection
        except sqlite3.Error:
            connection.close()
            raise
        if self._open:
            self._idle.append(connection)
        else:
            connection.close()

    def _lend(self) -> "_Connection":
        with contextlib.suppress(IndexError):
            while True:
                connection = self._idle.pop()
                if connection.process == os.getpid():
                    return connection
                # Closing it here would let go of locks that the parent process believes it holds.
                self._inherited.append(connection)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        return _connect(self.path)

    def _close_idle(self) -> None:
        with contextlib.suppress(IndexError):
            while True:
                connection = self._idle.pop()
                if connection.process == os.getpid():
                    connection.close()
                else:
                    self._inherited.append(connection)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        with open(self.path.with_name("index.lock"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _is_damaged(self) -> bool:
        try:
            connection = _connect(self.path)
        except sqlite3.DatabaseError as error:
            return is_damage(error)
        try:
            return bool(connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok")
        except sqlite3.DatabaseError as error:
            return is_damage(error)
        finally:
            connection.close()


class _Connection(sqlite3.Connection):
    process = 0


def is_damage(error: Exception) -> bool:
    """Whether an error says that the database is no database, or a broken one."""
    return _error_name(error).startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_FORMAT"))


def is_full(error: Exception) -> bool:
    """Whether an error says that there is no room left."""
    return _error_name(error).startswith(("SQLITE_FULL", "SQLITE_IOERR"))


def _error_name(error: Exception) -> str:
    # Errors that Python's own module raises carry no name.
    return str(getattr(error, "sqlite_errorname", ""))


def checksum(blob: bytes) -> int:
    """What tells a damaged blob: it costs a sixth of the hash, and nobody else writes here."""
    return zlib.crc32(blob)


def _connect(path: Path) -> _Connection:
    connection = sqlite3.connect(
        path, timeout=BUSY_S, isolation_level=None, check_same_thread=False, factory=_Connection
    )
    connection.process = os.getpid()
    try:
        _write_ahead(connection)
        connection.execute("PRAGMA synchronous = NORMAL")
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'blobs_by_size'").fetchone():
            connection.executescript(_TABLES)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Turn write-ahead logging on, which SQLite refuses at once, time-out or not, while another does the same."""
    until = time.monotonic() + BUSY_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if not _error_name(error).startswith("SQLITE_BUSY") or time.monotonic() > until:
                raise
            time.sleep(0.002)


@contextlib.contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # A full disk has ended the transaction already.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _size(connection: sqlite3.Connection) -> int:
    values = connection.execute("SELECT coalesce(sum(length(value)), 0) FROM entries").fetchone()[0]
    return int(values) + int(connection.execute("SELECT coalesce(sum(size), 0) FROM blobs").fetchone()[0])


def _drop_oldest(connection: sqlite3.Connection, excess: int) -> bool:
    victims = []
    for key, size in connection.execute("SELECT key, size FROM entries ORDER BY used"):
        if excess <= 0:
            break
        victims.append((key,))
        excess -= size
    connection.executemany("DELETE FROM entries WHERE key = ?", victims)
    connection.executemany("DELETE FROM links WHERE key = ?", victims)
    return bool(victims)


def _drop_unnamed(connection: sqlite3.Connection) -> list[str]:
    files = connection.execute(f"SELECT hash FROM blobs WHERE content IS NULL AND {_UNNAMED}").fetchall()
    connection.execute(f"DELETE FROM blobs WHERE {_UNNAMED}")
    return [name for (name,) in files]


def _shrink(connection: sqlite3.Connection) -> None:
    # Others may be reading or writing; then the space is used again instead of given back.
    with contextlib.suppress(sqlite3.OperationalError):
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
