"""Judging how a program ended: from what the kernel says first, from what it claims only where that decides nothing."""

import signal
from typing import Any

from .claims import Report
from .folders import Disk
from .watch import MAX_THREADS, Ending

_STDERR_SHOWN = 1500
_MEMORY_WORDS = ("MemoryError", "std::bad_alloc", "Cannot allocate memory", "out of memory", "memory allocation of")
_CAUSES = {
    "cpu": ("cpu_budget", "the program used up its processor time"),
    "deadline": ("deadline", "the program was still not done at its deadline, though it could have run"),
    "starved": ("starved", "the machine was too busy to give the program its time"),
    "output": ("output_too_large", "the program wrote more than it may"),
    "threads": ("policy", f"the program started more than {MAX_THREADS} threads"),
}
_SIGNAL_NAMES: dict[int, str] = {
    signal.SIGSEGV: "crashed (segmentation fault)",
    signal.SIGABRT: "aborted",
    signal.SIGBUS: "crashed",
}


def needs_salvage(ending: Ending, report: Report) -> bool:
    """Whether the program left by the back door, so that no one has looked for pictures on its disk yet."""
    return ending.exit_code == 0 and not report.ended and bool(ending.layers)


def doubtful(ending: Ending, memory_mb: int) -> bool:
    """Whether the program may have been killed by someone else: it had plenty of everything, and all has gone well.

    A program that is process 1 of its own tree can't kill itself.
    """
    killed = ending.cause is None and bool(ending.layers) and ending.exit_code == -signal.SIGKILL
    return killed and not ending.over_budget and not ending.by_stranger and ending.peak_kb < memory_mb << 9


def judge(ending: Ending, report: Report, disk: Disk) -> dict[str, Any] | None:
    """The failure to report, or None."""
    if ending.broken or not ending.layers:
        return _failure("isolation" if ending.broken else "worker_lost", ending.broken or "the forker was lost")
    if ending.cause in _CAUSES:
        kind, message = _CAUSES[ending.cause]
        return _failure(kind, message, _tail(disk))
    code = ending.exit_code
    if code is None:
        return _failure("worker_lost", "the forker was lost")
    if code < 0:
        return _killed(-code, ending, disk)
    return _left(code, report, disk)


def _left(code: int, report: Report, disk: Disk) -> dict[str, Any] | None:
    if report.failure:
        return _sharpened(report.failure, disk)
    if report.oversize:
        return _failure("output_too_large", f"{report.oversize} is more than is allowed")
    if code and disk.full():
        return _failure("output_too_large", "the program filled its disk", _tail(disk))
    if code:
        return _failure("runtime", f"the program left with exit code {code}", _tail(disk))
    if not report.pictures:
        return _failure("no_picture", "the program ended without drawing a picture", _tail(disk))
    return None


def _sharpened(failure: dict[str, Any], disk: Disk) -> dict[str, Any]:
    if failure["kind"] == "runtime" and disk.full():
        return {**failure, "kind": "output_too_large", "message": f"the program's disk is full: {failure['message']}"}
    return failure


def _killed(number: int, ending: Ending, disk: Disk) -> dict[str, Any]:
    stderr = disk.tail("stderr")
    if number == signal.SIGXCPU or (number == signal.SIGKILL and ending.over_budget):
        kind, message = _CAUSES["cpu"]
        return _failure(kind, message, _tail(disk))
    if number == signal.SIGKILL and ending.by_stranger:
        return _failure("worker_lost", "the program was killed by someone else")
    if number == signal.SIGXFSZ:
        return _failure("output_too_large", "a file grew past its limit")
    if number == signal.SIGKILL:
        return _failure("memory", "the program was killed by the system, for lack of memory as far as can be told")
    if any(word in stderr for word in _MEMORY_WORDS):
        return _failure("memory", "the program asked for more memory than it may have", _tail(disk))
    what = _SIGNAL_NAMES.get(number, f"was ended by signal {number}")
    return _failure("runtime", f"the program {what}", _tail(disk))


def _tail(disk: Disk) -> str:
    return disk.tail("stderr")[-_STDERR_SHOWN:]


def _failure(kind: str, message: str, detail: str = "") -> dict[str, Any]:
    return {"kind": kind, "message": message, "line": None, "detail": detail}
