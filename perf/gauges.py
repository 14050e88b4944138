"""What must not grow while the engine works for hours: memory, descriptors, threads, files, dead processes."""

import gc
import itertools
import os
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

from alone import leftovers
from processes import CALLER, CHROMIUM, Process, tree

QUIET_S = 20.0
"""How long the engine may take to come to rest once it has nothing to do."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How things stood at one moment of rest.

    Attributes:
        done: programs run so far.
        values: by what is measured and in which process tree.
    """

    done: int
    values: dict[tuple[str, str], float]


@dataclass(frozen=True, slots=True)
class Bound:
    """How much something may grow between its first steady reading and its last.

    Attributes:
        share: as a share of where it began.
        most: or in its own unit, where that is more.
    """

    share: float = 0.0
    most: float = 0.0


BOUNDS = {
    "memory MB": Bound(share=0.05),
    "descriptors": Bound(most=0.5),
    "threads": Bound(share=0.05, most=0.5),
    "processes": Bound(most=0.5),
    "zombies": Bound(most=0.0),
    "files": Bound(most=0.5),
    "shared memory": Bound(most=0.0),
}


@dataclass(frozen=True, slots=True)
class Course:
    """How one gauge went, from the first steady reading to the last."""

    name: tuple[str, str]
    began: float
    ended: float
    highest: float
    grew: float
    ok: bool


def read(done: int) -> Reading:
    """Wait until the engine rests, then look."""
    processes = _at_rest()
    gc.collect()
    me = Process(os.getpid(), 0, "caller", "R", len(os.listdir("/proc/self/task")), ())
    values: dict[tuple[str, str], float] = {}
    for process in [me, *processes]:
        for what, value in _values(process).items():
            values[what, process.worker] = values.get((what, process.worker), 0) + value
    left = leftovers()
    values["shared memory", "System V"] = left.pop("SysV memory")
    values["shared memory", "/dev/shm"] = left.pop("/dev/shm")
    values |= {("files", folder): count for folder, count in left.items()}
    values["zombies", "all"] = sum(process.state == "Z" for process in processes)
    return Reading(done, values)


def courses(readings: Sequence[Reading], settled: int) -> list[Course]:
    """How every gauge went since ``settled`` programs were run, with whether it kept to its bound."""
    steady = [reading for reading in readings if reading.done >= settled]
    names = dict.fromkeys(name for reading in steady for name in reading.values)
    return [_course(name, steady) for name in names]


def _course(name: tuple[str, str], steady: Sequence[Reading]) -> Course:
    points = [(reading.done, reading.values.get(name, 0.0)) for reading in steady]
    values = [value for _, value in points]
    # The line that half of all slopes are steeper than: a browser renewed at the wrong moment doesn't tip it.
    slopes = [(y - x) / (b - a) for (a, x), (b, y) in itertools.combinations(points, 2) if a != b]
    grew = statistics.median(slopes) * (points[-1][0] - points[0][0]) if slopes else 0.0
    began = statistics.median(values) - grew / 2
    bound = BOUNDS[name[0]]
    zero = name[0] in {"zombies", "shared memory"}
    ok = max(values) == 0 if zero else grew <= max(bound.share * began, bound.most)
    return Course(name, began, began + grew, max(values), grew, ok)


def _values(process: Process) -> dict[str, float]:
    files = process.files
    # Chromium shares memory among its own processes; it goes with them.
    shared = 0 if process.worker == CHROMIUM else sum(name.startswith(("/memfd:", "/dev/shm/")) for name in files)
    values: dict[str, float] = {"memory MB": process.memory / 1e6, "threads": process.threads, "shared memory": shared}
    if process.worker != CHROMIUM:
        values["descriptors"] = len(files)
    if process.worker != CALLER:
        values["processes"] = 1
    return values


def _at_rest() -> list[Process]:
    """The processes once nothing comes and goes any more, or what is left of them after `QUIET_S`."""
    until = time.monotonic() + QUIET_S
    before: set[int] = set()
    calm = 0
    while True:
        processes = tree(os.getpid())
        pids = {process.pid for process in processes}
        busy = any(process.role in {"program", "supervisor"} or process.state == "Z" for process in processes)
        calm = calm + 1 if pids == before and not busy else 0
        if calm >= 3 or time.monotonic() > until:
            return processes
        before = pids
        time.sleep(0.1)
