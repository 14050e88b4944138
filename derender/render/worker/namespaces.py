"""Namespaces: the worker leaves the machine's once, and every job gets a mount namespace with its own small disk."""

import os
from collections.abc import Iterable
from dataclasses import dataclass

from . import linux

SCRATCH = "/tmp"
"""Where a job's disk is mounted, the same for every job."""
_INODES_BASE = 1024
_SLACK_MB = 8
"""What the reports of a program may take beside its output."""


_KINDS = {
    "userns": linux.CLONE_NEWUSER,
    "pidns": linux.CLONE_NEWPID,
    "netns": linux.CLONE_NEWNET,
    "ipcns": linux.CLONE_NEWIPC,
    "mntns": linux.CLONE_NEWNS,
}
_ROOTS = frozenset(_KINDS) - {"userns"}
_WITHOUT_MOUNTS = frozenset({"pidns", "netns", "ipcns"})
_WANTED = (frozenset(_KINDS), _ROOTS, _WITHOUT_MOUNTS | {"userns"}, _WITHOUT_MOUNTS)
"""What is asked for, best first: some machines give user namespaces to root alone, some give them and deny mounts."""


def leave_machine() -> frozenset[str]:
    """Move this single-threaded process into namespaces of its own; its next child is process 1 of the new tree.

    Returns:
        Which kinds it got: ``userns``, ``pidns``, ``mntns``, ``netns``, ``ipcns``; none where the machine forbids it.
    """
    for kinds in _WANTED:
        # Tried in a process of its own: half a move could not be taken back.
        if _can_leave(kinds):
            _leave(kinds)
            return kinds
    return frozenset()


def _can_leave(kinds: frozenset[str]) -> bool:
    pid = linux.fork()
    if pid == 0:
        try:
            _leave(kinds)
            if "mntns" in kinds:
                own_mounts()
                mount_disk(SCRATCH, Quota(1 << 20, 0))
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitpid(pid, 0)[1] == 0


def _leave(kinds: frozenset[str]) -> None:
    user, group = os.getuid(), os.getgid()
    linux.unshare(sum(_KINDS[kind] for kind in kinds))
    if "userns" in kinds:
        _map_user(user, group)
    if "mntns" in kinds:
        linux.mount("none", "/", None, linux.MS_REC | linux.MS_PRIVATE)


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


def own_mounts() -> None:
    """Move this process into a fresh mount namespace in which everything is read-only.

    Raises:
        OSError: the machine forbids it.
    """
    linux.unshare(linux.CLONE_NEWNS)
    linux.freeze_mounts()


def mount_disk(where: str, quota: Quota, kept: Iterable[str] = ()) -> None:
    """Mount an empty disk that can be written to, in a mount namespace of this process's own.

    Args:
        where: a folder; what lies in it is hidden.
        quota: how large the disk is.
        kept: files and folders beneath ``where`` that stay where they are: an interpreter, mostly.

    Raises:
        OSError: the machine forbids it.
    """
    handles = {path: os.open(path, os.O_PATH) for path in kept}
    flags = linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC
    linux.mount("derender", where, "tmpfs", flags, quota.options())
    for path, handle in handles.items():
        _put_back(path, handle)


def unmount_disk(where: str) -> None:
    """Take a disk away again; with the last that holds something open there, all that lies on it goes.

    Raises:
        OSError: there is none.
    """
    linux.unmount(where)


def _put_back(path: str, handle: int) -> None:
    """Show a hidden file or folder again, read-only as all is that was mounted before."""
    hidden = f"/proc/self/fd/{handle}"
    if os.path.isdir(hidden):
        os.makedirs(path, 0o755, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(path), 0o755, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    linux.mount(hidden, path, None, linux.MS_BIND | linux.MS_REC)
    os.close(handle)


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
