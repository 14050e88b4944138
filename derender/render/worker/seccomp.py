"""The system-call filter around a program, written as a classic BPF program by hand.

Calls that could start programs, reach the network, touch other processes or change the machine fail with EPERM;
the rest is allowed. ``clone`` may make threads only. ``clone3`` is reported absent, so that C libraries fall back to
``clone``, whose flags a filter can read. A call of another architecture kills the process. Where no mount stands before
the machine's files, `Guard`s take its place.
"""

import ctypes
import platform
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from errno import EACCES, ENODEV, ENOSYS, ENOTTY, EOPNOTSUPP, EPERM

from . import linux

_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN, _AND = 0x20, 0x15, 0x35, 0x45, 0x06, 0x54
_NUMBER_AT, _ARCH_AT, _ARGUMENT_AT = 0, 4, 16
_CLONE_THREAD = 0x00010000
_DENIED_FCNTL = (8, 15, 1031)
"""F_SETOWN and F_SETOWN_EX have the kernel send a signal of one's choice to another process; F_SETPIPE_SZ uses up the
memory that all pipes of a user may have together."""
_MODE_FILTER = 2
_MAP_SHARED, _MAP_ANONYMOUS = 0x01, 0x20
_TRUNCATE, _ACCESS_MODE, _WRITE_ONLY, _READ_WRITE = 0x200, 3, 1, 2
_IOCTLS = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
"""TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX; others change attributes of files, or what devices do."""
_NEWEST = 470
"""Calls numbered from here on are unknown to this filter and reported absent."""


class Guard(StrEnum):
    """What a filter must keep programs from where nothing is mounted read-only."""

    METADATA = "metadata"
    """Changes of mode, owner, times and attributes do nothing and report success."""
    TRUNCATION = "truncation"
    """Files are emptied only by who opens them to write: older versions of Landlock don't see to it."""
    MAPPINGS = "mappings"
    """Nothing grows on the disk unseen: no shared mapping of files, no space put aside, no writing by other means."""


@dataclass(frozen=True, slots=True)
class _Machine:
    audit: int
    clone: int
    signals: tuple[int, ...]
    denied: tuple[int, ...]
    absent: tuple[int, ...]
    silent: tuple[int, ...]
    foreign: int
    prlimit: int
    fcntl: int
    prctl: int
    ioctl: int
    mmap: int
    opens: tuple[tuple[int, int], ...]
    truncate: int
    fallocate: int
    unseen: tuple[int, ...]


# Calls that have one number on every architecture: pidfd_send_signal, io_uring, pidfd_open, open_tree ... fsmount,
# pidfd_getfd, process_madvise, mount_setattr, quotactl_fd, memfd_secret, process_mrelease, statmount, listmount,
# open_tree_attr, file_setattr.
_NEW = (424, 425, 426, 427, 428, 429, 430, 431, 432, 433, 434, 438, 440, 442, 443, 447, 448, 457, 458, 467, 469)
_OPENAT2 = 437

