"""``derender setup``: installs what this machine lacks, or says how."""

import importlib
import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from ._exits import Exit, complain
from ._help import Section, TeachingCommand
from ._options import Json
from ._output import mark, say, style

if TYPE_CHECKING:
    from derender.render.needs import Need

_EPILOG = """
Examples:
  derender setup                 install whatever is missing
  derender setup html fonts      only what pages and fonts need
  derender setup --dry-run       print the one line that would do it

As root, system packages are installed with apt-get. Otherwise the rest is
installed, the one line to run is printed, and the exit code is 1.
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("setup", cls=TeachingCommand, epilog=_EPILOG, rich_help_panel=Section.MACHINE)(setup)


def setup(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME", help="python, svg, html, trace, fonts, chromium … ; everything by default."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Install nothing; print the line that would.")] = False,
    json_lines: Json = False,
) -> None:
    """Install what is missing: Chromium, bubblewrap, fonts, Python packages."""
    from ._installer import command_line, install, meant

    needs = meant(names or ["all"])
    absent = [need.name for need in needs if not need.present]
    if absent and not dry_run:
        install(absent)
        importlib.invalidate_caches()
    left = [need.name for need in needs if not need.present]
    for need in needs:
        _tell(need, was_absent=need.name in absent, json_lines=json_lines)
    if left and not json_lines:
        say(command_line(left))
    if left and not dry_run:
        complain(f"{', '.join(left)} must still be installed, with the line printed last")
    raise typer.Exit(Exit.SOME_FAILED if left and not dry_run else Exit.DONE)


def _tell(need: "Need", *, was_absent: bool, json_lines: bool) -> None:
    present = need.present
    if json_lines:
        record = {"name": need.name, "present": present, "installed": present and was_absent, "install": need.install}
        say(json.dumps(record))
    else:
        state = ("installed now" if was_absent else "there") if present else "missing"
        print(
            f"{mark(present, sys.stderr)} {need.name}  {style(state, sys.stderr, dim=True)}",
            file=sys.stderr,
            flush=True,
        )
