"""Rendering in three lines: one engine for the whole process, started when first used."""

import atexit
import os
from collections.abc import AsyncIterator, Iterable, Iterator
from functools import cache
from pathlib import Path

from derender.core import Language, Program, Rendering

from .engine import Engine
from .options import RenderOptions


def render(
    program: Program | str | Path, language: Language | str | None = None, *, options: RenderOptions | None = None
) -> Rendering:
    """Render a program, a file, or source text in a named language.

    A `Path`, or a string without a language that names a file, is read; other strings are source text.

    Raises:
        UserError: no such file, or no language given for source text.
    """
    return shared_engine().render(as_program(program, language), options)


def render_many(
    programs: Iterable[Program | str | Path],
    language: Language | str | None = None,
    *,
    options: RenderOptions | None = None,
    in_order: bool = False,
) -> Iterator[tuple[int, Rendering]]:
    """Render many; yields (index, rendering) as they come, or in order."""
    wanted = (as_program(program, language) for program in programs)
    return shared_engine().render_many(wanted, options, in_order=in_order)


async def render_async(
    program: Program | str | Path, language: Language | str | None = None, *, options: RenderOptions | None = None
) -> Rendering:
    """`render` for a running event loop."""
    return await shared_engine().render_async(as_program(program, language), options)


def render_many_async(
    programs: Iterable[Program | str | Path],
    language: Language | str | None = None,
    *,
    options: RenderOptions | None = None,
    in_order: bool = False,
) -> AsyncIterator[tuple[int, Rendering]]:
    """`render_many` for a running event loop."""
    wanted = (as_program(program, language) for program in programs)
    return shared_engine().render_many_async(wanted, options, in_order=in_order)


def as_program(program: Program | str | Path, language: Language | str | None = None) -> Program:
    """The program meant by a value: itself, a file's, or source text's."""
    if isinstance(program, Program):
        return program
    if isinstance(program, Path) or language is None:
        return Program.from_file(program, language)
    return Program(program, Language.parse(language))


def shared_engine() -> Engine:
    """The engine of this process, with the default settings; ended when the process ends."""
    # A forked child must not talk to its parent's workers, so the process id is part of the key.
    return _engine_of_process(os.getpid())


@cache
def _engine_of_process(pid: int) -> Engine:
    engine = Engine()
    atexit.register(_close, engine, pid)
    return engine


def _close(engine: Engine, pid: int) -> None:
    if os.getpid() == pid:
        engine.close()