_X86_64 = _Machine(
    audit=0xC000003E,
    clone=56,
    # kill, tgkill, rt_sigqueueinfo, rt_tgsigqueueinfo: to oneself only.
    signals=(62, 234, 129, 297),
    denied=(
        *(59, 322, 57, 58),  # execve, execveat, fork, vfork
        *(41, 53, 42, 43, 288, 49, 50),  # socket, socketpair, connect, accept, accept4, bind, listen
        *(101, 310, 311, 312, 200),  # ptrace, process_vm_readv, process_vm_writev, kcmp, tkill
        *(165, 166, 155, 161, 272, 308),  # mount, umount2, pivot_root, chroot, unshare, setns
        *(321, 298, 323, 250, 248, 249),  # bpf, perf_event_open, userfaultfd, keyctl, add_key, request_key
        *(246, 320, 175, 313, 176, 169),  # kexec_load, kexec_file_load, init, finit and delete_module, reboot
        *(167, 168, 135, 163, 179, 103),  # swapon, swapoff, personality, acct, quotactl, syslog
        *(164, 227, 305, 159, 170, 171),  # settimeofday, clock_settime, clock_adjtime, adjtimex, set host, domain name
        *(172, 173, 154, 303, 304, 300, 301),  # iopl, ioperm, modify_ldt, handles, fanotify_init, fanotify_mark
        *(29, 30, 31, 68, 69, 70, 71),  # shmget, shmat, shmctl, msgget, msgsnd, msgrcv, msgctl
        *(64, 65, 66, 220, 240, 241, 153),  # semget, semop, semctl, semtimedop, mq_open, mq_unlink, vhangup
        *(206, 253, 294),  # io_setup, inotify_init, inotify_init1: the machine and the user have few of either
        *(142, 144, 203, 314, 141, 251),  # sched_setparam, scheduler, affinity, attr; setpriority, ioprio_set
        *(256, 279),  # migrate_pages, move_pages
    ),
    absent=(435, 319),  # clone3, memfd_create
    # fchmodat2, setxattrat, removexattrat; chmod, chown, utime in all forms; the setters of xattrs
    silent=(452, 463, 466, 90, 91, 268, 92, 93, 94, 260, 132, 235, 261, 280, 188, 189, 190, 197, 198, 199),
    foreign=0x40000000,
    prlimit=302,
    fcntl=72,
    prctl=157,
    ioctl=16,
    mmap=9,
    opens=((2, 1), (257, 2)),
    truncate=76,
    fallocate=285,
    unseen=(275, 276, 278),  # splice, tee, vmsplice
)

_AARCH64 = _Machine(
    audit=0xC00000B7,
    clone=220,
    signals=(129, 131, 138, 240),
    denied=(
        *(221, 281),
        *(198, 199, 203, 202, 242, 200, 201),
        *(117, 270, 271, 272, 130),
        *(40, 39, 41, 51, 97, 268),
        *(280, 241, 282, 219, 217, 218),
        *(104, 294, 105, 273, 106, 142),
        *(224, 225, 92, 89, 60, 116),
        *(170, 112, 266, 171, 161, 162),
        *(264, 265, 262, 263),
        *(194, 196, 195, 186, 189, 188, 187),
        *(190, 193, 191, 192, 180, 181, 58),
        *(0, 26),
        *(118, 119, 122, 274, 140, 30),
        *(238, 239),
    ),
    absent=(435, 279),
    silent=(452, 463, 466, 52, 53, 54, 55, 88, 5, 6, 7, 14, 15, 16),
    foreign=0,
    prlimit=261,
    fcntl=25,
    prctl=167,
    ioctl=29,
    mmap=222,
    opens=((56, 2),),
    truncate=45,
    fallocate=47,
    unseen=(76, 77, 75),
)

_MACHINES = {"x86_64": _X86_64, "aarch64": _AARCH64, "arm64": _AARCH64}


class _Filter(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_char_p)]


def supported() -> bool:
    """Whether the filter knows this processor's system calls."""
    return platform.machine() in _MACHINES


def program(pid: int, guards: Iterable[Guard] = (), processor: str | None = None) -> bytes:
    """The filter's code.

    Args:
        pid: the process it is for, which may signal itself.
        guards: what it must keep programs from beside what it always does.
        processor: whose system calls it is for; this machine's by default.
    """
    machine = _MACHINES[processor or platform.machine()]
    parts = [_opening(machine), _rules(machine.absent, ENOSYS), _rules((*machine.denied, *_NEW), EPERM)]
    parts += [_GUARDS[guard](machine) for guard in sorted(guards)]
    parts.append(_threads_only(machine.clone))
    parts += [_if_argument(number, 0, (pid,), EPERM) for number in machine.signals]
    parts.append(_if_argument(machine.prlimit, 0, (0, pid), EPERM))
    parts.append(_unless(machine.fcntl, 1, _DENIED_FCNTL))
    parts.append(_if_argument(machine.ioctl, 1, _IOCTLS, ENOTTY))
    # The death of a program with its parent stays arranged, and its supervisor may look at it.
    parts.append(_unless(machine.prctl, 0, (linux.PR_SET_PDEATHSIG, linux.PR_SET_DUMPABLE)))
    parts.append(_op(_RETURN, _ALLOW))
    return b"".join(parts)


