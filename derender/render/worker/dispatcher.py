"""The worker's first process: small, single-threaded; it holds the control socket and hands each job to a supervisor.

::

    engine ── control socket ── dispatcher ── forks ── supervisor (as many as jobs at once, trusted)
                                     └─ forks ── forker (warm) ── forks ── program (one per job, hostile)

All but the dispatcher live in namespaces of the worker's own; the forker is process 1 there: nothing outlives it.
"""

import json
import os
import select
import signal
import socket
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from . import frames, landlock, linux, obstacles, sandbox, seccomp
from .forker import Forker, warm_up
from .namespaces import OwnTree, leave_machine
from .obstacles import Obstacle
from .removal import remove_tree
from .supervisor import NEXT, Supervisor
from .trades import trade

MOST_FREE = 8
"""How many supervisors are kept for the next jobs."""

_KEPT = ("PATH", "HOME", "TMPDIR", "LANG", "TZ", "SOURCE_DATE_EPOCH", "LD_LIBRARY_PATH", "FONTCONFIG_FILE")
_KEPT_STARTS = ("LC_", "MPL", "PYTHON", "OMP_", "OPENBLAS_", "MKL_", "NUMEXPR_", "RAYON_")
_SETTLED = {
    "LC_ALL": "C.UTF-8",
    "LANG": "C.UTF-8",
    "TZ": "UTC",
    "MPLBACKEND": "Agg",
    "SOURCE_DATE_EPOCH": "1704067200",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
}


@dataclass(frozen=True, slots=True)
class Walls:
    """What this machine gives to contain programs with.

    Attributes:
        contained: whether the whole worker is in bubblewrap.
        spaces: the namespaces the worker got, see `leave_machine`.
        landlock: whether files can be restricted.
        seccomp: whether system calls can be filtered.
        accounting: whether the kernel tells how much a process writes.
    """

    contained: bool
    spaces: frozenset[str]
    landlock: bool
    seccomp: bool
    accounting: bool

    @classmethod
    def found(cls, *, contained: bool) -> "Walls":
        """Move into namespaces, and see what else there is."""
        accounting = os.path.exists("/proc/self/io")
        return cls(contained, leave_machine(), landlock.version() > 0, seccomp.supported(), accounting)

    def broken(self) -> dict[str, Obstacle]:
        """The promises of the floor that can't be kept here, by `sandbox.PROMISES`, each with its reason."""
        broken: dict[str, Obstacle] = {}
        if not self.seccomp:
            broken |= dict.fromkeys(("tree", "memory"), obstacles.no_filter())
            broken |= {} if self.contained or "netns" in self.spaces else {"network": obstacles.no_filter()}
        if not self.landlock:
            broken["neighbours" if self.contained else "files"] = obstacles.no_landlock(landlock.denial())
        if not self.accounting and "mntns" not in self.spaces:
            broken["output"] = obstacles.no_accounting()
        return broken


def serve(kind: str, control_fd: int, config: Mapping[str, Any]) -> None:
    """Be a forking worker until the control socket closes."""
    control = socket.socket(fileno=control_fd)
    _settle_environment()
    sandbox.prepare()
    walls = Walls.found(contained=bool(config.get("contained")))
    broken = walls.broken()
    if broken and config.get("isolation", "strict") == "strict":
        promise, obstacle = next(iter(broken.items()))
        frames.send(control, {"hello": kind, "error": obstacle.refusal(sandbox.PROMISES[promise])})
        return
    weak = [f"weak:{promise}:no-{obstacle.lack}" for promise, obstacle in broken.items()]
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    parent = os.getpid()
    forker = os.fork()
    if forker == 0:
        _become_forker(kind, config, walls, (ours, theirs, control), parent)
    theirs.close()
    hello = _greeting(ours)
    if hello is None:
        _, status = os.waitpid(forker, 0)
        killed = os.waitstatus_to_exitcode(status) == -signal.SIGKILL
        refusal = {"error": "the warm parent died", "failure": "worker_lost", "killed": killed}
        frames.send(control, {"hello": kind, **refusal})
        return
    layers = [*sorted(walls.spaces), *weak]
    dispatcher = _Dispatcher(control, ours, forker, layers)
    frames.send(control, {"hello": kind, "pid": os.getpid(), "isolation": layers, **hello})
    with _folder_for_disks(walls):
        try:
            dispatcher.run()
        finally:
            os.kill(forker, signal.SIGKILL)
            dispatcher.end()


