"""``derender report``: a run folder as one page."""

import json
from pathlib import Path
from typing import Annotated

import typer

from ._files import shown
from ._help import Section, TeachingCommand
from ._options import Json
from ._output import say

_EPILOG = """
Examples:
  derender convert *.png -o out && derender report out
  derender report out -o gallery.html --title "trace on my charts"

The page holds all it shows: reference, rendering and difference, scores,
failures and programs. It needs no network, can be sent to anybody, and may be
made while the run is still going on.
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("report", cls=TeachingCommand, epilog=_EPILOG, rich_help_panel=Section.PICTURES)(report)


def report(
    run_dir: Annotated[Path, typer.Argument(metavar="RUN_DIR", help="A folder that convert, render or score wrote.")],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="The page; index.html in the folder by default."),
    ] = None,
    title: Annotated[
        str | None, typer.Option(metavar="TEXT", help="The page's heading; the folder's name by default.")
    ] = None,
    json_lines: Json = False,
) -> None:
    """Show a whole run as one self-contained page."""
    from derender.report import write_gallery

    page = write_gallery(run_dir, output, title=title)
    record = {"run": str(run_dir.absolute()), "gallery": str(page.absolute())}
    say(json.dumps(record) if json_lines else shown(page.absolute()))
