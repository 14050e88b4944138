"""Running programs: the engine, its options, and what this machine still needs."""

from ._conveniences import as_program, render, render_async, render_many, render_many_async, shared_engine
from .engine import Engine
from .options import Isolation, Limits, RenderOptions, unprotected

__all__ = [
    "Engine",
    "Isolation",
    "Limits",
    "RenderOptions",
    "as_program",
    "render",
    "render_async",
    "render_many",
    "render_many_async",
    "shared_engine",
    "unprotected",
]
