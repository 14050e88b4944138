"""Finding an interpreter that an environment can be built with."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from derender.core import InfraError

_PROBE = "import sys, venv, ctypes; print('%d.%d' % sys.version_info[:2])"


def find_python(pythons: tuple[str, ...], name: str) -> Path:
    """An interpreter of one of the versions: the one that runs derender where it will do, else another of the machine.

    Args:
        pythons: the versions, as ``3.11``.
        name: the environment, for the message.

    Raises:
        InfraError: there is none.
    """
    mine = "{}.{}".format(*sys.version_info)
    if mine in pythons and sys.executable:
        return Path(sys.executable)
    for version in pythons:
        for candidate in _candidates(version):
            if _version(candidate) == version:
                return candidate
    wanted = " or ".join(pythons)
    raise InfraError(
        f"the environment {name} needs Python {wanted}, derender runs on {mine} and no other is on this machine: "
        f"run `apt-get install python{pythons[0]} python{pythons[0]}-venv` or `uv python install {pythons[0]}`"
    )


def _candidates(version: str) -> Iterator[Path]:
    for folder in os.get_exec_path():
        yield Path(folder, f"python{version}")
    roots = (os.environ.get("PYENV_ROOT"), os.path.expanduser("~/.pyenv"))
    for root in filter(None, roots):
        yield from sorted(Path(root).glob(f"versions/{version}*/bin/python{version}"), reverse=True)
    if uv := find_uv():
        command = [uv, "python", "find", "--no-python-downloads", "--no-project", version]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode == 0 and done.stdout.strip():
            yield Path(done.stdout.strip())


def find_uv() -> str | None:
    """The uv beside this interpreter or on the PATH."""
    return shutil.which("uv", path=os.path.dirname(sys.executable)) or shutil.which("uv")


def _version(python: Path) -> str | None:
    """The version an interpreter says it has; None where it does not run, as pyenv's stand-ins often don't."""
    if not os.access(python, os.X_OK):
        return None
    try:
        done = subprocess.run([python, "-I", "-c", _PROBE], capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
