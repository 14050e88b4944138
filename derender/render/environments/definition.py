"""What an environment is to hold, as a folder says it.

::

    my-env/
      requirements.txt     what to install, as pip reads it
      lock.txt             the same resolved: every package with version and hashes; optional
      environment.toml     name, about, python, promises; optional
"""

import hashlib
import platform
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from derender.core import UserError

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
"""Interpreters the workers run on."""
_BROUGHT = Path(__file__).absolute().parent
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_DECISIVE = (".txt", ".toml", ".whl", ".gz", ".zip")


@dataclass(frozen=True, slots=True)
class Definition:
    """What an environment is to hold.

    Attributes:
        name: what users will call it.
        folder: where it is written down.
        about: a few words for people.
        pythons: versions of Python it may be built with, as ``3.11``.
        promises: import names that programs may count on.
        digest: of everything in the folder that decides what is installed, and of the kind of machine.
    """

    name: str
    folder: Path
    about: str
    pythons: tuple[str, ...]
    promises: frozenset[str]
    digest: str

    @property
    def source(self) -> str:
        """What `derender setup` is asked for, after ``env:``: its name where derender brings it, else its folder."""
        return self.name if self.folder.parent == _BROUGHT else str(self.folder)

    @property
    def requirements(self) -> Path:
        """The file to install from: the lock where there is one."""
        lock = self.folder / "lock.txt"
        return lock if lock.exists() else self.folder / "requirements.txt"

    @property
    def locked(self) -> bool:
        """Whether every package is named with its hashes."""
        return self.requirements.name == "lock.txt"

    @classmethod
    def of_folder(cls, folder: Path) -> "Definition":
        """The environment that a folder describes.

        Raises:
            UserError: it holds no requirements, or its ``environment.toml`` can't be used.
        """
        folder = folder.absolute()
        if not folder.is_dir():
            raise UserError(f"{folder}: no such folder")
        if not (folder / "requirements.txt").is_file() and not (folder / "lock.txt").is_file():
            raise UserError(f"{folder}: an environment's folder must hold a requirements.txt")
        about = _About.of_file(folder / "environment.toml")
        name = about.name or folder.name
        if not _NAME.fullmatch(name):
            raise UserError(f"{name!r} can't name an environment: use letters, digits, dots, dashes and underscores")
        return cls(name, folder, about.about, about.pythons, about.promises, _digest(folder))


@cache
def built_in() -> dict[str, Definition]:
    """The environments that derender brings, by name."""
    folders = (entry for entry in _BROUGHT.iterdir() if (entry / "environment.toml").is_file())
    return {folder.name: Definition.of_folder(folder) for folder in sorted(folders)}


@dataclass(frozen=True, slots=True)
class _About:
    name: str | None = None
    about: str = ""
    pythons: tuple[str, ...] = PYTHONS
    promises: frozenset[str] = frozenset()

    @classmethod
    def of_file(cls, path: Path) -> "_About":
        if not path.exists():
            return cls()
        try:
            table = tomllib.loads(path.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise UserError(f"{path}: can't be read ({error})") from None
        if unknown := set(table) - {"name", "about", "python", "promises"}:
            raise UserError(f"{path}: unknown setting {', '.join(sorted(unknown))}: use name, about, python, promises")
        pythons = _texts(path, table, "python") or PYTHONS
        if not set(pythons) <= set(PYTHONS):
            raise UserError(f"{path}: python must list some of {', '.join(PYTHONS)}, not {', '.join(pythons)}")
        return cls(
            _text(path, table, "name"),
            _text(path, table, "about") or "",
            pythons,
            frozenset(_texts(path, table, "promises")),
        )


def _text(path: Path, table: dict[str, object], key: str) -> str | None:
    value = table.get(key)
    if value is not None and not isinstance(value, str):
        raise UserError(f"{path}: {key} must be a text, not {value!r}")
    return value


def _texts(path: Path, table: dict[str, object], key: str) -> tuple[str, ...]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise UserError(f"{path}: {key} must be a list of texts, not {value!r}")
    return tuple(value)


def _digest(folder: Path) -> str:
    digest = hashlib.sha256(f"{platform.machine()} {platform.libc_ver()[0]}".encode())
    for path in sorted(folder.iterdir()):
        if path.suffix in _DECISIVE and path.is_file():
            digest.update(f"\n{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}".encode())
    return digest.hexdigest()[:16]
