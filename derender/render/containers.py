"""The outer wall around a worker: bubblewrap with nothing in it but the system, the interpreter and the worker's code.

Inside it a worker builds walls of its own for every program. Where bubblewrap is absent, or the machine denies it what
it needs, those stand alone.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .worker.obstacles import Obstacle, bubblewrap_fails, namespaces_denied, no_bubblewrap
from .worker.sandbox import PREFIX_PARTS

SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/lib32")
"""Folders every program needs to run at all."""
SETTINGS = (
    "/etc/fonts",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/alternatives",
    "/etc/localtime",
    "/etc/mime.types",
    "/etc/nsswitch.conf",
)
"""The few settings that renderers read; passwords, host names and certificates are not among them."""


@dataclass(frozen=True, slots=True)
class Mounts:
    """What a container may see beside the system.

    Attributes:
        read: folders shown read-only at their own path; of an interpreter's, only what belongs to it.
        place: host folder → path inside, read-only.
        write: host folder → path inside, writable.
    """

    read: Sequence[Path] = ()
    place: Mapping[Path, str] | None = None
    write: Mapping[Path, str] | None = None


@cache
def bubblewrap() -> str | None:
    """Path of a bubblewrap that works here with all namespaces unshared, or None."""
    return shutil.which("bwrap") if bubblewrap_obstacle() is None else None


@cache
def bubblewrap_obstacle() -> Obstacle | None:
    """Why bubblewrap can't make containers here; None where it can."""
    found = shutil.which("bwrap")
    if found is None:
        return no_bubblewrap() if _gives_namespaces() else namespaces_denied()
    probe = [found, "--unshare-all", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "true"]
    try:
        done = subprocess.run(probe, capture_output=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return bubblewrap_fails(str(error))
    return None if done.returncode == 0 else bubblewrap_fails(done.stderr.decode("utf-8", "replace"))


def barred_folder(path: Path) -> Path | None:
    """The folder that keeps a process of this user without privileges from a path; None where it can be reached.

    Programs of root have none of its privileges: a home that is closed to all but its owner is closed to them.
    """
    user, groups = os.geteuid(), {os.getegid(), *os.getgroups()}
    for folder in [*reversed(path.parents), *reversed(Path(os.path.realpath(path)).parents)]:
        found = folder.stat()
        needed = 0o100 if found.st_uid == user else 0o010 if found.st_gid in groups else 0o001
        if not found.st_mode & needed:
            return folder
    return None


def _gives_namespaces() -> bool:
    """Whether bubblewrap could do its work if it were here; to say that it is missing would mislead where not."""
    ask = "import ctypes, sys; sys.exit(ctypes.CDLL(None).unshare(0x10020000) and ctypes.CDLL(None).unshare(0x20000))"
    return subprocess.run([sys.executable, "-ISc", ask], capture_output=True, check=False).returncode == 0


def wrap(bwrap: str, argv: Sequence[str], mounts: Mounts, environment: Mapping[str, str]) -> list[str]:
    """The command that runs ``argv`` inside a container of its own; open descriptors are passed on."""
    command = [bwrap, "--unshare-all", "--new-session", "--clearenv", "--hostname", "derender"]
    for name, value in environment.items():
        command += ["--setenv", name, value]
    for folder in SYSTEM:
        command += _system_mount(Path(folder))
    for setting in SETTINGS:
        command += ["--ro-bind-try", setting, setting]
    command += ["--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp", "--tmpfs", "/dev/shm"]
    for path in (part for folder in mounts.read for part in _parts(folder)):
        if not _covered(path):
            command += ["--ro-bind", str(path), str(path)]
    for host, inside in (mounts.place or {}).items():
        command += ["--ro-bind", str(host), inside]
    for host, inside in (mounts.write or {}).items():
        command += ["--bind", str(host), inside]
    return [*command, "--chdir", "/tmp", "--", *argv]


def _parts(folder: Path) -> list[Path]:
    """What of a folder is shown: of one that an interpreter is installed in, its parts; people keep more there."""
    if not ((folder / "bin").is_dir() and (folder / "lib").is_dir()):
        return [folder]
    return [part for part in (folder / name for name in PREFIX_PARTS) if part.exists()]


def _system_mount(folder: Path) -> list[str]:
    if folder.is_symlink():
        return ["--symlink", str(folder.readlink()), str(folder)]
    return ["--ro-bind", str(folder), str(folder)] if folder.exists() else []


def _covered(path: Path) -> bool:
    return any(path.is_relative_to(folder) for folder in SYSTEM)
