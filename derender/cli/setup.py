"""``derender setup``: installs what this machine lacks, or says how."""

import importlib
import json
import sys
from typing import Annotated

import typer

from ._environments import PREFIX, Part, brought, environment_parts, meant_environments
from ._exits import Exit, complain
from ._help import Section, TeachingCommand
from ._options import Json
from ._output import mark, say, style

_EPILOG = """
Examples:
  derender setup                 install whatever is missing
  derender setup html fonts      only what pages and fonts need
  derender setup env:py2024      packages of 2024, for programs of that time
  derender setup env:./my-env    those that a folder's requirements.txt names
  derender setup --dry-run       print the one line that would do it

As root, system packages are installed with apt-get. Otherwise the rest is
installed, the one line to run is printed, and the exit code is 1. Environments
are listed too, and built only when they are named.
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("setup", cls=TeachingCommand, epilog=_EPILOG, rich_help_panel=Section.MACHINE)(setup)


def setup(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="NAME", help="python, svg, html, trace, fonts, chromium, env:py2024 … ; all but env: by default."
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Install nothing; print the line that would.")] = False,
    json_lines: Json = False,
) -> None:
    """Install what is missing: Chromium, bubblewrap, fonts, Python packages, environments."""
    from ._installer import command_line, install, meant

    named = [name for name in names or () if name.startswith(PREFIX)]
    environments = meant_environments(named)
    needs = meant([name for name in names or ["all"] if name not in named])
    absent = [need.name for need in needs if not need.present]
    if absent and not dry_run:
        install(absent)
        importlib.invalidate_caches()
    parts = [Part(need.name, need.present, need.present and need.name in absent, need.install) for need in needs]
    left = [part.name for part in parts if not part.present]
    parts += [brought(definition, dry_run=dry_run) for definition in environments]
    wanted = {part.name for part in parts}
    if not names or "all" in names:
        parts += [part for part in environment_parts() if part.name not in wanted]
    for part in parts:
        _tell(part, wanted=part.name in wanted, json_lines=json_lines)
    unbuilt = [part.install for part in parts if not part.present and part.name in wanted and part.name not in left]
    if not json_lines:
        for line in [command_line(left)] * bool(left) + unbuilt * dry_run:
            say(line)
    if left and not dry_run:
        complain(f"{', '.join(left)} must still be installed, with the line printed last")
    raise typer.Exit(Exit.SOME_FAILED if (left or unbuilt) and not dry_run else Exit.DONE)


def _tell(part: Part, *, wanted: bool, json_lines: bool) -> None:
    if json_lines:
        keys = ("name", "present", "installed", "install")
        say(json.dumps({key: getattr(part, key) for key in keys}))
        return
    lacking = "missing" if wanted else f"not built: {part.install}"
    state = ("installed now" if part.installed else "there") if part.present else lacking
    sign = mark(part.present, sys.stderr) if part.present or wanted else style("–", sys.stderr, dim=True)
    about = f"  {part.about}" if part.about else ""
    print(f"{sign} {part.name}{about}  {style(state, sys.stderr, dim=True)}", file=sys.stderr, flush=True)