def _guard_metadata(machine: _Machine) -> bytes:
    return _rules(machine.silent, 0)


def _guard_truncation(machine: _Machine) -> bytes:
    """Deny emptying by path, and opening with O_TRUNC but not to write."""
    allowed = [_op(_EQUAL, mode, 2 - place, 0) for place, mode in enumerate((_WRITE_ONLY, _READ_WRITE))]
    test = [_op(_ANY_BIT, _TRUNCATE, 0, 4), _op(_AND, _ACCESS_MODE), *allowed, _fail(EACCES)]
    opens = [_with_argument(number, place, b"".join(test)) for number, place in machine.opens]
    return b"".join([_rules((machine.truncate,), EACCES), _rules((_OPENAT2,), ENOSYS), *opens])


def _guard_mappings(machine: _Machine) -> bytes:
    shared = _op(_ANY_BIT, _MAP_ANONYMOUS, 2, 0) + _op(_ANY_BIT, _MAP_SHARED, 0, 1) + _fail(ENODEV)
    others = _rules((machine.fallocate,), EOPNOTSUPP) + _rules(machine.unseen, ENOSYS)
    return others + _with_argument(machine.mmap, 3, shared)


_GUARDS = {
    Guard.METADATA: _guard_metadata,
    Guard.TRUNCATION: _guard_truncation,
    Guard.MAPPINGS: _guard_mappings,
}


def apply(code: bytes) -> None:
    """Filter this process from now on; needs no-new-privileges set before.

    Raises:
        OSError: the kernel refuses.
    """
    holder = _Filter(len(code) // 8, code)
    linux.prctl(linux.PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(holder))


def _op(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("=HBBI", code, yes, no, value)


def _fail(error: int) -> bytes:
    return _op(_RETURN, _ERRNO | error)


def _opening(machine: _Machine) -> bytes:
    parts = [_op(_LOAD, _ARCH_AT), _op(_EQUAL, machine.audit, 1, 0), _op(_RETURN, _KILL), _op(_LOAD, _NUMBER_AT)]
    if machine.foreign:
        # The x32 variants of all calls: the same doors with other numbers.
        parts += [_op(_AT_LEAST, machine.foreign, 0, 1), _op(_RETURN, _KILL)]
    parts += [_op(_AT_LEAST, _NEWEST, 0, 1), _fail(ENOSYS)]
    return b"".join(parts)


def _rules(numbers: tuple[int, ...], error: int) -> bytes:
    return b"".join(_op(_EQUAL, number, 0, 1) + _fail(error) for number in numbers)


def _threads_only(clone: int) -> bytes:
    return b"".join(
        [
            _op(_EQUAL, clone, 0, 4),
            _op(_LOAD, _ARGUMENT_AT),
            _op(_ANY_BIT, _CLONE_THREAD, 1, 0),
            _fail(EPERM),
            _op(_LOAD, _NUMBER_AT),
        ]
    )


def _if_argument(number: int, argument: int, allowed: tuple[int, ...], error: int) -> bytes:
    """Let a call fail, unless one of its arguments is one of some values."""
    values = [_op(_EQUAL, value, len(allowed) - place, 0) for place, value in enumerate(allowed)]
    return _with_argument(number, argument, b"".join([*values, _fail(error)]))


def _unless(number: int, argument: int, denied: tuple[int, ...]) -> bytes:
    """Allow a call, unless one of its arguments is one of some values."""
    return _with_argument(number, argument, _rules(denied, EPERM))


def _with_argument(number: int, argument: int, tests: bytes) -> bytes:
    # The lower half of an argument: every one that is looked at is an int to the kernel.
    load = _op(_LOAD, _ARGUMENT_AT + 8 * argument)
    return _op(_EQUAL, number, 0, 2 + len(tests) // 8) + load + tests + _op(_LOAD, _NUMBER_AT)
