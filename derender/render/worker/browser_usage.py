"""What a tree of processes uses, read from the kernel."""

import os
import resource
from collections.abc import Collection
from dataclasses import dataclass

TICK_S = 1.0 / os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Usage:
    """A moment's reading of some processes together.

    Attributes:
        cpu_s: processor time so far, children that ended included.
        waited_s: time their first threads stood ready to run while the machine was busy with others.
        memory_bytes: resident memory.
    """

    cpu_s: float = 0.0
    waited_s: float = 0.0
    memory_bytes: int = 0


def tree(pid: int, childless: Collection[int] = ()) -> list[int]:
    """All living descendants of a process, parents first; those of a childless one are not looked for."""
    found: list[int] = []
    pending = [pid]
    while pending:
        children = _children(pending.pop())
        found += children
        pending += [child for child in children if child not in childless]
    return found


def usage(pids: list[int]) -> Usage:
    """What these processes use together; those that ended meanwhile count nothing."""
    cpu_s = waited_s = 0.0
    memory = 0
    for pid in pids:
        try:
            fields = _read(f"/proc/{pid}/stat").rpartition(b")")[2].split()
            delay_ns = int(_read(f"/proc/{pid}/schedstat").split()[1])
        except (FileNotFoundError, ProcessLookupError, IndexError):
            continue
        cpu_s += sum(map(int, fields[11:15])) * TICK_S
        memory += int(fields[21]) * PAGE_BYTES
        waited_s += delay_ns / 1e9
    return Usage(cpu_s, waited_s, memory)


def renderers(pids: list[int]) -> set[int]:
    """Those among the processes that draw pages."""
    return {pid for pid in pids if b"--type=renderer" in command(pid)}


def command(pid: int) -> bytes:
    """The arguments a process was started with; nothing when it is gone."""
    try:
        return _read(f"/proc/{pid}/cmdline")
    except (FileNotFoundError, ProcessLookupError):
        return b""


def cap_memory(pid: int, limit_bytes: int) -> None:
    """Let a running process allocate no more private memory than this; a limit it has is never raised."""
    try:
        _, hard = resource.prlimit(pid, resource.RLIMIT_DATA)
        if hard == resource.RLIM_INFINITY or hard > limit_bytes:
            resource.prlimit(pid, resource.RLIMIT_DATA, (limit_bytes, limit_bytes))
    except ProcessLookupError:
        return


def _children(pid: int) -> list[int]:
    found: list[int] = []
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            found += map(int, _read(f"/proc/{pid}/task/{task}/children").split())
    except (FileNotFoundError, ProcessLookupError):
        return found
    return found


def _read(path: str) -> bytes:
    """What one read gives: the kernel's answers are short; opened as a file each takes three times as long."""
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(file, 1 << 16)
    finally:
        os.close(file)
