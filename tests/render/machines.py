"""Other people's machines, made out of this one: runs a command as it would find itself there.

``python machines.py docker -- python script.py`` starts the command with a container's user, capabilities, mounts and
system-call filter. Everything is done to this process alone, then the command takes its place. Works for root and for
an ordinary user who may make user namespaces; `possible` tells.
"""

import ctypes
import hashlib
import json
import os
import platform
import shutil
import struct
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from errno import EACCES, ENOSYS, EPERM
from pathlib import Path

_libc = ctypes.CDLL(None, use_errno=True)
_NEWNS, _NEWUSER = 0x00020000, 0x10000000
_ANY_NAMESPACE = 0x7E020080
_BIND, _REC, _PRIVATE, _RDONLY, _NOSUID, _NODEV = 1 << 12, 1 << 14, 1 << 18, 1, 2, 4
_ATTR_RDONLY, _ATTR_NOEXEC, _RECURSIVE = 1, 8, 0x8000
_SECCOMP, _NO_NEW_PRIVS, _BOUNDING_DROP = 22, 38, 24
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000

# Names of system calls and their numbers on x86-64 and on 64-bit ARM.
_CALLS = {
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "unshare": (272, 97),
    "setns": (308, 268),
    "clone": (56, 220),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "userfaultfd": (323, 282),
    "open_by_handle_at": (304, 265),
    "syslog": (103, 116),
    "clone3": (435, 435),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "landlock_create_ruleset": (444, 444),
    "landlock_add_rule": (445, 445),
    "landlock_restrict_self": (446, 446),
    "io_uring_setup": (425, 425),
}
_NEEDS_ADMIN = (
    *("mount", "umount2", "pivot_root", "unshare", "setns", "bpf", "perf_event_open", "keyctl", "add_key"),
    *("request_key", "userfaultfd", "open_by_handle_at", "syslog", "open_tree", "move_mount", "fsopen", "fsconfig"),
    *("fsmount", "fspick", "mount_setattr", "io_uring_setup"),
)
_LANDLOCK = ("landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self")
_DOCKER_CAPABILITIES = frozenset({0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 27, 29, 31})
_NO_CAPABILITIES: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Machine:
    """What is special about a machine.

    Attributes:
        uid: the user number there.
        capabilities: those that are left; None for all of them.
        user_namespaces: whether more of them may be made.
        denied: system calls and the error they fail with; ``clone`` fails where it asks for namespaces.
        masked: whether parts of /proc are hidden, and /sys can't be written, as in containers.
        read_only: whether no file system can be written, but ``$TMPDIR`` where that is given.
        tmp: what ``/tmp`` is like: ``ro`` or ``noexec``.
        shared_memory_mb: the size of ``/dev/shm``; None leaves it.
        environment: variables to set, or to take away (None).
    """

    uid: int = 1000
    capabilities: frozenset[int] | None = _NO_CAPABILITIES
    user_namespaces: bool = True
    denied: Mapping[str, int] = field(default_factory=dict)
    masked: bool = False
    read_only: bool = False
    tmp: str | None = None
    shared_memory_mb: int | None = None
    environment: Mapping[str, str | None] = field(default_factory=dict)


_CONTAINER = {**dict.fromkeys((*_NEEDS_ADMIN, "clone"), EPERM), "clone3": ENOSYS}
_HOMELESS: dict[str, str | None] = dict.fromkeys(("HOME", "USER", "LOGNAME", "XDG_CACHE_HOME"))

