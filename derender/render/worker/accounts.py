"""What a program has taken so far, by the kernel's own books."""

import os
from dataclasses import dataclass

FILES = ("schedstat", "status", "stat")
"""The files of a process in /proc that tell it, in the order `Accounts` is given their descriptors."""
WRITTEN = "io"
"""One more that some kernels lack."""
MOST = len(FILES) + 1
"""How many descriptors there can be."""
_BLOCK = 4096
_NS = 1e-9
_TICK = 1 / os.sysconf("SC_CLK_TCK")


def starved_of_memory() -> int | None:
    """How many processes the kernel has killed for lack of memory since it started; None where it doesn't tell."""
    try:
        with open("/proc/vmstat", "rb") as book:
            return next((int(line.split()[1]) for line in book if line.startswith(b"oom_kill ")), None)
    except OSError:
        return None


@dataclass(frozen=True, slots=True)
class Accounts:
    """Descriptors of the books, opened while the process could still open them.

    Attributes:
        schedstat: descriptor of what its first thread ran and waited.
        status: descriptor of a file with the number of its threads.
        stat: descriptor of a file with what all its threads ran.
        io: descriptor of a file with what it wrote, where the kernel keeps one.
    """

    schedstat: int
    status: int
    stat: int
    io: int | None = None

    def times(self, elapsed_s: float) -> tuple[float, float]:
        """Seconds the program ran, all threads together, and of those elapsed, seconds the machine kept it waiting.

        A thread that waits for other threads of the same program is not kept waiting by the machine.
        """
        schedule, whole = _read(self.schedstat).split(), _read(self.stat).rpartition(b")")[2].split()
        if not schedule or not whole:
            return 0.0, 0.0
        ran = (int(whole[11]) + int(whole[12])) * _TICK
        return ran, max(0.0, min(int(schedule[1]) * _NS, elapsed_s - ran))

    def threads(self) -> int:
        """How many threads it has."""
        return int(_read(self.status).partition(b"\nThreads:")[2].partition(b"\n")[0] or 0)

    def written(self) -> int:
        """The most bytes it can have put on a disk so far, files that it deleted again included."""
        lines = _read(self.io).split(b"\n") if self.io is not None else []
        counts = {name: int(count) for name, _, count in (line.partition(b": ") for line in lines if line)}
        if not counts:
            return 0
        # One byte far out in a file takes a whole block of the disk.
        return max(counts[b"wchar"], counts[b"write_bytes"]) + _BLOCK * counts[b"syscw"]

    def close(self) -> None:
        """Forget the descriptors."""
        for fd in (self.schedstat, self.status, self.stat, self.io):
            if fd is not None:
                os.close(fd)


def available() -> tuple[str, ...]:
    """Which of the files there are here."""
    return (*FILES, WRITTEN) if os.path.exists(f"/proc/self/{WRITTEN}") else FILES


def _read(fd: int) -> bytes:
    try:
        return os.pread(fd, 4096, 0)
    except ProcessLookupError:
        return b""