@contextmanager
def _folder_for_disks(walls: Walls) -> Iterator[None]:
    """Where programs have no disks in memory: a folder for theirs, which goes even if the engine is killed."""
    if "mntns" in walls.spaces:
        yield
        return
    # Programs that outlive the forker by a moment come to us, so that no one writes there any more when it is deleted.
    linux.prctl(linux.PR_SET_CHILD_SUBREAPER, 1)
    tempfile.tempdir = tempfile.mkdtemp(prefix="jobs-")
    try:
        yield
    finally:
        remove_tree(tempfile.tempdir)


class _Dispatcher:
    def __init__(self, control: socket.socket, channel: socket.socket, forker: int, layers: list[str]) -> None:
        self._control = control
        self._channel = channel
        self._layers = layers
        self._forker = os.pidfd_open(forker)
        self._supervisors: dict[int, tuple[socket.socket, int]] = {}
        self._free: list[socket.socket] = []
        self._poll = select.poll()

    def run(self) -> None:
        """Hand each job to a supervisor that is free, until the engine or the forker goes away."""
        self._poll.register(self._control, select.POLLIN)
        self._poll.register(self._forker, select.POLLIN)
        while True:
            for fd, _ in self._poll.poll():
                if fd == self._forker:
                    return
                if fd == self._control.fileno():
                    if not self._accept():
                        return
                else:
                    self._hear(fd)

    def end(self) -> None:
        """Kill what still runs, the forker being killed already, and wait until it is gone."""
        for _, pid in self._supervisors.values():
            os.kill(pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            while True:
                os.wait()

    def _accept(self) -> bool:
        data, fds, _, _ = socket.recv_fds(self._control, 1, 1)
        if not data:
            return False
        if fds:
            with socket.socket(fileno=fds[0]) as job:
                # Where none can be had, the job's socket closes, and the engine knows.
                any(self._hand_over(job) for _ in range(MOST_FREE + 2))
        return True

    def _hand_over(self, job: socket.socket) -> bool:
        """Give the job to a supervisor; False if that one is gone."""
        jobs = self._free.pop() if self._free else self._fork_supervisor(job)
        try:
            socket.send_fds(jobs, [b"J"], [job.fileno()])
        except (BrokenPipeError, ConnectionResetError):
            return False
        return True

    def _fork_supervisor(self, job: socket.socket) -> socket.socket:
        """A new one, and the way to it; not even the job is its own before that is handed over."""
        parent = os.getpid()
        ours, theirs = socket.socketpair()
        pid = linux.fork()
        if pid == 0:
            code = 1
            try:
                sandbox.die_with(parent)
                for other in (job, ours, self._control, *(each for each, _ in self._supervisors.values())):
                    other.close()
                os.close(self._forker)
                linux.name_process("supervisor")
                Supervisor(self._channel, self._layers).serve(theirs)
                code = 0
            finally:
                if code:
                    sys.excepthook(*sys.exc_info())
                os._exit(code)
        theirs.close()
        self._supervisors[ours.fileno()] = ours, pid
        self._poll.register(ours, select.POLLIN)
        return ours

    def _hear(self, fd: int) -> None:
        """A supervisor is free for the next job, or gone."""
        jobs, pid = self._supervisors[fd]
        if _is_free(jobs) and len(self._free) < MOST_FREE:
            self._free.append(jobs)
            return
        self._poll.unregister(fd)
        del self._supervisors[fd]
        self._free = [each for each in self._free if each is not jobs]
        jobs.close()
        os.waitpid(pid, 0)


def _is_free(jobs: socket.socket) -> bool:
    try:
        return jobs.recv(1) == NEXT
    except ConnectionResetError:
        return False


def _settle_environment() -> None:
    for name in list(os.environ):
        if name not in _KEPT and not name.startswith(_KEPT_STARTS):
            del os.environ[name]
    os.environ.update(_SETTLED)


def _become_forker(
    kind: str, config: Mapping[str, Any], walls: Walls, sockets: tuple[socket.socket, ...], parent: int
) -> None:
    """Warm up, report, and fork for supervisors; never returns."""
    ours, channel, control = sockets
    code = 1
    try:
        sandbox.die_with(parent)
        ours.close()
        control.close()
        mine = trade(kind)
        hello = warm_up(mine, config)
        channel.send(json.dumps(hello).encode())
        Forker(channel, mine, OwnTree(possible="pidns" in walls.spaces)).serve()
        code = 0
    finally:
        if code:
            sys.excepthook(*sys.exc_info())
        os._exit(code)


def _greeting(channel: socket.socket) -> dict[str, Any] | None:
    message = channel.recv(1 << 17)
    hello: dict[str, Any] | None = json.loads(message) if message else None
    return hello
