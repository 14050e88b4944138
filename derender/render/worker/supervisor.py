"""The supervisor: a trusted process that sees one job at a time through, between the engine and a program that may do
anything.

It gives the program a disk, has it forked, watches its clock, and only when the process and its whole tree are gone
looks at what it left behind. The program never holds a descriptor that leads to the engine.
"""

import json
import os
import resource
import socket
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from . import claims, frames, verdicts
from .accounts import starved_of_memory
from .folders import Disk
from .forker import OUT, WORK
from .namespaces import SCRATCH, Quota, mount_disk, own_mounts, unmount_disk
from .removal import remove_tree
from .sandbox import readable
from .watch import Ending, Limits, Watch

MAX_JOB = 1 << 30
JOBS = 1000
"""How many jobs a supervisor sees through at most."""
GROWN_KB = 128 << 10
"""The memory a supervisor may have had at once to go on."""
NEXT = b"N"
"""Said by a supervisor that is free for the next job."""
PROGRAM = "program.py"
"""The name of the program's file in its folder."""


@dataclass(frozen=True, slots=True)
class Task:
    """One job as the engine sent it."""

    header: Mapping[str, Any]
    source: bytes
    files: Mapping[str, bytes]

    @classmethod
    def receive(cls, job: socket.socket) -> "Task":
        """Read the job's frame.

        Raises:
            frames.Closed: the engine called the job off.
            frames.Bad: it sent garbage.
        """
        header, blobs = frames.recv(job, MAX_JOB)
        names = header.get("files", [])
        if len(blobs) != len(names) + 1:
            raise frames.Bad("a job needs its source and one blob per file")
        return cls(header, blobs[0], dict(zip(names, blobs[1:], strict=True)))

    @property
    def quota(self) -> Quota:
        """How large a disk it needs."""
        given = len(self.source) + sum(len(content) + 4096 for content in self.files.values())
        return Quota((int(self.header["output_mb"]) << 20) + given, len(self.files))

    def request(self, disk: Disk, stage: str) -> bytes:
        """What the forker and the program's process need to know."""
        kept = {name: self.header[name] for name in ("kind", "cpu_s", "memory_mb", "output_mb", "pixels", "options")}
        given = list(self.files)[:200]
        return json.dumps(
            {**kept, "disk": disk.path, "private_mounts": disk.private, "stage": stage, "given": given}
        ).encode()


class Supervisor:
    """Sees jobs through, one after another.

    Args:
        channel: the way to the forker.
        layers: what the worker has around itself, and the promises that it can't keep.
    """

    def __init__(self, channel: socket.socket, layers: list[str]) -> None:
        self._channel = channel
        self._layers = layers
        self._spaces: int | None = None
        if "mntns" in layers:
            own_mounts()
            self._spaces = os.open("/proc/self/ns/mnt", os.O_RDONLY | os.O_CLOEXEC)

    def serve(self, jobs: socket.socket) -> None:
        """See through the jobs whose sockets come in; after each, say that the next may come.

        A program's tree of processes ends with it where it is a namespace; elsewhere a survivor must not meet the next
        program's disk. What large pictures have made this process take is given back by its end.
        """
        for left in reversed(range(JOBS if "pidns" in self._layers else 1)):
            data, fds, _, _ = socket.recv_fds(jobs, 1, 1)
            if not data:
                return
            with socket.socket(fileno=fds[0]) as job:
                self.supervise(job)
            # Not said by one that is about to end: what is handed to it would be lost.
            if not left or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >= GROWN_KB:
                return
            jobs.send(NEXT)

    def supervise(self, job: socket.socket) -> None:
        """See one job through: from its frame to the answer.

        Args:
            job: the engine's socket.
        """
        try:
            task = Task.receive(job)
        except (frames.Closed, frames.Bad, ConnectionResetError):
            return
        with _disk(task, self._spaces) as disk:
            header, blobs = _run(task, job, self._channel, (disk, self._layers))
            if header:
                header["isolation"] = [*self._layers, *disk.layers, *header["isolation"]]
                _answer(job, header, blobs)


