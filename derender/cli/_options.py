"""Options that several commands share, and the engine that they describe."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from derender.core import UnknownName, UserError

if TYPE_CHECKING:
    from derender.render import Engine, Limits

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object per line, with absolute paths.")]
OutputFolder = Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="Folder for what is made.")]
Jobs = Annotated[
    int | None,
    typer.Option("--jobs", "-j", metavar="N", help="Items worked on at once; as many as there are cores by default."),
]
Timeout = Annotated[float | None, typer.Option(metavar="S", help="Seconds a program may run; 30 by default.")]
Isolation = Annotated[
    str,
    typer.Option(
        metavar="strict|weak", help="How programs must be contained; weak runs them where the machine offers less."
    ),
]
NoCache = Annotated[bool, typer.Option("--no-cache", help="Render anew; neither use nor keep renderings.")]


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """How the user wants programs to be run.

    Raises:
        UserError: there is no such kind of isolation, or too few jobs.
    """

    jobs: int | None = None
    timeout_s: float | None = None
    isolation: str = "strict"
    cache: bool = True

    def __post_init__(self) -> None:
        from derender.render import Isolation as Containment

        if self.jobs is not None and self.jobs < 1:
            raise UserError(f"--jobs must be at least 1, not {self.jobs}")
        if self.isolation not in set(Containment):
            raise UnknownName("isolation", self.isolation, set(Containment))

    def engine(self) -> "Engine":
        """An engine of that kind."""
        from derender.render import Engine

        return Engine(jobs=self.jobs, cache=self.cache, isolation=self.isolation)

    def limits(self) -> "Limits":
        """What a program may use."""
        from derender.render import Limits

        return Limits() if self.timeout_s is None else Limits.of_timeout(self.timeout_s)


def parse_size(text: str | None) -> tuple[int | None, int | None]:
    """Width and height out of ``800x600``, ``800x`` or ``x600``.

    Raises:
        UserError: the text is no size.
    """
    if text is None:
        return None, None
    width, cross, height = text.lower().replace("×", "x").partition("x")
    sides = [side.strip() for side in (width, height)]
    if not cross or not any(sides) or not all(side.isascii() and side.isdigit() for side in sides if side):
        raise UserError(f"--size must look like 800x600, 800x or x600, not {text!r}")
    first, second = (int(side) if side else None for side in sides)
    return first, second


def split_names(values: list[str] | None) -> list[str]:
    """Names given as ``a,b`` or by repeating the option, each once."""
    names = (name.strip() for value in values or () for name in value.split(","))
    return list(dict.fromkeys(name for name in names if name))
