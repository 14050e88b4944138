"""Wall and CPU seconds of some work, all processes of this one's tree included."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds: on the clock, and of all processors together."""

    wall: float
    cpu: float


def timed(work: Callable[[], object]) -> Spent:
    """What some work took, children included."""
    before, own, started = tree_cpu_s(), time.process_time(), time.monotonic()
    work()
    wall = time.monotonic() - started
    return Spent(wall, tree_cpu_s() - before + time.process_time() - own)


def tree_cpu_s() -> float:
    """CPU seconds of this process's living descendants and of all those that have been reaped below it."""
    stats = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                fields = Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            stats[int(entry)] = (int(fields[1]), sum(map(int, fields[11:15])))
    ours = {os.getpid()}
    grew = True
    while grew:
        new = {pid for pid, (parent, _) in stats.items() if parent in ours} - ours
        ours |= new
        grew = bool(new)
    ticks = sum(stats[pid][1] for pid in ours - {os.getpid()})
    times = os.times()
    return ticks / os.sysconf("SC_CLK_TCK") + times.children_user + times.children_system
