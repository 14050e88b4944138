"""Tracers: what a Python program's run is asked to tell beside its pictures.

A tracer is a module here with a class `Tracer`. It hooks what it must before the program begins, in the program's own
process, and says at its end what it saw. Whatever it says is the program's claim, for the program could have said it
itself.
"""

from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Protocol


class Tracer(Protocol):
    """Watches one run."""

    def install(self) -> None:
        """Put the hooks in place; the program has not begun."""

    def finish(self) -> dict[str, Any]:
        """What was seen, as plain JSON; the program has ended or failed, its figures are caught and still open."""


def names() -> tuple[str, ...]:
    """What there is."""
    return tuple(sorted(module.name for module in iter_modules(__path__)))


def load() -> None:
    """Import all tracers ahead, where nothing is in the way yet."""
    for name in names():
        import_module(f".{name}", __name__)


def begin(name: str) -> Tracer:
    """Put a tracer in place."""
    tracer: Tracer = import_module(f".{name}", __name__).Tracer()
    tracer.install()
    return tracer
