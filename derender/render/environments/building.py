"""Building an environment: whole, or not there.

A build is made where it will stay, as virtual environments hold their own path, and its marker is written last: what a
kill leaves behind has none and is removed by the next build. One process builds an environment at a time; the commands
it runs hold the lock too, so that none of a killed builder's is still writing when the next one begins.
"""

import contextlib
import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from derender.core import InfraError, UserError
from derender.core.pictures import write_whole

from .definition import Definition, built_in
from .environment import DEFAULT, Environment, content_of, editable_packages
from .installers import Installer
from .interpreters import find_python
from .shelf import MARKER, REGISTERED, built, find, place_of

Tell = Callable[[str], None]


def definition_of(source: str) -> Definition:
    """The definition that a user means by a name or by a folder's path.

    Raises:
        UserError: there is none of that name, the folder is none of an environment, or its name is taken.
    """
    if source in built_in():
        return built_in()[source]
    if not Path(source).is_dir() and "/" not in source:
        shelf = find(source)
        if shelf.name == DEFAULT:
            raise UserError("the environment default is the one derender is installed in: there is nothing to build")
        source = shelf.source
    definition = Definition.of_folder(Path(source))
    if definition.name in {DEFAULT, *built_in()}:
        raise UserError(f"{source}: the name {definition.name} is taken: set another in environment.toml")
    return definition


def build(definition: Definition, tell: Tell) -> Environment:
    """The environment of a definition, built now unless it is there already.

    Args:
        definition: what it is to hold.
        tell: takes a line of progress.

    Raises:
        InfraError: it can't be built; nothing of it is left.
        Missing: there is nothing to install with.
        UserError: what it asks for can't serve programs; there is no folder to build in.
    """
    place = place_of(definition.name)
    if place is None:
        raise UserError("there is no home folder to build environments in: set DERENDER_HOME to a folder")
    folder = place / definition.digest
    try:
        place.mkdir(parents=True, exist_ok=True)
        with _alone(place / "building.lock", tell) as lock:
            environment = built(folder) or _build_now(definition, folder, lock, tell)
            _register(definition, place)
            return environment
    except OSError as error:
        raise InfraError(f"{error.filename or place}: can't be written ({error.strerror or error})") from None


@contextlib.contextmanager
def _alone(path: Path, tell: Tell) -> Iterator[int]:
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            tell("waiting for another process that builds it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock
    finally:
        os.close(lock)


def _build_now(definition: Definition, folder: Path, lock: int, tell: Tell) -> Environment:
    _remove(folder)
    try:
        python = find_python(definition.pythons, definition.name)
        tell(f"with {python}, in {folder}")
        Installer(definition, folder, lock, tell).run(python)
        inner = folder / "bin" / "python"
        if linked := editable_packages(inner):
            raise UserError(f"{', '.join(linked)} is installed as a link (-e): programs can't read what lies outside")
        (folder / "lock.txt").write_text(_lock_of(definition, inner))
        facts = {
            "name": definition.name,
            "about": definition.about,
            "promises": sorted(definition.promises),
            "content": content_of(inner),
        }
        write_whole(folder / MARKER, json.dumps(facts).encode())
    except BaseException:
        _remove(folder)
        raise
    environment = built(folder)
    if environment is None:
        raise InfraError(f"the environment {definition.name} was built and can't be read back from {folder}")
    return environment


def _lock_of(definition: Definition, python: Path) -> str:
    """What is installed; the lock itself where there is one."""
    if definition.locked:
        return definition.requirements.read_text("utf-8")
    return "".join(f"{package}\n" for package in Environment(definition.name, python, frozenset()).packages)


def _register(definition: Definition, place: Path) -> None:
    """Let a user's own environment be found by its name from now on."""
    if definition.name in built_in():
        return
    facts = {"about": definition.about, "build": definition.digest, "source": definition.source}
    write_whole(place / REGISTERED, json.dumps(facts).encode())


def _remove(folder: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        # The marker first: what is half removed must not look whole.
        (folder / MARKER).unlink()
    shutil.rmtree(folder, ignore_errors=True)
