"""A clock that is the same in every run: it begins at a fixed moment and moves on by a tick each time it is asked.

The time of day is read in many places: Python's ``time`` and ``datetime``, pandas, NumPy, any library in C. All of them
come by the functions that the kernel puts into every process (its vDSO), so that is where the clock is held: nothing in
Python is replaced, all types stay. What measures durations is derived from it by stand-ins of Python's functions; the
kernel's own monotonic clock stays real, for locks and time-outs wait by it. Sleeping takes as long as asked, and moves
the clock on by as much.
"""

import ctypes
import functools
import inspect
import mmap
import os
import platform
import queue
import selectors
import struct
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from . import linux

MOMENT_S = 1_704_067_200
"""Seconds from 1970 to the moment at which every program begins: 2024-01-01, midnight UTC, as in SOURCE_DATE_EPOCH."""
TICK_NS = 1000
"""What the clock moves on by when it is asked."""
_BILLION = 1_000_000_000
_START_NS = MOMENT_S * _BILLION + TICK_NS
_STOPWATCHES = {"perf_counter": 100.0, "process_time": 0.0, "thread_time": 0.0}
"""Python's clocks for durations, and the seconds they show when a program begins."""
_WAIT_IN_STEPS: tuple[tuple[type, str, bool], ...] = (
    (queue.Queue, "get", False),
    (queue.Queue, "put", False),
    (threading.Condition, "wait_for", True),
    (threading.Semaphore, "acquire", True),
)
"""What waits, and whether its result says that the time was up; else an exception does."""
_JUMP_EQUAL, _JUMP_UNEQUAL = 0x74, 0x75


