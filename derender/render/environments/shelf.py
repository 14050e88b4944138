"""The environments that can be asked for by name, and where they are built.

::

    <data folder>/environments/py2024/
      4f0c…/                            one build: a virtual environment
        derender-environment.json       written last: what says that the build is whole
        lock.txt                        what it holds
      registered.json                   only of a user's own: which build the name means
      building.lock                     held by whoever builds
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from derender.core import UnknownName

from .definition import Definition, built_in
from .environment import DEFAULT, Environment

MARKER = "derender-environment.json"
REGISTERED = "registered.json"


@dataclass(frozen=True, slots=True)
class Shelved:
    """An environment that can be asked for by name, built or not.

    Attributes:
        name: what users call it.
        about: a few words for people.
        build: the folder it is built in; None for the default environment, or where there is no place to build.
        source: what `derender setup` is asked for, after ``env:``.
    """

    name: str
    about: str
    build: Path | None
    source: str

    @property
    def install(self) -> str:
        """The command that builds it."""
        return f"derender setup env:{self.source}"

    def environment(self) -> Environment | None:
        """The environment, or None where it is not built, or not wholly."""
        if self.name == DEFAULT:
            return Environment.default()
        return None if self.build is None else built(self.build)


def shelved() -> dict[str, Shelved]:
    """Every environment there is, by name."""
    own = data_folder()
    registered = own.glob(f"environments/*/{REGISTERED}") if own else ()
    names = [DEFAULT, *built_in(), *sorted(path.parent.name for path in registered)]
    return {name: shelf for name in names if (shelf := _find(name))}


def find(name: str) -> Shelved:
    """The environment of a name, built or not.

    Raises:
        UnknownName: there is none of that name.
    """
    found = _find(name)
    if found is None:
        raise UnknownName("environment", name, shelved())
    return found


def data_folder() -> Path | None:
    """``$DERENDER_HOME``, else ``derender`` in the user's data folder; None for a user without a home."""
    if chosen := os.environ.get("DERENDER_HOME"):
        return Path(chosen).absolute()
    if base := os.environ.get("XDG_DATA_HOME"):
        return Path(base).absolute() / "derender"
    try:
        return Path.home() / ".local" / "share" / "derender"
    except RuntimeError:
        return None


def place_of(name: str) -> Path | None:
    """The folder of all builds of an environment."""
    own = data_folder()
    return own / "environments" / name if own else None


def built(build: Path) -> Environment | None:
    """The environment in a folder, if it is whole and its interpreter still there."""
    facts = _read(build / MARKER)
    python = build / "bin" / "python"
    if facts is None or not os.access(python, os.X_OK):
        return None
    return Environment(str(facts["name"]), python, frozenset(map(str, facts["promises"])), str(facts["content"]))


def built_from(definition: Definition) -> Environment | None:
    """The environment of a definition, if it is built as that now reads."""
    place = place_of(definition.name)
    return None if place is None else built(place / definition.digest)


def _find(name: str) -> Shelved | None:
    if name == DEFAULT:
        return Shelved(DEFAULT, "beside derender itself", None, DEFAULT)
    place = place_of(name)
    if definition := built_in().get(name):
        return _of_definition(definition, place)
    if place is None or "/" in name or name in {"", ".", ".."}:
        return None
    facts = _read(place / REGISTERED)
    return (
        None if facts is None else Shelved(name, str(facts["about"]), place / str(facts["build"]), str(facts["source"]))
    )


def _of_definition(definition: Definition, place: Path | None) -> Shelved:
    return Shelved(definition.name, definition.about, place and place / definition.digest, definition.source)


def _read(path: Path) -> dict[str, list[object] | str] | None:
    try:
        facts: dict[str, list[object] | str] = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return facts
