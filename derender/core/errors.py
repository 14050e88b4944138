"""What can go wrong before or around a rendering.

::

    DerenderError            anything derender raises on purpose
    ├── UserError            the caller asked for something that can't be: one sentence, exit code 2
    │   ├── UnknownLanguage
    │   ├── UnknownName      a metric, model, renderer or setting nobody registered
    │   └── BadPicture       a file that is no usable picture
    ├── NoProgram            a reply that holds no program
    ├── Missing              a package or system program is absent; says what to install
    └── InfraError           the machine failed us (worker lost, disk full): never scorable

A program that fails while it is rendered raises nothing: its `Rendering` carries a `Failure`.
"""

from collections.abc import Iterable
from difflib import get_close_matches

_MANY = 20


class DerenderError(Exception):
    """Root of everything derender raises on purpose."""


class UserError(DerenderError):
    """The caller asked for something that can't be done; the message is one sentence for a person."""


class UnknownName(UserError):
    """A name that no registry holds; says which there are, or, of a great many, which are like it."""

    def __init__(self, what: str, name: str, known: Iterable[str]) -> None:
        names = sorted(known)
        alike = get_close_matches(name, names) if len(names) > _MANY else []
        others = f" or {len(names) - len(alike)} others" if alike else ""
        super().__init__(f"unknown {what} {name!r}: use one of {', '.join(alike or names)}{others}")


class UnknownLanguage(UnknownName):
    """A language name that means none of ours."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__("language", name, known)


class BadPicture(UserError):
    """A file that is no usable picture."""


class NoProgram(DerenderError):
    """A model's reply that holds no program."""


class Missing(DerenderError):
    """Something that must be installed first.

    Attributes:
        what: the absent package or program.
        install: the command that brings it.
    """

    def __init__(self, what: str, install: str) -> None:
        super().__init__(f"{what} is not installed: run `{install}`")
        self.what = what
        self.install = install


class InfraError(DerenderError):
    """The machine failed us, not the program; never scorable."""