class Clock:
    """The clock of this process and of all it forks; from the fork on each has its own."""

    def __init__(self) -> None:
        memory = _lasting_pages(2)
        self._now = ctypes.c_uint64.from_buffer(memory)
        self._code = ctypes.addressof(self._now) + mmap.PAGESIZE
        self._home = "\0"
        self._now.value = _START_NS
        self.held = False

    def hold(self) -> bool:
        """Put the clock in the place of the machine's; once, before libraries take hold of ``time``.

        Returns:
            Whether it could be done: not on every processor, and not where the kernel seals its functions.
        """
        self.held = platform.machine() == "x86_64" and self._answer_calls()
        if self.held:
            self._answer_stopwatches()
            self._count_waiting()
        return self.held

    def reset(self) -> None:
        """Begin at the fixed moment again, for a program whose files lie in the current folder."""
        self._now.value = _START_NS
        self._home = os.path.join(os.getcwd(), "")

    def _answer_calls(self) -> bool:
        """Have the kernel's functions jump to ours."""
        try:
            vdso = ctypes.CDLL("linux-vdso.so.1")
            functions = _functions(ctypes.addressof(self._now))
            theirs = {name: vdso[f"__vdso_{name}"] for name in functions}
            for name, place in _placed(functions, self._code).items():
                _redirect(theirs[name], place)
        except (OSError, AttributeError):
            return False
        return abs(time.time() - MOMENT_S) < 1

    def _answer_stopwatches(self) -> None:
        time_ns = time.time_ns
        for name, seconds in _STOPWATCHES.items():
            _stand_in(name, time_ns, _START_NS - int(seconds * _BILLION))
        # Libraries compare this one with what the kernel waits by; only the program's own lines get ours.
        for name, unit in (("monotonic", _BILLION), ("monotonic_ns", 1)):
            self._stand_in_for_own_lines(name, unit)

    def _stand_in_for_own_lines(self, name: str, unit: int) -> None:
        real, time_ns, frame = getattr(time, name), time.time_ns, sys._getframe
        shift = _START_NS - 100 * _BILLION

        @functools.wraps(real)
        def read() -> float:
            if not frame(1).f_code.co_filename.startswith(self._home):
                return real()  # type: ignore[no-any-return]
            now = time_ns() - shift
            return now if unit == 1 else now / unit

        setattr(time, name, staticmethod(read))

    def _count_waiting(self) -> None:
        """Let the clock move on by what a program waits, where nothing but the time ends its waiting."""
        real, wait = time.sleep, threading.Condition.wait

        @functools.wraps(real)
        def sleep(seconds: float, /) -> None:
            before = self._now.value
            real(seconds)
            self._pass(before, seconds)

        @functools.wraps(wait)
        def wait_counted(condition: threading.Condition, timeout: float | None = None) -> bool:
            before = self._now.value
            done = wait(condition, timeout)
            if not done and timeout:
                self._pass(before, timeout)
            return done

        setattr(time, "sleep", staticmethod(sleep))  # noqa: B010 - not ours to assign to
        setattr(threading.Condition, "wait", wait_counted)  # noqa: B010 - likewise
        # These wait in steps that they measure by the real clock; what counts is how long they were asked to.
        for owner, name, answers in _WAIT_IN_STEPS:
            setattr(owner, name, self._counting_steps(getattr(owner, name), answers))
        for kind in (selectors.SelectSelector, selectors.PollSelector, selectors.EpollSelector):
            setattr(kind, "select", self._counting_select(kind.select))  # noqa: B010 - likewise

    def _counting_select(self, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def select(selector: selectors.BaseSelector, timeout: float | None = None) -> Any:  # noqa: ANN401
            before = self._now.value
            ready = original(selector, timeout)
            if not ready and timeout:
                self._pass(before, timeout)
            return ready

        return select

    def _counting_steps(self, original: Callable[..., Any], answers: bool) -> Callable[..., Any]:
        place = list(inspect.signature(original).parameters).index("timeout")

        @functools.wraps(original)
        def wait(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as the original
            before = self._now.value
            timeout = args[place] if len(args) > place else kwargs.get("timeout")
            try:
                result = original(*args, **kwargs)
            except (queue.Empty, queue.Full):
                self._pass(before, timeout or 0)
                raise
            if answers and not result:
                self._pass(before, timeout or 0)
            return result

        return wait

    def _pass(self, before: int, seconds: float) -> None:
        # Threads that wait side by side wait once.
        self._now.value = max(self._now.value, before + max(0, int(seconds * _BILLION)))


def _stand_in(name: str, time_ns: Callable[[], int], shift: int) -> None:
    real, real_ns = getattr(time, name), getattr(time, f"{name}_ns")

    @functools.wraps(real)
    def read() -> float:
        return (time_ns() - shift) / _BILLION

    @functools.wraps(real_ns)
    def read_ns() -> int:
        return time_ns() - shift

    # Static, as what they stand in for is no method when a class keeps it under a name of its own.
    setattr(time, name, staticmethod(read))
    setattr(time, f"{name}_ns", staticmethod(read_ns))


def _functions(clock: int) -> dict[str, bytes]:
    """x86-64 code of the functions that tell the time of day, from the clock at an address."""
    # rax = the clock, which moves on; then rax = seconds, rdx = nanoseconds.
    read = b"\x49\xb8" + struct.pack("<Q", clock) + b"\xb8" + struct.pack("<I", TICK_NS)
    read += bytes.fromhex("f0490fc100 31d2 b9") + struct.pack("<I", _BILLION) + bytes.fromhex("48f7f1")
    ended = bytes.fromhex("31c0 c3")
    timespec = read + bytes.fromhex("488906 48895608") + ended
    timeval = read + bytes.fromhex("488907 4889d0 31d2 b9e8030000 48f7f1 48894708")
    # Every other clock than CLOCK_REALTIME is the kernel's to tell: call number 228.
    kernel = bytes.fromhex("b8e4000000 0f05 c3")
    return {
        "clock_gettime": bytes.fromhex("85ff") + _over(_JUMP_UNEQUAL, timespec) + kernel,
        "gettimeofday": bytes.fromhex("4885ff") + _over(_JUMP_EQUAL, timeval) + ended,
        "time": read + bytes.fromhex("4885ff") + _over(_JUMP_EQUAL, bytes.fromhex("488907")) + b"\xc3",
    }


def _over(jump: int, code: bytes) -> bytes:
    """Code that is jumped over under a condition."""
    return bytes([jump, len(code)]) + code


def _lasting_pages(count: int) -> mmap.mmap:
    """Memory that is never given back: C asks for the time until the very end of the process."""
    flags, protection = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, mmap.PROT_READ | mmap.PROT_WRITE
    memory = mmap.mmap(-1, count * mmap.PAGESIZE, flags, protection)
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(memory))
    return memory


def _placed(functions: dict[str, bytes], page: int) -> dict[str, int]:
    """Functions laid into a page, which can be executed then; their addresses."""
    places: dict[str, int] = {}
    for name, code in functions.items():
        places[name] = page + 256 * len(places)
        ctypes.memmove(places[name], code, len(code))
    linux.protect(page, mmap.PAGESIZE, mmap.PROT_READ | mmap.PROT_EXEC)
    return places


def _redirect(function: Any, place: int) -> None:  # noqa: ANN401 - ctypes' functions have a class for each library
    """Have a function of C jump elsewhere."""
    address = ctypes.cast(function, ctypes.c_void_p).value or 0
    jump = b"\x48\xb8" + struct.pack("<Q", place) + b"\xff\xe0"
    start, size = _mapping(address)
    linux.protect(start, size, mmap.PROT_READ | mmap.PROT_WRITE)
    ctypes.memmove(address, jump, len(jump))
    linux.protect(start, size, mmap.PROT_READ | mmap.PROT_EXEC)


def _mapping(address: int) -> tuple[int, int]:
    """Start and size of the mapping an address lies in: the kernel lets none of its own be split."""
    with open("/proc/self/maps", encoding="ascii") as file:
        for line in file:
            start, end = (int(each, 16) for each in line.split()[0].split("-"))
            if start <= address < end:
                return start, end - start
    raise OSError(f"nothing is mapped at {address:#x}")
