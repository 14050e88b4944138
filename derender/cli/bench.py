"""``derender bench``: published benchmarks, their data checked and their tables recomputed."""

import json as json_text
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from derender.core import UserError

from . import (
    _bench_correlate,
    _bench_cosine,
    _bench_data,
    _bench_errors,
    _bench_export,
    _bench_leaderboard,
    _bench_pairs,
    _bench_run,
    _bench_score,
    _bench_tools,
    _bench_training,
    _bench_tts,
)
from ._exits import Exit, complain, one_line
from ._help import Section, TeachingCommand, TeachingGroup
from ._options import Json, split_names
from ._output import mark, say, style

if TYPE_CHECKING:
    from derender.benchmarks.vision2code.reproduction import Cell, Outcome

_EPILOG = """
Examples:
  derender bench reproduce vision2code         recompute its published tables
  derender bench data vision2code              what its pictures are
  derender bench data vision2code --check DIR  is DIR the published package?
  derender bench run vision2code -m MODEL -o run  ask a model, draw and rate
  derender bench score vision2code said.jsonl  rate what a model said
  derender bench leaderboard vision2code runs/* -o page.html  several models
  derender bench errors vision2code run        why programs gave no picture
  derender bench cosine vision2code run        compare pictures as vectors
  derender bench correlate vision2code run human.csv  compare with people
  derender bench export vision2code run --official DIR  as its runner leaves it
  derender bench tts vision2code -m openai/NAME -o DIR  have a model improve it
  derender bench tools vision2code --to latex -m M -o DIR  in another language
  derender bench pairs vision2code PICTURES -m M -o DIR  make pairs to train on
  derender bench training-sets vision2code pairs  select round trips to train on
"""
_REPRODUCE_EPILOG = """
Examples:
  derender bench reproduce vision2code
  derender bench reproduce vision2code --only V1,V5 --values
  derender bench reproduce vision2code --from vision2code-repository
  derender bench reproduce vision2code --json | jq 'select(.off)'

Of each column of a table the value is shown whose difference is largest.
"""
Name = Annotated[str, typer.Argument(metavar="NAME", help="The benchmark: vision2code.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(cls=TeachingGroup, no_args_is_help=True, help="Published benchmarks.", epilog=_EPILOG)
    group.command("reproduce", cls=TeachingCommand, epilog=_REPRODUCE_EPILOG)(reproduce)
    _bench_data.register(group)
    _bench_run.register(group)
    _bench_score.register(group)
    _bench_errors.register(group)
    _bench_cosine.register(group)
    _bench_correlate.register(group)
    _bench_export.register(group)
    _bench_tools.register(group)
    _bench_pairs.register(group)
    _bench_training.register(group)
    _bench_tts.register(group)
    _bench_leaderboard.register(group)
    app.add_typer(group, name="bench", rich_help_panel=Section.PICTURES)


def reproduce(
    name: Name,
    folder: Annotated[
        Path | None,
        typer.Option("--from", metavar="DIR", help="A checkout of its repository; our copy of its tables by default."),
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(metavar="V1,V2", help="Only these checks; all of them by default.")
    ] = None,
    values: Annotated[bool, typer.Option("--values", help="Show every value, not only those furthest apart.")] = False,
    json: Json = False,
) -> None:
    """Recompute a benchmark's published tables, and compare."""
    from derender.benchmarks import get_benchmark

    benchmark = get_benchmark(name)
    if folder is not None and not folder.is_dir():
        raise UserError(f"{folder}: is no folder")
    outcomes = []
    for outcome in benchmark.reproduce(folder, split_names(only)):
        _tell(outcome, values=values, json=json)
        outcomes.append(outcome)
    if all(outcome.problem is not None for outcome in outcomes if outcome.check.reads):
        raise typer.Exit(Exit.WRONG_USE)
    good = all(outcome.problem is None and not outcome.off for outcome in outcomes)
    raise typer.Exit(Exit.DONE if good else Exit.SOME_FAILED)


def _tell(outcome: "Outcome", *, values: bool, json: bool) -> None:
    check = outcome.check
    if outcome.problem is not None:
        complain(f"{check.name} not made: {outcome.problem}")
    if json:
        for cell in outcome.cells:
            say(json_text.dumps({"check": check.name, "kind": check.kind, **_record(cell)}))
        if outcome.problem is not None:
            say(json_text.dumps({"check": check.name, "kind": check.kind, "problem": outcome.problem}))
        return
    if outcome.problem is not None:
        say(f"{mark(False)} {check.name:<4} {check.title}: not made")
        return
    off = f", {style(f'{len(outcome.off)} off', fg='red', bold=True)}" if outcome.off else ""
    note = style(f"{len(outcome.cells)} values, {check.kind.label}", dim=True)
    say(f"{mark(not outcome.off)} {check.name:<4} {check.title}: {note}{off}")
    cells = outcome.cells if values else (*outcome.furthest, *outcome.off)
    for cell in dict.fromkeys(cells):
        say(_line(cell))


def _line(cell: "Cell") -> str:
    table = cell.table.rpartition("/")[2]
    difference = "" if cell.difference is None else f"  difference {cell.difference:.1e}"
    # Where chance has a part, how much it may have is worth knowing.
    difference += f" of at most {cell.tolerance:.1e}" if cell.tolerance > 1e-6 else ""
    line = f"{table}  {cell.column}  {one_line(cell.row)}"
    found = f"ours {_value(cell.ours)}  theirs {_value(cell.theirs)}{difference}"
    return f"  {mark(not cell.off)} {style(line, dim=True)}\n      {found}"


def _value(value: "float | str | None") -> str:
    if value is None:
        return "–"
    return one_line(value) if isinstance(value, str) else f"{value:.10f}".rstrip("0").rstrip(".")


def _record(cell: "Cell") -> dict[str, Any]:
    return {
        "table": cell.table,
        "row": cell.row,
        "column": cell.column,
        "ours": cell.ours,
        "theirs": cell.theirs,
        "difference": cell.difference,
        "tolerance": cell.tolerance,
        "off": cell.off,
    }
