"""``derender bench leaderboard``: models beside each other, measured and published."""

import json as json_text
from pathlib import Path
from typing import Annotated

import typer

from derender.core import UnknownName, UserError

from ._exits import complain
from ._files import shown
from ._help import TeachingCommand
from ._options import Json
from ._output import say

_EPILOG = """
Examples:
  derender bench leaderboard vision2code                  what was published
  derender bench leaderboard vision2code runs/* -o page.html
  derender bench leaderboard vision2code runs/* --published -o page.html
  derender bench leaderboard vision2code runs/a="Model A" runs/b
  derender bench leaderboard vision2code runs/* --csv > models.csv

A run is a folder that bench score or bench run wrote. The page holds all it
shows: table, figures, and every sample with its verdict; pictures that are too
many for one file lie in a folder beside it. What keeps numbers from being
compared is said on the page and on standard error.
"""


def register(group: typer.Typer) -> None:
    """Add the command to those of benchmarks."""
    group.command("leaderboard", cls=TeachingCommand, epilog=_EPILOG)(leaderboard)


def leaderboard(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The benchmark: vision2code.")],
    runs: Annotated[
        list[str] | None,
        typer.Argument(metavar="RUN[=NAME]", help="Run folders, and what to call them; else what was published."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="The page to write; none by default.")
    ] = None,
    mode: Annotated[
        str, typer.Option(metavar="official|fixed", help="Which formula's ratings of runs count.")
    ] = "official",
    published: Annotated[bool, typer.Option("--published", help="Show the paper's numbers beside the runs.")] = False,
    split: Annotated[
        str | None,
        typer.Option(metavar="test|test_mini", help="Of the published numbers; the runs' own by default."),
    ] = None,
    figures: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write every figure there too, as SVG for papers.")
    ] = None,
    title: Annotated[str | None, typer.Option(metavar="TEXT", help="The page's heading.")] = None,
    json: Json = False,
    csv: Annotated[bool, typer.Option("--csv", help="Print the table as CSV.")] = False,
) -> None:
    """Show models beside each other: table, figures, and every sample with its verdict."""
    from derender.benchmarks import get_benchmark
    from derender.benchmarks.vision2code import Split
    from derender.judges import Mode
    from derender.report.leaderboard import csv_text, read_board, records, text_lines, write_figures, write_leaderboard

    get_benchmark(name)
    if mode not in set(Mode):
        raise UnknownName("mode", mode, Mode)
    if json and csv:
        raise UserError("--json and --csv exclude each other")
    named = dict(map(_folder, runs or []))
    labels = {folder: label for folder, label in named.items() if label}
    wanted = Split.parse(split) if split else None
    board = read_board([*named], mode=Mode(mode), published=published, split=wanted, labels=labels)
    drawn = write_figures(board, figures) if figures else []
    page = write_leaderboard(board, output, title=title) if output else None
    if json:
        for record in records(board):
            say(json_text.dumps(record))
        written = {"page": str(page.absolute()) if page else None, "figures": [str(path.absolute()) for path in drawn]}
        say(json_text.dumps({"kind": "files", **written}))
        return
    if csv:
        say(csv_text(board).rstrip("\n"))
    else:
        for line in text_lines(board):
            say(line)
    for note in board.notes:
        complain(note)
    for path in [*drawn, *([page] if page else [])]:
        if not csv:
            say(shown(path.absolute()))


def _folder(said: str) -> tuple[Path, str]:
    """A run's folder, and its model's name where one is given; a folder's own name may hold the sign between them."""
    ends = [place for place, sign in enumerate(said) if sign == "="]
    end = next((place for place in reversed(ends) if Path(said[:place]).is_dir()), len(said))
    return (Path(said), "") if Path(said).is_dir() else (Path(said[:end]), said[end + 1 :].strip())
