"""``derender cache``: what is kept of earlier renderings and of what models answered."""

import json
import math
from typing import TYPE_CHECKING, Annotated, Any

import typer

from derender.core import UserError

from ._help import Section, TeachingCommand, TeachingGroup
from ._options import Json
from ._output import say

if TYPE_CHECKING:
    from derender.core.store import ContentStore, StoreInfo

_EPILOG = """
Examples:
  derender cache info                   where it is and how full
  derender cache prune --max-mb 500     drop the least recently used beyond that
  derender cache clear                  drop everything
  derender cache clear --keep-answers   drop renderings, which cost no money

The folder is that of DERENDER_CACHE, else derender in the user's cache folder.
"""
MEGABYTE = 1_000_000


def register(app: typer.Typer) -> None:
    """Add the command and what it can do."""
    group = typer.Typer(cls=TeachingGroup, no_args_is_help=True, rich_markup_mode=None)
    for command in (info, prune, clear):
        group.command(cls=TeachingCommand)(command)
    text = "See and clear what is kept of earlier renderings and models' answers."
    app.add_typer(group, name="cache", help=text, epilog=_EPILOG, rich_help_panel=Section.MACHINE)


def info(json_lines: Json = False) -> None:
    """Show where kept renderings and answers are and how much space they take."""
    renderings, answers = (store.info() for store in _stores())
    if json_lines:
        say(json.dumps({**_row(renderings), "answers": _row(answers)}))
        return
    say(_line(renderings, "rendering"))
    say(_line(answers, "answer"))


def prune(
    max_mb: Annotated[
        float | None,
        typer.Option(metavar="MB", help="How much may be left in all; the stores' own bounds by default."),
    ] = None,
    json_lines: Json = False,
) -> None:
    """Drop what was not used for longest, and files that nothing names any more; renderings before answers."""
    if max_mb is not None and not 0 <= max_mb < math.inf:
        raise UserError(f"--max-mb must be a number that is not negative, and is {max_mb:g}")
    renderings, answers = _stores()
    if max_mb is None:
        _tell_freed(renderings.prune() + answers.prune(), json_lines=json_lines)
        return
    bound = int(max_mb * MEGABYTE)
    freed = answers.prune(bound)
    # A rendering is made anew for nothing; an answer was paid for.
    freed += renderings.prune(bound - answers.info().bytes)
    _tell_freed(freed, json_lines=json_lines)


def clear(
    keep_answers: Annotated[bool, typer.Option("--keep-answers", help="Leave what models answered.")] = False,
    json_lines: Json = False,
) -> None:
    """Drop all kept renderings and answers."""
    renderings, answers = _stores()
    _tell_freed(renderings.clear() + (0 if keep_answers else answers.clear()), json_lines=json_lines)


def _stores() -> "tuple[ContentStore, ContentStore]":
    """That of renderings, and that of answers."""
    from derender.core.store import ContentStore, default_folder
    from derender.models import answer_store

    return ContentStore(default_folder()), answer_store()


def _row(found: "StoreInfo") -> dict[str, Any]:
    sizes = {"entries": found.entries, "bytes": found.bytes, "max_bytes": found.max_bytes}
    return {"folder": str(found.folder.absolute()), **sizes}


def _line(found: "StoreInfo", what: str) -> str:
    count = f"{found.entries} {what}{'' if found.entries == 1 else 's'}"
    return f"{found.folder}: {count}, {_size(found.bytes)} of at most {_size(found.max_bytes)}"


def _tell_freed(freed: int, *, json_lines: bool) -> None:
    say(json.dumps({"freed_bytes": freed}) if json_lines else f"{_size(freed)} freed")


def _size(count: float) -> str:
    for unit in ("bytes", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"
