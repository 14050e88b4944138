"""The environments of Python programs, for the commands that list, build and choose them."""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from derender.core import DerenderError

from ._exits import complain
from ._output import style

if TYPE_CHECKING:
    from derender.render.environments import Definition

PREFIX = "env:"
"""What the name of an environment begins with where other parts of the machine are named too."""

EnvironmentName = Annotated[
    str | None,
    typer.Option(
        "--environment",
        "-e",
        metavar="NAME",
        help="Set of packages that Python programs run in: default, py2024, vision2code or one of your own.",
    ),
]


@dataclass(frozen=True, slots=True)
class Part:
    """Something that `derender setup` tells of.

    Attributes:
        name: what it is asked for by.
        present: whether it is there.
        installed: whether it came just now.
        install: the command that brings it.
        about: a few words.
    """

    name: str
    present: bool
    installed: bool
    install: str
    about: str = ""


def checked(name: str | None) -> str | None:
    """The name of an environment, if there is one of that name, or none is named.

    Raises:
        UserError: there is no such environment.
    """
    from derender.render.environments import find

    return None if name is None else find(name).name


def meant_environments(names: Iterable[str]) -> "list[Definition]":
    """What is to be built, of names with the prefix.

    Raises:
        UserError: a name is none, or a folder describes no environment.
    """
    from derender.render.environments import definition_of

    return [definition_of(name.removeprefix(PREFIX)) for name in dict.fromkeys(names)]


def brought(definition: "Definition", *, dry_run: bool) -> Part:
    """The environment of a definition, built now where it is not there yet and may be."""
    from derender.render.environments import built_from

    before = built_from(definition) is not None
    present = before if dry_run else _build(definition)
    name = f"{PREFIX}{definition.name}"
    return Part(name, present, present and not before, f"derender setup {PREFIX}{definition.source}", definition.about)


def environment_parts() -> list[Part]:
    """Every environment that can be built, as it stands."""
    from derender.render.environments import DEFAULT, shelved

    others = [each for each in shelved().values() if each.name != DEFAULT]
    return [
        Part(
            f"{PREFIX}{each.name}",
            each.environment() is not None,
            installed=False,
            install=each.install,
            about=each.about,
        )
        for each in others
    ]


def _build(definition: "Definition") -> bool:
    """Build one and say how it goes on standard error; whether it is there now."""
    from derender.render.environments import build

    def tell(line: str) -> None:
        print(style(f"{PREFIX}{definition.name}: {line}", sys.stderr, dim=True), file=sys.stderr, flush=True)

    try:
        build(definition, tell)
    except DerenderError as error:
        complain(str(error))
        return False
    return True
