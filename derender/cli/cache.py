"""``derender cache``: what is kept of earlier renderings."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from derender.core import UserError

from ._help import Section, TeachingCommand, TeachingGroup
from ._options import Json
from ._output import say

if TYPE_CHECKING:
    from derender.core.store import ContentStore

_EPILOG = """
Examples:
  derender cache info                   where it is and how full
  derender cache prune --max-mb 500     drop the least recently used beyond that
  derender cache clear                  drop everything

The folder is that of DERENDER_CACHE, else derender in the user's cache folder.
"""
MEGABYTE = 1_000_000


def register(app: typer.Typer) -> None:
    """Add the command and what it can do."""
    group = typer.Typer(cls=TeachingGroup, no_args_is_help=True, rich_markup_mode=None)
    for command in (info, prune, clear):
        group.command(cls=TeachingCommand)(command)
    text = "See and clear what is kept of earlier renderings."
    app.add_typer(group, name="cache", help=text, epilog=_EPILOG, rich_help_panel=Section.MACHINE)


def info(json_lines: Json = False) -> None:
    """Show where the kept renderings are and how much space they take."""
    found = _store().info()
    if json_lines:
        sizes = {"entries": found.entries, "bytes": found.bytes, "max_bytes": found.max_bytes}
        say(json.dumps({"folder": str(found.folder.absolute()), **sizes}))
    else:
        count = "1 rendering" if found.entries == 1 else f"{found.entries} renderings"
        say(f"{found.folder}: {count}, {_size(found.bytes)} of at most {_size(found.max_bytes)}")


def prune(
    max_mb: Annotated[
        float | None, typer.Option(metavar="MB", help="How much may be left; the store's own bound by default.")
    ] = None,
    json_lines: Json = False,
) -> None:
    """Drop the least recently used renderings, and files that nothing names any more."""
    if max_mb is not None and max_mb < 0:
        raise UserError(f"--max-mb must not be negative, and is {max_mb:g}")
    store = _store()
    _tell_freed(store.prune(store.max_bytes if max_mb is None else int(max_mb * MEGABYTE)), json_lines=json_lines)


def clear(json_lines: Json = False) -> None:
    """Drop all kept renderings."""
    _tell_freed(_store().clear(), json_lines=json_lines)


def _store() -> "ContentStore":
    from derender.core.store import ContentStore, default_folder

    return ContentStore(default_folder())


def _tell_freed(freed: int, *, json_lines: bool) -> None:
    say(json.dumps({"freed_bytes": freed}) if json_lines else f"{_size(freed)} freed")


def _size(count: float) -> str:
    for unit in ("bytes", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"
