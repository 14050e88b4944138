"""Namespaces: the worker leaves the machine's once, and every job gets a mount namespace with its own small disk."""

import os
from dataclasses import dataclass

from . import linux

SCRATCH = "/tmp"
"""Where a job's disk is mounted, the same for every job, unless the interpreter itself lies there."""
_INODES_BASE = 1024
_SLACK_MB = 8
"""What the reports of a program may take beside its output."""


def leave_machine() -> frozenset[str]:
    """Move this single-threaded process into namespaces of its own; its next child is process 1 of the new tree.

    Returns:
        Which kinds it got: ``userns``, ``pidns``, ``mntns``, ``netns``, ``ipcns``; none where the machine forbids it.
    """
    wanted = linux.CLONE_NEWPID | linux.CLONE_NEWNS | linux.CLONE_NEWNET | linux.CLONE_NEWIPC
    names = frozenset({"pidns", "mntns", "netns", "ipcns"})
    user, group = os.getuid(), os.getgid()
    try:
        linux.unshare(wanted | linux.CLONE_NEWUSER)
        _map_user(user, group)
        names |= {"userns"}
    except OSError:
        try:
            linux.unshare(wanted)
        except OSError:
            return frozenset()
    linux.mount("none", "/", None, linux.MS_REC | linux.MS_PRIVATE)
    return names


def _map_user(user: int, group: int) -> None:
    for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(text)


@dataclass(frozen=True, slots=True)
class Quota:
    """How large a job's disk is.

    Attributes:
        size: bytes, beside a little for reports.
        files: how many files it may hold.
    """

    size: int
    files: int

    def options(self) -> str:
        """The mount options of a tmpfs of this size."""
        return f"size={self.size + (_SLACK_MB << 20)},nr_inodes={self.files + _INODES_BASE},mode=700"


def mount_disk(where: str, quota: Quota) -> None:
    """In a fresh mount namespace of this process, mount an empty disk at ``where`` and make all else read-only.

    Raises:
        OSError: the machine forbids it.
    """
    linux.unshare(linux.CLONE_NEWNS)
    linux.freeze_mounts()
    flags = linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC
    linux.mount("derender", where, "tmpfs", flags, quota.options())


class OwnTree:
    """Lets the forker give each program a process tree of its own: the program is process 1 of it."""

    def __init__(self, *, possible: bool) -> None:
        self._here = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC) if possible else None

    def fork(self) -> int:
        """Fork, see `linux.fork`, the child in a fresh PID namespace where that is possible."""
        if self._here is None:
            return linux.fork()
        linux.unshare(linux.CLONE_NEWPID)
        pid = linux.fork()
        if pid:
            linux.setns(self._here, linux.CLONE_NEWPID)
        return pid
