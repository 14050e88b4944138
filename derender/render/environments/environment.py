"""An interpreter with a known set of packages.

Workers are started with the environment's own interpreter, never with the caller's unless the two are one.
"""

import csv
import hashlib
import json
import os
import sys
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from derender.core import Missing

DEFAULT = "default"
"""The environment beside derender itself."""


@dataclass(frozen=True, slots=True)
class Environment:
    """A named set of packages under one interpreter.

    Attributes:
        name: what users call it.
        python: the interpreter, an absolute path.
        promises: import names that programs may count on; when one is absent the fault is ours.
        content: digest of every installed file, taken when it was built; empty for the default environment.
    """

    name: str
    python: Path
    promises: frozenset[str]
    content: str = ""

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
        """Installed distributions as ``name-version``, sorted; those from no index with a digest of their files."""
        return _packages(self.prefixes)

    @property
    def version(self) -> str:
        """The interpreter's, as ``python 3.11.7``."""
        return _version(self.prefixes)

    @property
    def plotly_script(self) -> Path | None:
        """The plotly.js that the environment's Plotly writes figures for."""
        found = (folder / "plotly/package_data/plotly.min.js" for folder in _site_folders(self.prefixes))
        return next((script for script in found if script.exists()), None)

    def fingerprint(self) -> str:
        """Name, interpreter version and a digest of every installed distribution."""
        digest = hashlib.sha256("\n".join((*self.packages, self.content)).strip().encode()).hexdigest()[:16]
        return f"{self.name} {self.version} {digest}"

    def missing_promises(self) -> tuple[str, ...]:
        """Promised modules that no installed folder can provide."""
        folders = [folder for folder in _site_folders(self.prefixes) if folder.is_dir()]
        names = {entry.name.split(".")[0] for folder in folders for entry in folder.iterdir()}
        return tuple(sorted(self.promises - names))


def content_of(python: Path) -> str:
    """Digest of every file that was installed into a virtual environment, wherever it lies."""
    lines = [line for dist in _distributions(_own(_prefixes(python))) for line in (dist.stem, *_files(dist))]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def editable_packages(python: Path) -> tuple[str, ...]:
    """Distributions that are links to folders outside, where no program can read them."""
    return tuple(dist.stem for dist in _distributions(_own(_prefixes(python))) if _origin(dist).get("editable"))


@cache
def _default(executable: str) -> Environment:
    if not executable:
        raise Missing("a Python interpreter", "apt-get install python3")
    listed = resources.files("derender.render.environments").joinpath("default.txt").read_text("utf-8")
    promises = frozenset(line for line in map(str.strip, listed.splitlines()) if line and not line.startswith("#"))
    return Environment(DEFAULT, Path(os.path.abspath(executable)), promises)


@cache
def _prefixes(python: Path) -> tuple[Path, ...]:
    # A venv's interpreter is a link into the base installation, possibly over several hops (pyenv, alternatives).
    venv = python.parent.parent
    real = Path(os.path.realpath(python)).parent.parent
    home = _setting(venv, "home")
    found = [venv] if (venv / "pyvenv.cfg").exists() else []
    if home:
        found.append(Path(os.path.realpath(home)).parent)
    found.append(real)
    return tuple(dict.fromkeys(found))


def _own(prefixes: tuple[Path, ...]) -> tuple[Path, ...]:
    """The folders that packages are installed in: a virtual environment sees none of its base's."""
    return prefixes[:1] if (prefixes[0] / "pyvenv.cfg").exists() else prefixes


def _site_folders(prefixes: tuple[Path, ...]) -> list[Path]:
    patterns = ("lib/python3*/site-packages", "lib/python3/dist-packages", "lib/python3*/dist-packages")
    return [folder for prefix in prefixes for pattern in patterns for folder in sorted(prefix.glob(pattern))]


def _distributions(prefixes: tuple[Path, ...]) -> list[Path]:
    return sorted(entry for folder in _site_folders(prefixes) for entry in folder.glob("*.dist-info"))


@cache
def _packages(prefixes: tuple[Path, ...]) -> tuple[str, ...]:
    return tuple(sorted({_label(dist) for dist in _distributions(_own(prefixes))}))


def _label(dist: Path) -> str:
    """A name and version say what a package from an index holds, and nothing about one from a folder or repository."""
    origin = _origin(dist)
    if not origin or origin.get("editable"):
        return dist.stem
    return f"{dist.stem} {hashlib.sha256(''.join(_files(dist)).encode()).hexdigest()[:16]}"


def _origin(dist: Path) -> dict[str, object]:
    """Where a distribution came from if from no index (PEP 610), with whether it is editable."""
    try:
        origin = json.loads((dist / "direct_url.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return {"url": origin.get("url"), "editable": origin.get("dir_info", {}).get("editable", False)}


def _files(dist: Path) -> list[str]:
    """``path hash`` of a distribution's own files; left out is what installers and folders differ in."""
    try:
        rows = list(csv.reader((dist / "RECORD").read_text("utf-8").splitlines()))
    except OSError:
        return []
    skipped = (f"{dist.name}/", "../", "/")
    return sorted(
        f"{row[0]} {row[1]}"
        for row in rows
        if len(row) > 1 and not row[0].startswith(skipped) and not row[0].endswith(".pyc")
    )


@cache
def _version(prefixes: tuple[Path, ...]) -> str:
    version = _setting(prefixes[0], "version") or _setting(prefixes[0], "version_info")
    return f"python {version or sys.version.split()[0]}"


def _setting(venv: Path, name: str) -> str | None:
    try:
        lines = (venv / "pyvenv.cfg").read_text("utf-8").splitlines()
    except OSError:
        return None
    pairs = (line.partition("=") for line in lines)
    return next((value.strip() for key, _, value in pairs if key.strip() == name), None)
