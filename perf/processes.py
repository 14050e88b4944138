"""The engine's processes, seen from outside: who they are, what they hold, and how to hit one of them.

::

    caller ── bwrap ── bwrap, process 1 ── dispatcher ── supervisor, as many as jobs at once
       │                                       └──────── forker ── program, one a job
       └───── browser worker ── bwrap ── bwrap, process 1 ── browser ── GPU, utility, zygote, renderer
"""

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

CALLER = "caller"
CHROMIUM = "Chromium"


@dataclass(frozen=True, slots=True)
class Process:
    """One process of a tree.

    Attributes:
        pid: its number.
        parent: its parent's.
        name: as the kernel lists it.
        state: as the kernel letters it; ``Z`` is a zombie.
        threads: how many it has.
        command: its arguments.
        worker: whose tree it is in: ``python small``, ``python large``, ``vector``, ``browser worker``, ``Chromium``.
        role: what it does there, see the drawing above.
    """

    pid: int
    parent: int
    name: str
    state: str
    threads: int
    command: tuple[str, ...]
    worker: str = CALLER
    role: str = CALLER

    @property
    def memory(self) -> int:
        """Bytes of its own, pages shared with processes forked from it counted in parts.

        Programs and libraries mapped from files are left out: they are the machine's, and others map them too.
        """
        with suppress(OSError):
            lines = Path(f"/proc/{self.pid}/smaps_rollup").read_text("ascii").splitlines()
            own = ("Pss_Anon:", "Pss_Shmem:", "SwapPss:")
            return sum(int(line.split()[1]) << 10 for line in lines if line.startswith(own))
        with suppress(OSError):
            fields = Path(f"/proc/{self.pid}/statm").read_text("ascii").split()
            return (int(fields[1]) - int(fields[2])) * os.sysconf("SC_PAGE_SIZE")
        return 0

    @property
    def files(self) -> list[str]:
        """What its descriptors stand for."""
        found = []
        with suppress(OSError):
            for name in os.listdir(f"/proc/{self.pid}/fd"):
                with suppress(OSError):
                    found.append(os.readlink(f"/proc/{self.pid}/fd/{name}"))
        return found


def everything() -> dict[int, Process]:
    """Every process there is."""
    found = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with suppress(OSError):
                found[int(entry)] = _read(int(entry))
    return found


def tree(root: int) -> list[Process]:
    """A process's living and dead descendants, named by what they do; parents first."""
    children: dict[int, list[Process]] = {}
    for process in everything().values():
        children.setdefault(process.parent, []).append(process)
    return [named for child in children.get(root, ()) for named in _named(child, _worker(child), children)]


def _named(top: Process, worker: str, children: dict[int, list[Process]], above: str = "") -> Iterator[Process]:
    role = _role(top, worker, above)
    inside = CHROMIUM if role == "browser" or worker == CHROMIUM else worker
    yield replace(top, worker=inside, role=role)
    for child in children.get(top.pid, ()):
        yield from _named(child, inside, children, role)


def _role(process: Process, worker: str, above: str) -> str:
    # Chromium writes its arguments anew, in one string.
    kind = next((word[7:] for word in " ".join(process.command[:1]).split() if word.startswith("--type=")), "")
    if kind or above in {"browser", "zygote"}:
        return {"gpu-process": "GPU"}.get(kind, kind or "zygote")
    if process.command and process.command[0].endswith("bwrap"):
        return "process 1" if above == "bwrap" else "bwrap"
    if worker in {"browser worker", CHROMIUM}:
        return "browser" if above == "process 1" else "browser worker"
    if above == "dispatcher":
        return "supervisor" if process.name == "supervisor" else "forker"
    return {"process 1": "dispatcher", "": "dispatcher", "forker": "program"}.get(above, "program's")


def _worker(child: Process) -> str:
    if len(child.command) < 4:
        return "other"
    kind, config = child.command[-3], child.command[-1]
    if kind == "python":
        with suppress(ValueError):
            return "python large" if "pandas" in json.loads(config).get("preload", ()) else "python small"
    return {"vector": "vector", "browser": "browser worker"}.get(kind, "other")


def _read(pid: int) -> Process:
    name, _, rest = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").partition("(")[2].rpartition(")")
    fields = rest.split()
    command = Path(f"/proc/{pid}/cmdline").read_bytes().decode("utf-8", "replace").rstrip("\0").split("\0")
    return Process(pid, int(fields[1]), name, fields[0], int(fields[17]), tuple(command))