MACHINES = {
    "user": Machine(),
    "root": Machine(uid=0, capabilities=None),
    "root-without-user-namespaces": Machine(uid=0, capabilities=None, user_namespaces=False),
    "user-without-user-namespaces": Machine(user_namespaces=False),
    "user-whose-mounts-are-denied": Machine(denied={"mount": EACCES, "move_mount": EACCES}),
    "docker": Machine(uid=0, capabilities=_DOCKER_CAPABILITIES, denied=_CONTAINER, masked=True, shared_memory_mb=64),
    "podman": Machine(uid=0, capabilities=None, masked=True, shared_memory_mb=64),
    "kubernetes": Machine(
        uid=65_533,
        denied=_CONTAINER,
        masked=True,
        read_only=True,
        shared_memory_mb=64,
        environment={**_HOMELESS, "DERENDER_CACHE": None},
    ),
    "no-landlock": Machine(denied=dict.fromkeys(_LANDLOCK, ENOSYS)),
    "container-without-landlock": Machine(
        uid=0, capabilities=_DOCKER_CAPABILITIES, denied={**_CONTAINER, **dict.fromkeys(_LANDLOCK, EPERM)}, masked=True
    ),
    "noexec-tmp": Machine(tmp="noexec"),
    "read-only-tmp": Machine(tmp="ro", environment=_HOMELESS),
}


def possible() -> bool:
    """Whether machines can be made out of this one."""
    probe = subprocess.run([sys.executable, __file__, "root", "--", "true"], capture_output=True, check=False)
    return probe.returncode == 0


def command(machine: str, argv: Sequence[str]) -> list[str]:
    """The command that runs another one on a machine."""
    return [sys.executable, __file__, machine, "--", *argv]


def become(machine: Machine) -> None:
    """Turn this process into one that lives on the machine, for good."""
    _move_in(machine.uid)
    if not machine.user_namespaces:
        Path("/proc/sys/user/max_user_namespaces").write_text("0")
    _arrange_mounts(machine)
    _drop_capabilities(machine.capabilities)
    if machine.denied:
        _filter_calls(machine.denied)
    for name, value in machine.environment.items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value


def _move_in(uid: int) -> None:
    user, group = os.geteuid(), os.getegid()
    _checked(_libc.unshare(_NEWUSER | _NEWNS), "unshare")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{uid} {group} 1")
    _mount("none", "/", None, _REC | _PRIVATE)


def _arrange_mounts(machine: Machine) -> None:
    if machine.masked:
        for file in filter(os.path.exists, ("/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/sched_debug")):
            _mount("/dev/null", file, None, _BIND)
        for folder in filter(os.path.isdir, ("/proc/acpi", "/proc/scsi", "/sys/firmware")):
            _mount("none", folder, "tmpfs", _RDONLY)
        for folder in ("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys"):
            _bind_again(folder, _ATTR_RDONLY)
        _attributes("/sys", _ATTR_RDONLY)
    if machine.shared_memory_mb is not None:
        _mount("shm", "/dev/shm", "tmpfs", _NOSUID | _NODEV, f"size={machine.shared_memory_mb}m")
        _mount("none", "/dev/pts", "tmpfs", _RDONLY)
    if machine.tmp:
        _bind_again("/tmp", {"ro": _ATTR_RDONLY, "noexec": _ATTR_NOEXEC}[machine.tmp])
    if machine.tmp == "ro" or machine.read_only:
        _make_read_only("/" if machine.read_only else "/var/tmp")


def _make_read_only(folder: str) -> None:
    kept = os.environ.get("TMPDIR")
    if folder != "/":
        _mount(folder, folder, None, _BIND | _REC)
    _attributes(folder, _ATTR_RDONLY)
    if kept:
        _mount("none", kept, "tmpfs", _NOSUID | _NODEV, "mode=1777")


def _drop_capabilities(kept: frozenset[int] | None) -> None:
    if kept is None:
        return
    for number in range(41):
        if number not in kept:
            _libc.prctl(_BOUNDING_DROP, ctypes.c_ulong(number), 0, 0, 0)
    low, high = (sum(1 << number - base for number in kept if base <= number < base + 32) for base in (0, 32))
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    data = (ctypes.c_uint32 * 6)(low, low, 0, high, high, 0)
    _checked(_libc.capset(header, data), "capset")


class _Filter(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_char_p)]


