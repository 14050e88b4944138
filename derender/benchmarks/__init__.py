"""Published benchmarks: their rows, how they draw and score, and their own tables recomputed."""

import importlib
import pkgutil
from types import ModuleType

from derender.core import UnknownName

__all__ = ["benchmark_names", "get_benchmark"]


def benchmark_names() -> tuple[str, ...]:
    """The benchmarks there are; each is a package in this one, found by itself."""
    return tuple(each.name for each in pkgutil.iter_modules(__path__) if each.ispkg)


def get_benchmark(name: str) -> ModuleType:
    """A benchmark's package.

    Raises:
        UnknownName: there is none of that name.
    """
    if name not in benchmark_names():
        raise UnknownName("benchmark", name, benchmark_names())
    return importlib.import_module(f"{__name__}.{name}")
