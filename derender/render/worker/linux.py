"""The few Linux calls that Python's own library lacks, by way of the C library."""

import ctypes
import os

CLONE_NEWNS = 0x00020000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_NOSUID, MS_NODEV, MS_NOEXEC = 2, 4, 8
MS_BIND, MS_REC, MS_PRIVATE = 1 << 12, 1 << 14, 1 << 18

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_NO_NEW_PRIVS = 38
PR_SET_SECCOMP = 22
PR_SET_CHILD_SUBREAPER = 36

_M_ARENA_MAX = -8
_SYS_MOUNT_SETATTR = 442
_AT_RECURSIVE = 0x8000
_MNT_DETACH = 2
_PR_SET_NAME = 15
_MOUNT_ATTR_RDONLY = 1
_CAPABILITY_VERSION_3 = 0x20080522

# Opened when the worker starts: a program's process must not look libraries up again once it is walled in.
_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long
_holding = ctypes.PyDLL(None, use_errno=True)


class _MountAttr(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in ("set", "clear", "propagation", "userns")]


class _CapHeader(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


def checked(result: int, what: str) -> int:
    """A call's result, or the OSError its errno stands for."""
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")
    return result


def syscall(number: int, *arguments: object) -> int:
    """Any system call by number; -1 and errno on failure, see `checked`."""
    wide = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    return int(_libc.syscall(ctypes.c_long(number), *wide))


def fork() -> int:
    """Fork as C does, without the handlers that Python runs in a child.

    They make locks and thread lists good that a process with one thread never spoils, and they empty Matplotlib's font
    cache; all that costs more than the fork itself. Only for a single-threaded process.
    """
    return checked(int(_holding.fork()), "fork")


def share_one_heap() -> None:
    """Let all threads allocate from one heap: each further one would reserve 64 MiB of a program's address space."""
    _libc.mallopt(_M_ARENA_MAX, 1)


def unshare(flags: int) -> None:
    """Leave the namespaces named by ``flags`` for fresh ones."""
    checked(_libc.unshare(flags), "unshare")


def setns(fd: int, flag: int) -> None:
    """Enter the namespace a descriptor stands for."""
    checked(_libc.setns(fd, flag), "setns")


def mount(source: str, target: str, kind: str | None, flags: int, options: str = "") -> None:
    """Mount a file system, or change how one is mounted."""
    name = kind.encode() if kind else None
    checked(_libc.mount(source.encode(), target.encode(), name, ctypes.c_ulong(flags), options.encode()), "mount")


def unmount(target: str) -> None:
    """Take away what is mounted at a place, at once, whoever still uses it."""
    checked(_libc.umount2(target.encode(), _MNT_DETACH), "umount2")


def freeze_mounts() -> None:
    """Make everything mounted in this mount namespace read-only, for good."""
    attributes = _MountAttr(set=_MOUNT_ATTR_RDONLY)
    size = ctypes.sizeof(attributes)
    result = syscall(_SYS_MOUNT_SETATTR, -100, b"/", _AT_RECURSIVE, ctypes.byref(attributes), size)
    checked(result, "mount_setattr")


def prctl(option: int, value: int, pointer: object = None) -> None:
    """Change an attribute of this process."""
    checked(_libc.prctl(option, ctypes.c_ulong(value), pointer, 0, 0), "prctl")


def name_process(name: str) -> None:
    """Give this process the name that listings of processes show, up to 15 letters."""
    checked(_libc.prctl(_PR_SET_NAME, name.encode("ascii"), 0, 0, 0), "prctl")


def protect(address: int, size: int, protection: int) -> None:
    """Change how whole pages of this process's memory may be used."""
    checked(_libc.mprotect(ctypes.c_void_p(address), ctypes.c_size_t(size), protection), "mprotect")


def drop_capabilities() -> None:
    """Give up every capability: permitted, effective and inheritable."""
    header = _CapHeader(_CAPABILITY_VERSION_3, 0)
    nothing = (ctypes.c_uint32 * 6)()
    checked(_libc.capset(ctypes.byref(header), ctypes.byref(nothing)), "capset")
