"""A cgroup around an arena: memory and processes have an end even if the engine inside fails to see to it."""

import contextlib
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path

MEMORY_MB = 8192
PROCESSES = 4000
_ROOT = Path("/sys/fs/cgroup")
_NUMBERS = count()


@dataclass(frozen=True)
class Fence:
    """The folders of its cgroup, one per controller; the same folder twice on cgroup v2."""

    memory: Path
    pids: Path | None
    version: int

    @classmethod
    def raise_one(cls) -> "Fence | None":
        """A fresh cgroup beneath the one this process is in, or None where this user may make none."""
        name = f"derender-arena-{os.getpid()}-{next(_NUMBERS)}"
        own = _own_cgroups()
        with contextlib.suppress(OSError):
            if "memory" in own:
                return cls._first_version(name, own)
            return cls._second_version(name, own[""])
        return None

    @classmethod
    def _first_version(cls, name: str, own: Mapping[str, str]) -> "Fence":
        memory = _made("memory", own["memory"], name)
        (memory / "memory.limit_in_bytes").write_text(str(MEMORY_MB << 20))
        pids = None
        with contextlib.suppress(OSError, KeyError):
            pids = _made("pids", own["pids"], name)
            (pids / "pids.max").write_text(str(PROCESSES))
        return cls(memory, pids, 1)

    @classmethod
    def _second_version(cls, name: str, own: str) -> "Fence":
        folder = _made("", own, name)
        try:
            (folder / "memory.max").write_text(str(MEMORY_MB << 20))
            (folder / "pids.max").write_text(str(PROCESSES))
            # Moving in may be forbidden where making is not.
            with (folder / "cgroup.procs").open("w"):
                pass
        except OSError:
            folder.rmdir()
            raise
        return cls(folder, folder, 2)

    def enter(self) -> None:
        """Move this process in, and all that it will start."""
        for folder in {self.memory, self.pids} - {None}:
            (folder / "cgroup.procs").write_text("0")

    def forget_peak(self) -> None:
        """Start measuring anew, where the kernel can."""
        name = "memory.max_usage_in_bytes" if self.version == 1 else "memory.peak"
        with contextlib.suppress(OSError):
            (self.memory / name).write_text("0")

    def peak_mb(self) -> float | None:
        """The most memory all processes together took."""
        name = "memory.max_usage_in_bytes" if self.version == 1 else "memory.peak"
        try:
            return int((self.memory / name).read_text()) / (1 << 20)
        except OSError:
            return None

    def close(self) -> None:
        """Take it down; everything in it is dead already, as soon as the kernel has buried it."""
        for folder in {self.memory, self.pids} - {None}:
            end = time.monotonic() + 20
            while folder.exists() and time.monotonic() < end:
                with contextlib.suppress(OSError):
                    folder.rmdir()
                    break
                time.sleep(0.01)


def _made(controller: str, own: str, name: str) -> Path:
    """A folder for a fresh cgroup, beneath one's own where that is to be seen."""
    mounted = _ROOT / controller
    parent = mounted / own.lstrip("/")
    folder = (parent if parent.is_dir() else mounted) / name
    folder.mkdir()
    return folder


def _own_cgroups() -> dict[str, str]:
    found = {}
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        found.update(dict.fromkeys(controllers.split(","), path))
    return found
