"""What a command says: results on standard output as they come, everything else on standard error.

With ``--json`` a result is one line of JSON. For people it is one short line, and a bar shows how far the work is.
"""

import json
import os
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self, TextIO

import typer

from derender.core import Failure, InfraError

from ._exits import Exit, complain, one_line
from ._files import reason


class Output:
    """Prints the results of a batch and counts them. A context manager.

    Args:
        total: how many results there will be.
        verb: what happens to an item, in the past: ``drawn``.
        json_lines: whether a program reads the results.
    """

    def __init__(self, total: int, verb: str, *, json_lines: bool) -> None:
        self._total = total
        self._verb = verb
        self._json_lines = json_lines
        self._started = time.monotonic()
        self._done = self._failed = self._rejected = 0
        self._said: set[str] = set()
        self._open = ExitStack()
        self._advance: Callable[[], None] = _nothing

    def __enter__(self) -> Self:
        if self._total > 1 and sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
            self._start_bar()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()
        if isinstance(error, KeyboardInterrupt):
            complain(f"stopped; {self._done} of {self._total} done")
        elif error is None and self._total > 1 and not self._json_lines:
            print(style(self._summary(), sys.stderr, dim=True), file=sys.stderr, flush=True)

    @property
    def exit_code(self) -> Exit:
        """What the command should end with."""
        if self._rejected and self._rejected == self._total:
            return Exit.WRONG_USE
        return Exit.SOME_FAILED if self._failed or self._rejected else Exit.DONE

    def result(self, record: Mapping[str, Any], line: str, *, ok: bool) -> None:
        """Print one result."""
        self._done += ok
        self._failed += not ok
        say(json.dumps(record) if self._json_lines else line)
        self._advance()

    def contained(self, layers: Iterable[str]) -> None:
        """Say, once a run, which promises weak isolation did not keep."""
        from derender.render.options import unprotected

        sentence = unprotected(layers)
        if sentence and sentence not in self._said:
            self._said.add(sentence)
            complain(sentence)

    def rejected(self, record: Mapping[str, Any], sentence: str) -> None:
        """Report an item that could not even be tried."""
        self._rejected += 1
        # A picture asked for in several languages is bad once.
        if sentence not in self._said:
            self._said.add(sentence)
            complain(sentence)
        if self._json_lines:
            say(json.dumps(record))
        self._advance()

    def _summary(self) -> str:
        parts = [f"{self._done} of {self._total} {self._verb}"]
        parts += [f"{self._failed} failed"] if self._failed else []
        parts += [f"{self._rejected} could not be used"] if self._rejected else []
        return f"{', '.join(parts)} in {seconds(time.monotonic() - self._started)}"

    def _start_bar(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

        # Where both streams are the terminal, lines must go through the bar's console to land above the bar.
        bar = self._open.enter_context(
            Progress(
                BarColumn(),
                MofNCompleteColumn(),
                TimeRemainingColumn(compact=True),
                console=Console(stderr=True),
                transient=True,
                redirect_stdout=sys.stdout.isatty(),
            )
        )
        task = bar.add_task(self._verb, total=self._total)
        self._advance = lambda: bar.advance(task)


def _nothing() -> None:
    return


def say(line: str) -> None:
    """Print one line of results, at once.

    Raises:
        InfraError: standard output takes no more.
        BrokenPipeError: nobody reads it any more.
    """
    try:
        # Not typer.echo: that goes around the stream a progress bar puts in place.
        print(line, flush=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        # What is left in the buffer would fail once more when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        raise InfraError(f"standard output can't be written ({reason(error)})") from None


def style(text: str, stream: TextIO | None = None, **styles: Any) -> str:  # noqa: ANN401 - typer's own styles
    """Text with terminal colours if it goes to a terminal, by default standard output, whose user wants them."""
    plain = "NO_COLOR" in os.environ or not (stream or sys.stdout).isatty()
    return text if plain else typer.style(text, **styles)


def folded(lead: str, items: Iterable[str], gap: str = "  ") -> str:
    """Items behind a lead, on as many lines as the terminal's width asks for, none of them broken."""
    width, indent = shutil.get_terminal_size((100, 24)).columns, _shown(lead)
    lines, free = [lead], width - indent
    for place, item in enumerate(items):
        needed = _shown(item) + (len(gap) if place else 0)
        if place and needed > free:
            lines.append(" " * indent + item)
            free = width - indent - _shown(item)
        else:
            lines[-1] += (gap if place else "") + item
            free -= needed
    return "\n".join(lines)


def _shown(text: str) -> int:
    """How many columns a text takes, its colours left out."""
    return len(re.sub(r"\x1b\[[0-9;]*m", "", text))


def mark(ok: bool, stream: TextIO | None = None) -> str:
    """The sign in front of a result line."""
    return style("✓", stream, fg="green") if ok else style("✗", stream, fg="red", bold=True)


def why(failure: Failure) -> str:
    """A failure in a few words and the message's own."""
    where = f" line {failure.line}" if failure.line else ""
    return f"{style(failure.kind.replace('_', ' '), fg='red')}{where}: {one_line(failure.message)}"


def notes(warnings: Sequence[str], limit: int = 3) -> str:
    """Warnings as lines of their own under a result; those beyond the limit are counted."""
    sign = style("!", fg="yellow")
    lines = [one_line(warning) for warning in warnings[:limit]]
    lines += [f"and {len(warnings) - limit} more"] if len(warnings) > limit else []
    return "".join(f"\n  {sign} {line}" for line in lines)


def seconds(value: float) -> str:
    """A duration as people read it."""
    if value < 1:
        return f"{1000 * value:.0f} ms"
    return f"{value:.1f} s" if value < 60 else f"{int(value // 60)} min {value % 60:.0f} s"
