"""Running one Python program in its own process, once the walls stand, and claiming what it drew."""

import atexit
import contextlib
import linecache
import os
import sys
import threading
import types
from collections.abc import Callable, Mapping
from typing import Any

from . import tracers
from .addresses import Ground
from .blame import Blame, blame
from .capture import Board, Hooks, when_imported
from .capture_altair import AltairHooks
from .capture_matplotlib import MatplotlibHooks
from .capture_pillow import PillowHooks
from .capture_plotly import PlotlyHooks
from .chance import Chance, take_turns
from .clock import Clock
from .journal import Journal
from .leftovers import Leftovers

FILE = "program.py"


class PythonTrade:
    """Forks Python programs from a parent that has the plotting libraries imported."""

    def __init__(self) -> None:
        self._board = Board()
        self._chance = Chance()
        self._clock = Clock()
        self._ground = Ground()
        self._hooks: tuple[Hooks, ...] = (
            MatplotlibHooks(self._board),
            PillowHooks(self._board),
            PlotlyHooks(self._board),
            AltairHooks(self._board),
        )

    def warm(self, config: Mapping[str, Any]) -> dict[str, Any]:
        """Import what the configuration names and put the hooks in place."""
        from . import warm

        held = self._clock.hold()
        self._chance.take_hold()
        take_turns()
        modules = warm.preload(config.get("preload", ()))
        tracers.load()
        warm.fill_caches()
        for hooks in self._hooks:
            when_imported(hooks.module, hooks.install)
        warm.forget_exit_handlers()
        self._chance.reset()
        warm.rehearse()
        self._ground.fill()
        return {"modules": modules, "versions": warm.versions(modules), "clock": "held" if held else "real"}

    def run(self, job: Mapping[str, Any], out: str) -> int:
        """Run the program, or look for pictures that one left behind."""
        journal = Journal(out)
        self._board.open(journal, int(job["pixels"]))
        leftovers = Leftovers(self._board, frozenset([*job["given"], FILE]))
        if job["stage"] == "program":
            found = self._run_program(leftovers, job["options"].get("trace"))
        else:
            leftovers.know_past(out)
            found = _finish(leftovers.finish, os.path.abspath(FILE))
        if found is not None:
            journal.failure(found.kind, found.message, found.line, found.detail)
        journal.end()
        return 0

    def _run_program(self, leftovers: Leftovers, trace: str | None) -> Blame | None:
        self._clock.reset()
        self._ground.level()
        path = os.path.abspath(FILE)
        tracer = tracers.begin(trace) if trace else None
        found = _execute(path)
        # A failed program's own files still are its pictures; its open figures are half drawn.
        catchers = [leftovers.finish] if found else [leftovers.finish, *(hooks.finish for hooks in self._hooks)]
        for catch in catchers:
            late = _finish(catch, path)
            found = found or late
        if tracer:
            # Last: it may draw figures anew, and change them for that.
            self._tell(tracer)
        return found or _flush()

    def _tell(self, tracer: tracers.Tracer) -> None:
        # It reads objects of the program's own making; what comes of that is no failure of the program's run.
        with contextlib.suppress(Exception), self._board.quiet():
            self._board.journal.trace(tracer.finish())


def _execute(path: str) -> Blame | None:
    """Run the program as ``__main__``, its exit handlers after it."""
    with open(FILE, "rb") as file:
        source = file.read()
    sys.argv[:] = [FILE]
    sys.path.insert(0, os.getcwd())
    main = types.ModuleType("__main__")
    main.__dict__.update(__file__=path, __builtins__=__builtins__)
    sys.modules["__main__"] = main
    linecache.cache[path] = (len(source), None, source.decode("utf-8", "replace").splitlines(keepends=True), path)
    try:
        exec(compile(source, path, "exec", dont_inherit=True), main.__dict__)
    except SystemExit as left:
        found = _exit(left)
    except BaseException as error:  # noqa: BLE001 - whatever ends the program is what is to be reported
        found = _blame(error, path)
    else:
        found = None
    _wind_up()
    return found


def _blame(error: BaseException, path: str) -> Blame:
    found = blame(error, path)
    sys.stderr.write(found.detail)
    return found


def _exit(left: SystemExit) -> Blame | None:
    if left.code is None or left.code == 0:
        return None
    shown = str(left.code)
    return Blame("runtime", f"the program left with exit code {shown[:300]}", None, "")


def _wind_up() -> None:
    """What an interpreter does at its end: wait for threads, run exit handlers; what they raise is no failure."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()


def _finish(catch: Callable[[], None], path: str) -> Blame | None:
    try:
        catch()
    except Exception as error:  # noqa: BLE001 - drawing runs the program's own formatters and callbacks
        return _blame(error, path)
    return None


def _flush() -> Blame | None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError as error:
            return blame(error, FILE)
        except (ValueError, AttributeError):
            # The program closed or replaced the stream.
            continue
    return None
