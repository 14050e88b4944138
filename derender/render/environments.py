"""The Python environments programs run in: an interpreter with a known set of packages.

Workers are started with the environment's own interpreter, never with the caller's unless the two are one.
"""

import hashlib
import os
import sys
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from derender.core import Missing


@dataclass(frozen=True, slots=True)
class Environment:
    """A named set of packages under one interpreter.

    Attributes:
        name: what users call it.
        python: the interpreter, an absolute path.
        promises: import names that programs may count on; when one is absent the fault is ours.
    """

    name: str
    python: Path
    promises: frozenset[str]

    @classmethod
    def default(cls) -> "Environment":
        """The environment beside derender itself: the interpreter that runs it."""
        return _default(sys.executable)

    @property
    def prefixes(self) -> tuple[Path, ...]:
        """Folders the interpreter needs to read: its own and its base installation."""
        return _prefixes(self.python)

    @property
    def packages(self) -> tuple[str, ...]:
        """Installed distributions as ``name-version``, sorted."""
        return _packages(self.prefixes)

    def fingerprint(self) -> str:
        """Name, interpreter version and a digest of every installed distribution."""
        digest = hashlib.sha256("\n".join(self.packages).encode()).hexdigest()[:16]
        return f"{self.name} {_version(self.prefixes)} {digest}"

    def missing_promises(self) -> tuple[str, ...]:
        """Promised modules that no installed folder can provide."""
        folders = [folder for folder in _site_folders(self.prefixes) if folder.is_dir()]
        names = {entry.name.split(".")[0] for folder in folders for entry in folder.iterdir()}
        return tuple(sorted(self.promises - names))


@cache
def _default(executable: str) -> Environment:
    if not executable:
        raise Missing("a Python interpreter", "apt-get install python3")
    listed = resources.files("derender.render").joinpath("environments.txt").read_text("utf-8")
    promises = frozenset(line for line in map(str.strip, listed.splitlines()) if line and not line.startswith("#"))
    return Environment("default", Path(os.path.abspath(executable)), promises)


@cache
def _prefixes(python: Path) -> tuple[Path, ...]:
    # A venv's interpreter is a link into the base installation, possibly over several hops (pyenv, alternatives).
    venv = python.parent.parent
    real = Path(os.path.realpath(python)).parent.parent
    found = [venv] if (venv / "pyvenv.cfg").exists() else []
    config = venv / "pyvenv.cfg"
    if config.exists():
        for line in config.read_text("utf-8").splitlines():
            key, _, value = line.partition("=")
            if key.strip() == "home":
                found.append(Path(os.path.realpath(value.strip())).parent)
    found.append(real)
    return tuple(dict.fromkeys(found))


def _site_folders(prefixes: tuple[Path, ...]) -> list[Path]:
    patterns = ("lib/python3*/site-packages", "lib/python3/dist-packages", "lib/python3*/dist-packages")
    return [folder for prefix in prefixes for pattern in patterns for folder in sorted(prefix.glob(pattern))]


@cache
def _packages(prefixes: tuple[Path, ...]) -> tuple[str, ...]:
    venv = prefixes[:1] if (prefixes[0] / "pyvenv.cfg").exists() else prefixes
    names = {entry.stem for folder in _site_folders(venv) for entry in folder.glob("*.dist-info")}
    return tuple(sorted(names))


@cache
def _version(prefixes: tuple[Path, ...]) -> str:
    config = prefixes[0] / "pyvenv.cfg"
    if config.exists():
        for line in config.read_text("utf-8").splitlines():
            key, _, value = line.partition("=")
            if key.strip() in {"version", "version_info"}:
                return f"python {value.strip()}"
    return f"python {sys.version.split()[0]}"