def _answer(job: socket.socket, header: dict[str, Any], blobs: list[bytes]) -> None:
    try:
        frames.send(job, header, blobs)
    except (BrokenPipeError, ConnectionResetError):
        # Called off at the very end: no one is left to tell.
        return


@contextmanager
def _disk(task: Task, spaces: int | None) -> Iterator[Disk]:
    """The job's own disk, with the program and its files on it; mounted in a mount namespace where there is one."""
    if spaces is not None:
        mount_disk(SCRATCH, task.quota, [path for path in readable() if path.startswith(SCRATCH + "/")])
        disk = Disk(SCRATCH, private=True, size=task.quota.size, files=task.quota.files, spaces=spaces)
        try:
            _fill(disk, task)
            yield disk
        finally:
            unmount_disk(SCRATCH)
        return
    path = tempfile.mkdtemp(prefix="job-")
    disk = Disk(path, private=False, size=task.quota.size, files=task.quota.files, spaces=None)
    try:
        _fill(disk, task)
        yield disk
    finally:
        remove_tree(path)


def _fill(disk: Disk, task: Task) -> None:
    for folder in (WORK, OUT):
        os.mkdir(os.path.join(disk.path, folder), 0o700)
    work = Path(disk.path, WORK)
    for name, content in {**task.files, PROGRAM: task.source}.items():
        path = work.joinpath(*PurePosixPath(name).parts)
        if ".." in path.parts or PurePosixPath(name).is_absolute():
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _run(
    task: Task, job: socket.socket, channel: socket.socket, where: tuple[Disk, list[str]]
) -> tuple[dict[str, Any], list[bytes]]:
    disk, layers = where
    started = time.monotonic()
    if task.header["kind"] == "python" and not task.source.strip():
        return _nothing("no_code", "the program is empty"), []
    starved = starved_of_memory()
    ending = _stage(task, job, channel, (disk, "program"))
    # Process 1 of a tree can't kill itself, and the kernel keeps count of those it kills.
    ending.by_stranger = "pidns" in layers and starved is not None and starved_of_memory() == starved
    if ending.cancelled:
        return {}, []
    report = claims.collect(disk, int(task.header["pixels"]))
    if verdicts.needs_salvage(ending, report):
        _stage(task, job, channel, (disk, "salvage"))
        report = claims.collect(disk, int(task.header["pixels"]))
    failure = verdicts.judge(ending, report, disk)
    header = {
        "status": "failed" if failure else "ok",
        "failure": failure,
        "doubtful": verdicts.doubtful(ending, int(task.header["memory_mb"])),
        "pictures": [picture.entry for picture in report.pictures],
        "warnings": report.warnings,
        "wall_s": time.monotonic() - started,
        "cpu_s": ending.cpu_s,
        "isolation": ending.layers,
        "stdout": disk.tail("stdout"),
        "stderr": disk.tail("stderr"),
        "traced": report.trace is not None,
    }
    traces = [] if report.trace is None else [report.trace]
    return header, [*(picture.content for picture in report.pictures), *traces]


def _nothing(kind: str, message: str) -> dict[str, Any]:
    failure = {"kind": kind, "message": message, "line": None, "detail": ""}
    return {
        "status": "failed",
        "failure": failure,
        "pictures": [],
        "warnings": [],
        "wall_s": 0.0,
        "cpu_s": 0.0,
        "isolation": [],
    }


def _stage(task: Task, job: socket.socket, channel: socket.socket, where: tuple[Disk, str]) -> Ending:
    disk, stage = where
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    fds = [theirs.fileno()] if disk.spaces is None else [theirs.fileno(), disk.spaces]
    with ours:
        socket.send_fds(channel, [task.request(disk, stage)], fds)
        theirs.close()
        limits = Limits(float(task.header["wall_s"]), float(task.header["cpu_s"]))
        return Watch(ours, job, limits, disk).until_end()
