"""Watching one program's clock, until it has ended or must."""

import json
import os
import select
import signal
import socket
import time
from dataclasses import dataclass, field

from .accounts import MOST, Accounts
from .folders import Disk

EXTENSION = 4
"""How many times its deadline a program may take while the machine keeps it waiting."""
_SETUP_S = 30.0
MAX_THREADS = 512
"""How many threads a program may have: they take process numbers away from the whole machine."""
REWRITES = 4
"""How many times what it may leave behind a program may write where its disk is not its own, deleted files included."""
_LOOK_S = 0.05
_MOSTLY = 0.75
"""The share of its processor time by which a program that is late counts as one that computes."""
_NEARLY = 0.9
"""Share of its budget from which a killed program counts as over it: the kernel's two clocks differ by some percent."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The times a program has: wall seconds in which it could run, and processor seconds."""

    wall_s: float
    cpu_s: float


@dataclass(slots=True)
class Ending:
    """How a program's process ended.

    Attributes:
        status: as `os.waitpid` gives it; None when the forker was lost.
        layers: the walls that stood around it; empty when they never did.
        cpu_s: processor seconds it used.
        peak_kb: the most memory it had at once, in KiB.
        cause: why it was killed: ``cpu``, ``deadline``, ``starved``, ``output``, ``threads``, ``cancelled``;
            None if it was not.
        broken: what went wrong before the program's first line, if anything did.
        over_budget: whether its processor time was used up.
        by_stranger: whether nobody but someone outside can have killed it, if it was killed.
    """

    status: int | None = None
    layers: list[str] = field(default_factory=list)
    cpu_s: float = 0.0
    peak_kb: int = 0
    cause: str | None = None
    broken: str | None = None
    over_budget: bool = False
    by_stranger: bool = False

    @property
    def cancelled(self) -> bool:
        """Whether the engine called the job off."""
        return self.cause == "cancelled"

    @property
    def exit_code(self) -> int | None:
        """The exit code, negative for a signal."""
        return None if self.status is None else os.waitstatus_to_exitcode(self.status)


class Watch:
    """Follows one program from its request to its end."""

    def __init__(self, reply: socket.socket, job: socket.socket, limits: Limits, disk: Disk) -> None:
        self._reply = reply
        self._job = job
        self._limits = limits
        self._disk = disk
        self._ending = Ending()
        self._process: int | None = None
        self._accounts: Accounts | None = None
        self._since = time.monotonic()

    def until_end(self) -> Ending:
        """Wait for the end, bringing it about when time, processor or disk are used up or the engine hangs up."""
        poll = select.poll()
        poll.register(self._reply, select.POLLIN)
        poll.register(self._job, select.POLLIN | select.POLLRDHUP)
        over = False
        while not over:
            events = dict(poll.poll(1000 * self._patience()))
            if self._job.fileno() in events:
                poll.unregister(self._job)
                self._kill("cancelled")
            if self._reply.fileno() in events:
                over = self._hear()
            elif not events:
                self._check()
        if self._process is not None:
            os.close(self._process)
        if self._accounts:
            self._accounts.close()
        return self._ending

    def _hear(self) -> bool:
        """Take one message in; True when it was the last."""
        data, fds, _, _ = socket.recv_fds(self._reply, 1 << 16, MOST)
        if not data:
            return True
        message = json.loads(data)
        if "started" in message:
            self._process = fds[0]
        elif "ready" in message:
            self._ending.layers = message["ready"]
            self._accounts = Accounts(*fds)
            self._since = time.monotonic()
        elif "broken" in message:
            self._ending.broken = message["broken"]
        else:
            self._ending.status = message["status"]
            self._ending.cpu_s = message["cpu_s"]
            self._ending.peak_kb = message["peak_kb"]
            self._ending.over_budget = message["cpu_s"] > self._limits.cpu_s * _NEARLY
            return True
        if self._ending.cause:
            self._signal()
        return False

    def _patience(self) -> float:
        """Seconds until something must be checked."""
        if self._ending.cause:
            return _SETUP_S
        elapsed = time.monotonic() - self._since
        if self._accounts is None:
            return max(0.0, _SETUP_S - elapsed)
        ran, waited = self._accounts.times(elapsed)
        left = min(self._limits.cpu_s - ran, self._limits.wall_s - (elapsed - waited))
        return max(0.005, min(left, EXTENSION * self._limits.wall_s - elapsed, _LOOK_S))

    def _check(self) -> None:
        elapsed = time.monotonic() - self._since
        if self._ending.cause:
            return
        if self._accounts is None:
            if elapsed >= _SETUP_S:
                self._kill("starved")
            return
        ran, waited = self._accounts.times(elapsed)
        if ran >= self._limits.cpu_s:
            self._kill("cpu")
        elif elapsed - waited >= self._limits.wall_s:
            # Where both limits are the same, an endless loop gets to its deadline a little before its budget's end.
            self._kill("cpu" if ran >= _MOSTLY * self._limits.cpu_s else "deadline")
        elif elapsed >= EXTENSION * self._limits.wall_s:
            self._kill("starved")
        elif self._accounts.threads() > MAX_THREADS:
            self._kill("threads")
        elif not self._disk.private and (self._disk.full() or self._accounts.written() > REWRITES * self._disk.size):
            self._kill("output")

    def _kill(self, cause: str) -> None:
        self._ending.cause = self._ending.cause or cause
        self._signal()

    def _signal(self) -> None:
        if self._process is not None:
            try:
                signal.pidfd_send_signal(self._process, signal.SIGKILL)
            except ProcessLookupError:
                return