def _filter_calls(denied: Mapping[str, int]) -> None:
    column = 0 if platform.machine() == "x86_64" else 1
    parts = [_op(0x20, 0)]
    for name, error in denied.items():
        if name == "clone":
            test = _op(0x20, 16) + _op(0x45, _ANY_NAMESPACE, 0, 1) + _op(0x06, _ERRNO | error) + _op(0x20, 0)
            parts.append(_op(0x15, _CALLS[name][column], 0, 4) + test)
        else:
            parts.append(_op(0x15, _CALLS[name][column], 0, 1) + _op(0x06, _ERRNO | error))
    code = b"".join([*parts, _op(0x06, _ALLOW)])
    _checked(_libc.prctl(_NO_NEW_PRIVS, ctypes.c_ulong(1), 0, 0, 0), "no_new_privs")
    holder = _Filter(len(code) // 8, code)
    _checked(_libc.prctl(_SECCOMP, ctypes.c_ulong(2), ctypes.byref(holder), 0, 0), "seccomp")


def _op(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("=HBBI", code, yes, no, value)


def _bind_again(folder: str, attributes: int) -> None:
    if os.path.isdir(folder):
        _mount(folder, folder, None, _BIND | _REC)
        _attributes(folder, attributes)


def _attributes(folder: str, attributes: int) -> None:
    wanted = (ctypes.c_uint64 * 4)(attributes, 0, 0, 0)
    result = _libc.syscall(
        ctypes.c_long(442), -100, folder.encode(), ctypes.c_uint(_RECURSIVE), wanted, ctypes.c_size_t(32)
    )
    _checked(result, f"mount_setattr {folder}")


def _mount(source: str, target: str, kind: str | None, flags: int, options: str = "") -> None:
    name = kind.encode() if kind else None
    result = _libc.mount(source.encode(), target.encode(), name, ctypes.c_ulong(flags), options.encode())
    _checked(result, f"mount {source} {target}")


def _checked(result: int, what: str) -> None:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


VISITOR = """
import hashlib, json, os, sys
from derender.core import Program
from derender.render import Engine, Limits, RenderOptions

programs, isolation = json.loads(sys.argv[1]), sys.argv[2]
options = RenderOptions(limits=Limits(**json.loads(sys.argv[3])))
with Engine(jobs=1, cache=False, isolation=isolation) as engine:
    for name, (language, source) in programs.items():
        rendering = engine.render(Program(source, language), options)
        failure = rendering.failure
        print(json.dumps({
            "name": name,
            "picture": hashlib.sha256(rendering.picture.png).hexdigest() if rendering.picture else None,
            "texts": rendering.picture.texts if rendering.picture else [],
            "kind": failure and failure.kind, "message": failure and failure.message,
            "isolation": rendering.isolation,
        }), flush=True)
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of one program on a machine."""

    picture: str | None
    kind: str | None
    message: str | None
    isolation: tuple[str, ...]
    texts: tuple[str, ...]


def visit(
    machine: str,
    programs: Mapping[str, tuple[str, str]],
    *,
    isolation: str = "strict",
    limits: Mapping[str, int] | None = None,
    python: str = sys.executable,
    **environment: str,
) -> dict[str, Seen]:
    """Render programs, given as language and source, on a machine."""
    argv = [python, "-c", VISITOR, json.dumps(programs), isolation, json.dumps(limits or {})]
    done = subprocess.run(
        command(machine, argv),
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    if done.returncode:
        raise RuntimeError(f"the visit to {machine} failed: {done.stderr[-3000:]}")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return {
        row["name"]: Seen(row["picture"], row["kind"], row["message"], tuple(row["isolation"]), tuple(row["texts"]))
        for row in rows
    }


def digest(png: bytes) -> str:
    """What a picture is compared by."""
    return hashlib.sha256(png).hexdigest()


def environment(place: Path, packages: Sequence[str]) -> Path:
    """A virtual environment with some of our packages, and a picture lying in it that is none of its own."""
    if not place.exists():
        venv.create(place, symlinks=True)
        site = next(place.glob("lib/python3*/site-packages"))
        for name in packages:
            found = Path(sysconfig.get_paths()["purelib"], name)
            if found.is_dir():
                shutil.copytree(found, site / name, copy_function=_link)
            elif found.exists():
                _link(str(found), str(site / name))
        (place / "reference.png").write_bytes(b"secret")
    return place / "bin" / "python"


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


if __name__ == "__main__":
    name, separator, *rest = sys.argv[1:]
    become(MACHINES[name])
    os.execvp(rest[0], rest)
