"""One module per language: which worker draws it, and what its pictures depend on.

A new language is one new module here that defines `RENDERER`.
"""

import importlib
import pkgutil
from functools import cache
from typing import Protocol, runtime_checkable

from derender.core import Failure, FailureKind, Language, Program, UnknownName
from derender.render.jobs import Job
from derender.render.options import Isolation, RenderOptions
from derender.render.workers import WorkerSpec


class Renderer(Protocol):
    """Knows one language."""

    language: Language
    traces: tuple[str, ...]
    """What a run can be asked to tell beside its pictures."""

    def worker(self, program: Program, options: RenderOptions, isolation: Isolation) -> WorkerSpec:
        """The worker that runs this program."""
        ...

    def job(self, program: Program, options: RenderOptions) -> Job:
        """What the worker is asked to do."""
        ...

    def fingerprint(self, program: Program, options: RenderOptions) -> dict[str, str]:
        """Everything but the program and the options that can change a pixel; cheap, starts nothing slow."""
        ...

    def missing(self) -> tuple[str, ...]:
        """Names of what must be installed before this works here (keys of `derender.render.needs.NEEDS`)."""
        ...

    def promised(self, module: str) -> bool:
        """Whether programs may count on a module, so that its absence is our fault."""
        ...


@runtime_checkable
class HasEnvironments(Protocol):
    """A renderer whose programs count on a set of packages."""

    def within(self, environment: str) -> "Renderer | Failure":
        """The renderer of a named environment, or why there is none here.

        Raises:
            UnknownName: there is no such environment.
        """
        ...


def choose(program: Program, options: RenderOptions) -> Renderer | Failure:
    """What draws a program where it is to be drawn, or why nothing does here.

    Raises:
        UnknownName: the environment asked for is none, or the trace.
    """
    renderer = renderers().get(program.language)
    if renderer is None:
        return Failure(FailureKind.RENDERER_ABSENT, f"there is no renderer for {program.language} yet")
    if options.trace is not None and options.trace not in renderer.traces:
        raise UnknownName(f"{program.language} trace", options.trace, renderer.traces or ("none",))
    wanted = options.environment or program.environment
    return renderer.within(wanted) if wanted and isinstance(renderer, HasEnvironments) else renderer


@cache
def renderers() -> dict[Language, Renderer]:
    """Every renderer there is, by language."""
    found: dict[Language, Renderer] = {}
    for module in pkgutil.iter_modules(__path__):
        if module.name.startswith("_"):
            continue
        renderer: Renderer = importlib.import_module(f"{__name__}.{module.name}").RENDERER
        found[renderer.language] = renderer
    return found
