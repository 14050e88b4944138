"""The forker: a warm process that forks one process per program and says how each ended.

Requests come as datagrams from supervisors over one shared channel, each with a reply socket of its own:

    supervisor → forker   {"disk": ..., limits ...}   with the reply socket and the mount namespace to enter
    forker → supervisor   {"started": pid}            with a descriptor of the process
    program → supervisor  {"ready": layers}           with descriptors of its accounts; walls stand now
    forker → supervisor   {"status": ..., "cpu_s": ..., "peak_kb": ...}
"""

import contextlib
import gc
import json
import os
import select
import signal
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from . import accounts, linux, sandbox
from .namespaces import OwnTree
from .trades import Trade

MAX_REQUEST = 1 << 16
WORK, OUT = "work", ".derender"
"""Folders on a job's disk: the program's own, and the one for the journal."""


@dataclass(slots=True)
class Child:
    """A program's process and the supervisor that waits for it."""

    pid: int
    process: int
    reply: socket.socket
    done: bool = field(default=False)


class Forker:
    """Serves requests until the process is killed."""

    def __init__(self, channel: socket.socket, trade: Trade, tree: OwnTree) -> None:
        self._channel = channel
        self._trade = trade
        self._tree = tree
        self._children: dict[int, Child] = {}
        self._poll = select.poll()

    def serve(self) -> None:
        """Fork for whoever asks, until no one can ask any more."""
        self._poll.register(self._channel, select.POLLIN)
        while True:
            for fd, event in self._poll.poll():
                if fd == self._channel.fileno():
                    if event & select.POLLHUP:
                        return
                    self._begin()
                else:
                    self._ended(self._children[fd])

    def _begin(self) -> None:
        message, fds, _, _ = socket.recv_fds(self._channel, MAX_REQUEST, 2)
        if not fds:
            return
        reply = socket.socket(fileno=fds[0])
        spaces = fds[1] if len(fds) > 1 else None
        pid = self._tree.fork()
        if pid == 0:
            _become_program(self._trade, json.loads(message), reply, spaces)
        if spaces is not None:
            os.close(spaces)
        child = Child(pid, os.pidfd_open(pid), reply)
        self._children[child.process] = self._children[reply.fileno()] = child
        self._poll.register(child.process, select.POLLIN)
        self._poll.register(reply, select.POLLHUP | select.POLLRDHUP)
        _tell(reply, {"started": pid}, [child.process])

    def _ended(self, child: Child) -> None:
        """The process is over, or its supervisor is: either way, bury it."""
        if child.done:
            return
        child.done = True
        signal.pidfd_send_signal(child.process, signal.SIGKILL)
        _, status, usage = os.wait4(child.pid, 0)
        used = {"cpu_s": usage.ru_utime + usage.ru_stime, "peak_kb": usage.ru_maxrss}
        _tell(child.reply, {"status": status, **used})
        for fd in (child.process, child.reply.fileno()):
            self._poll.unregister(fd)
            del self._children[fd]
        child.reply.close()
        os.close(child.process)
        # What one program leaves behind here would move the next one's objects in memory.
        gc.collect()


def _tell(reply: socket.socket, message: Mapping[str, Any], fds: list[int] | None = None) -> None:
    # A supervisor that is gone needs no answer; its program is killed when its socket reports the end.
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        socket.send_fds(reply, [json.dumps(message).encode()], fds or [])


def warm_up(trade: Trade, config: Mapping[str, Any]) -> dict[str, Any]:
    """Warm the trade up and settle memory so that forked children share it."""
    linux.share_one_heap()
    report = trade.warm(config)
    gc.collect()
    gc.freeze()
    threads = len(os.listdir("/proc/self/task"))
    if threads != 1:
        report["threads"] = threads
    return report


def _become_program(trade: Trade, job: Mapping[str, Any], reply: socket.socket, spaces: int | None) -> None:
    """Turn the forked child into a program's process; never returns."""
    code = 70
    try:
        sandbox.die_with(os.getppid())
        os.setsid()
        if spaces is not None:
            linux.setns(spaces, linux.CLONE_NEWNS)
        disk = str(job["disk"])
        _enter_work(disk)
        _settle_descriptors(os.path.join(disk, OUT), reply.fileno())
        _settle_environment(disk)
        watched = [os.open(f"/proc/self/{name}", os.O_RDONLY) for name in accounts.available()]
        layers = sandbox.enter(sandbox.Cell.of_job(job))
        _tell(reply, {"ready": layers}, watched)
        for fd in watched:
            os.close(fd)
        reply.close()
        code = trade.run(job, os.path.join(disk, OUT))
    except OSError as error:
        _tell(reply, {"broken": f"a program's process can't be set up: {error}"})
    finally:
        os._exit(code)


def _enter_work(disk: str) -> None:
    fd = os.open(os.path.join(disk, WORK), os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW)
    os.fchdir(fd)
    os.close(fd)


def _settle_descriptors(out: str, reply: int) -> None:
    """Close what the forker holds; reopen what must stay so that no file position is shared with other programs."""
    # An earlier process of the same program may have put links or pipes in their place.
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK
    folder = os.open(out, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW)
    wanted = [("/dev/null", os.O_RDONLY), ("stdout", flags), ("stderr", flags)]
    for target, (path, mode) in enumerate(wanted):
        fd = os.open(path, mode, 0o600, dir_fd=folder)
        os.dup2(fd, target)
        os.close(fd)
    for name in os.listdir("/proc/self/fd"):
        fd = int(name)
        if fd > 2 and fd != reply:
            _reopen_or_close(fd)


def _reopen_or_close(fd: int) -> None:
    try:
        path = os.readlink(f"/proc/self/fd/{fd}")
    except FileNotFoundError:
        return
    if not path.startswith(sandbox.readable()) or path.startswith("/dev/"):
        os.close(fd)
        return
    fresh = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    os.lseek(fresh, os.lseek(fd, 0, os.SEEK_CUR), os.SEEK_SET)
    os.dup2(fresh, fd, inheritable=False)
    os.close(fresh)


def _settle_environment(disk: str) -> None:
    os.environ.update(HOME=disk, TMPDIR=disk, TEMP=disk, TMP=disk, PWD=os.getcwd())
