"""Pictures back into programs: convert them, render programs, score what came out.

::

    import derender

    made = derender.convert("chart.png", to="python")       # picture → program, its rendering and scores
    drawn = derender.render("plot.py")                       # program → pictures, or why there are none
    alike = derender.score("chart.png", drawn)               # picture, picture → numbers

Names are loaded when first used, so that ``import derender`` costs next to nothing.
"""

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from derender.core import Failure, FailureKind, Language, Program, Rendering
    from derender.metrics import score
    from derender.models import Conversion, convert
    from derender.render import Engine, Limits, RenderOptions, render, render_async, render_many, render_many_async

__version__ = "0.1.0"

__all__ = [
    "Conversion",
    "Engine",
    "Failure",
    "FailureKind",
    "Language",
    "Limits",
    "Program",
    "RenderOptions",
    "Rendering",
    "__version__",
    "convert",
    "render",
    "render_async",
    "render_many",
    "render_many_async",
    "score",
]

_HOMES = {
    "derender.core": ("Failure", "FailureKind", "Language", "Program", "Rendering"),
    "derender.metrics": ("score",),
    "derender.models": ("Conversion", "convert"),
    "derender.render": ("Engine", "Limits", "RenderOptions", "render_async", "render_many", "render_many_async"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the name stands for
    if name == "render":
        return importlib.import_module("derender.render")
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module 'derender' has no attribute {name!r}")
    value = getattr(importlib.import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)


class _Package(ModuleType):
    # `render` is a function of this package and a subpackage, and importing the subpackage puts it over the function.
    # So the subpackage is made callable as it arrives; it then is both.
    def __setattr__(self, name: str, value: object) -> None:
        if name == "render" and type(value) is ModuleType:
            value.__class__ = _RenderPackage
        super().__setattr__(name, value)


class _RenderPackage(ModuleType):
    def __call__(
        self,
        program: "Program | str | Path",
        language: "Language | str | None" = None,
        *,
        options: "RenderOptions | None" = None,
    ) -> "Rendering":
        """See `derender.render.render`."""
        rendering: Rendering = self.render(program, language, options=options)
        return rendering

    def __reduce__(self) -> tuple[Any, ...]:
        return importlib.import_module, (self.__name__,)


sys.modules[__name__].__class__ = _Package
