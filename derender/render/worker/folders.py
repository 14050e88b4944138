"""A job's disk, read by the supervisor as what it is: a hostile place."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass

from .forker import OUT

_TAIL = 4000
_MOST_FILES = 2000
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Disk:
    """Where one program works.

    Attributes:
        path: the folder everything of the job lies in.
        private: whether it is a mounted disk of limited size, all else being read-only.
        size: bytes it may hold.
        files: how many files the program was given.
        spaces: descriptor of the mount namespace it is mounted in.
    """

    path: str
    private: bool
    size: int
    files: int
    spaces: int | None

    @property
    def layers(self) -> list[str]:
        """What contains the program's files."""
        return ["tmpfs"] if self.private else ["quota"]

    def read(self, name: str, limit: int) -> bytes | None:
        """A regular file among the program's claims; None if it is anything else, or larger than ``limit``."""
        fd = self._open(name)
        if fd is None:
            return None
        with open(fd, "rb", buffering=0) as file:
            return file.readall() if os.fstat(fd).st_size <= limit else None

    def tail(self, name: str) -> str:
        """The end of a stream the program wrote."""
        fd = self._open(name)
        if fd is None:
            return ""
        with open(fd, "rb") as file:
            file.seek(max(0, os.fstat(fd).st_size - _TAIL))
            return file.read(_TAIL).decode("utf-8", "replace")

    def _open(self, name: str) -> int | None:
        """A descriptor of a regular file in the journal's folder, reached over no link."""
        if "/" in name or name in {"", ".", ".."} or "\0" in name:
            return None
        try:
            folder = os.open(os.path.join(self.path, OUT), os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:
            return None
        try:
            fd = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
        except OSError:
            return None
        finally:
            os.close(folder)
        if stat.S_ISREG(os.fstat(fd).st_mode):
            return fd
        os.close(fd)
        return None

    def full(self) -> bool:
        """Whether the program has used up what it may write."""
        if self.private:
            usage = os.statvfs(self.path)
            return usage.f_bavail * usage.f_frsize < 64 << 10 or usage.f_favail == 0
        total = 0
        for count, size in enumerate(self._sizes()):
            total += size
            # Too many to be counted at each look are too many.
            if total > self.size or count > self.files + _MOST_FILES:
                return True
        return False

    def _sizes(self) -> Iterator[int]:
        """The sizes of all there is; more than is allowed where the program has seen to it that one can't look."""
        # By descriptors: a path of folders within folders can be longer than any that may be opened.
        waiting = [os.open(self.path, _FOLDER)]
        try:
            while waiting:
                folder = waiting.pop()
                try:
                    yield from self._sizes_in(folder, waiting)
                finally:
                    os.close(folder)
        finally:
            for folder in waiting:
                os.close(folder)

    def _sizes_in(self, folder: int, waiting: list[int]) -> Iterator[int]:
        """The sizes of what lies in one folder; the folders in it are opened, to be looked through later."""
        with os.scandir(folder) as entries:
            for entry in entries:
                try:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(os.open(entry.name, _FOLDER, dir_fd=folder))
                    yield entry.stat(follow_symlinks=False).st_size
                except (FileNotFoundError, NotADirectoryError):
                    continue
                except OSError:
                    yield self.size + 1
