"""The walls a program's process puts around itself before the program's first line runs."""

import os
import resource
import signal
import site
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from . import landlock, linux, seccomp
from .trades import memory_limit

PROMISES = {
    "files": "that programs see none of your files",
    "network": "that programs stay off the network",
    "neighbours": "that programs leave each other alone",
    "tree": "that programs end with their deadline",
    "memory": "a limit of memory",
    "output": "a limit of what is written",
}
"""The floor: what strict isolation can't do without. A wall may be missing where another one keeps its promise."""

_SYSTEM = ("/usr", "/lib", "/lib64", "/lib32", "/bin")
_SETTINGS = (
    "/etc/fonts",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/localtime",
    "/etc/mime.types",
    "/etc/nsswitch.conf",
    "/etc/alternatives",
)
_MACHINE = ("/dev/urandom", "/dev/random", "/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system/cpu")
_DEVICES = ("/dev/null", "/dev/zero", "/dev/full")
PREFIX_PARTS = ("bin", "lib", "lib64", "share", "etc", "pyvenv.cfg")
"""What is read of the folder an interpreter is installed in: people make environments right in their projects."""
_OWN = ("maps", "smaps", "smaps_rollup", "status", "stat", "statm", "limits", "io", "fd", "comm", "cmdline", "cgroup")
"""What a process may read of itself: thread pools are found in its own memory map. Not ``net``: that is shared."""
_OPEN_FILES = 256
_SIGNALS = 256


@dataclass(frozen=True, slots=True)
class Cell:
    """What a program's process is given.

    Attributes:
        disk: the folder it may write, all its own.
        memory: bytes beyond what the process has mapped already.
        memory_by: what is counted: ``as``, all address space, or ``data``, what can be written to.
        cpu_s: processor seconds after which the kernel kills it, whole ones.
        output: bytes a single file may have.
        private_mounts: whether everything outside the disk is mounted read-only.
        runs_code: whether the process runs code that its author chose.
    """

    disk: str
    memory: int
    memory_by: str
    cpu_s: int
    output: int
    private_mounts: bool
    runs_code: bool = True

    @classmethod
    def of_job(cls, job: Mapping[str, Any]) -> "Cell":
        """The cell that a supervisor's request asks for."""
        return cls(
            disk=str(job["disk"]),
            memory=int(job["memory_mb"]) << 20,
            memory_by=memory_limit(str(job["kind"])),
            # The supervisor's clock is the better one: the kernel's, which counts ticks, only backs it up.
            cpu_s=1 - int(-1.1 * float(job["cpu_s"]) // 1),
            output=int(job["output_mb"]) << 20,
            private_mounts=bool(job["private_mounts"]),
            runs_code=job["kind"] == "python",
        )


def enter(cell: Cell) -> list[str]:
    """Put every wall there is around this process, for good.

    Returns:
        The layers that stand now. A layer that the machine lacks is passed over; whether that will do is the caller's
        to judge.

    Raises:
        OSError: a layer that the machine has refused to stand.
    """
    layers = ["rlimits"]
    _limit(cell)
    linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1)
    abi = landlock.version()
    if abi:
        _restrict_files(cell, abi)
        layers.append("landlock")
    linux.drop_capabilities()
    layers.append("no-capabilities")
    if seccomp.supported():
        seccomp.apply(_filter(os.getpid(), _guards(cell, abi)))
        layers.append("seccomp")
    return layers


def die_with(parent: int) -> None:
    """Let the kernel kill this process when the process that forked it is gone, even if it is gone already."""
    linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() not in (parent, 0):
        os._exit(1)


def prepare() -> None:
    """Work out what is the same for every program, before the first is forked."""
    readable(), _installed()
    if seccomp.supported():
        _filter(1, frozenset())


@cache
def readable() -> tuple[str, ...]:
    """What a program may read beside its own folder: the system, the interpreter, its packages."""
    return (*_SYSTEM, *_SETTINGS, *_MACHINE, *_DEVICES, *_interpreter())


@cache
def _installed() -> tuple[str, ...]:
    """What is enough where no program runs: fonts, modules that are imported late."""
    return ("/usr", *_interpreter())


@cache
def _interpreter() -> tuple[str, ...]:
    paths = sysconfig.get_paths()
    mine = [sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix]
    named = [paths["stdlib"], paths["platstdlib"], paths["purelib"], paths["platlib"], *site.getsitepackages()]
    packages = [path for each in named for path in (each, os.path.realpath(each)) if path.count("/") > 1]
    real = [os.path.realpath(path) for path in mine]
    # A prefix of "/" would open everything; one in "/usr" is open already.
    prefixes = [path for path in dict.fromkeys([*mine, *real]) if path.count("/") > 1]
    return tuple(_outermost([*_parts(prefixes), *packages]))


def _parts(prefixes: list[str]) -> list[str]:
    parts = (os.path.join(prefix, part) for prefix in prefixes for part in PREFIX_PARTS)
    return [part for part in parts if os.path.exists(part)]


def _outermost(paths: list[str]) -> list[str]:
    taken: list[str] = []
    for path in sorted(paths, key=len):
        if not any(path == each or path.startswith(each + "/") for each in (*taken, "/usr")):
            taken.append(path)
    return taken


@cache
def _filter(pid: int, guards: frozenset[seccomp.Guard]) -> bytes:
    return seccomp.program(pid, guards)


def _guards(cell: Cell, abi: int) -> frozenset[seccomp.Guard]:
    """What the filter must stand in for because no read-only mount and no disk of its own do."""
    if cell.private_mounts:
        return frozenset()
    guards = {seccomp.Guard.METADATA}
    guards |= {seccomp.Guard.TRUNCATION} if abi < landlock.TRUNCATION else set()
    guards |= {seccomp.Guard.MAPPINGS} if cell.runs_code else set()
    return frozenset(guards)


def _restrict_files(cell: Cell, abi: int) -> None:
    rules = landlock.Ruleset(abi)
    if cell.runs_code:
        rules.allow_reading(readable())
        # The link leads to no other process.
        rules.allow_reading(f"/proc/self/{name}" for name in _OWN)
        for device in _DEVICES:
            rules.allow_writing(device)
    else:
        rules.allow_reading(_installed())
    rules.allow_writing(cell.disk)
    rules.enforce()


def _limit(cell: Cell) -> None:
    # Each program opens it anew: opened as text it takes a millisecond.
    file = os.open("/proc/self/statm", os.O_RDONLY)
    fields = os.read(file, 200).split()
    os.close(file)
    which, mapped = (resource.RLIMIT_DATA, fields[5]) if cell.memory_by == "data" else (resource.RLIMIT_AS, fields[0])
    _lower(which, int(mapped) * resource.getpagesize() + cell.memory)
    _lower(resource.RLIMIT_CPU, cell.cpu_s)
    _lower(resource.RLIMIT_FSIZE, cell.output)
    _lower(resource.RLIMIT_NOFILE, _OPEN_FILES)
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_MEMLOCK, 0)
    _lower(resource.RLIMIT_MSGQUEUE, 0)
    # Timers and queued signals are counted against all processes of the user together.
    _lower(resource.RLIMIT_SIGPENDING, _SIGNALS)


def _lower(which: int, value: int) -> None:
    _, hard = resource.getrlimit(which)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(which, (value, value))
