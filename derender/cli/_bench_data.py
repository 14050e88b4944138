"""``derender bench data``: where a benchmark's pictures come from, and copies of them checked."""

import json as json_text
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ._exits import Exit, one_line
from ._help import TeachingCommand
from ._options import Json
from ._output import mark, say

if TYPE_CHECKING:
    from derender.benchmarks.vision2code.sources import Source

_EPILOG = """
Examples:
  derender bench data vision2code
  derender bench data vision2code --check vision2code-data
  derender bench data vision2code --check excerpt --small
"""


def register(group: typer.Typer) -> None:
    """Add the command to those of benchmarks."""
    group.command("data", cls=TeachingCommand, epilog=_EPILOG)(data)


def data(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The benchmark: vision2code.")],
    check: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Check this folder against the published package.")
    ] = None,
    filters: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Check the lists of accepted samples in this folder.")
    ] = None,
    small: Annotated[
        bool, typer.Option("--small", "--allow-small", help="The folder is an excerpt: counts and names are free.")
    ] = False,
    json: Json = False,
) -> None:
    """Tell where a benchmark's pictures come from; check a copy of them."""
    from derender.benchmarks import get_benchmark

    benchmark = get_benchmark(name)
    if check is None and filters is None:
        for source in benchmark.SOURCES.values():
            say(json_text.dumps(_source(source)) if json else _source_line(source))
        return
    problems: list[str] = []
    if filters is not None:
        problems += benchmark.check_filters(filters / "test-filtered.json", filters / "test-mini-filtered.json")
    if check is not None:
        problems += benchmark.check_package(benchmark.data_folder(check), small=small)
    for problem in problems:
        say(json_text.dumps({"problem": problem}) if json else f"{mark(False)} {one_line(problem)}")
    if problems:
        raise typer.Exit(Exit.SOME_FAILED)
    samples = benchmark.read_manifest(check) if check is not None else []
    if json:
        say(json_text.dumps({"samples": len(samples), "problems": 0}))
        return
    for each in benchmark.read_provenance(check) if check is not None else []:
        say(
            f"  {each.source_dataset:<17} {one_line(each.source_card_license)} · {one_line(each.redistribution_status)}"
        )
    said = f"{len(samples)} samples, as {'they say' if small else 'published'}" if check is not None else "as published"
    say(f"{mark(True)} {said}")


def _source(source: "Source") -> dict[str, Any]:
    return {
        "name": source.name,
        "domain": source.domain,
        "test": source.test,
        "test_mini": source.mini,
        "origin": source.origin,
        "licence": source.licence,
        "policy": source.policy,
    }


def _source_line(source: "Source") -> str:
    counts = f"{source.test:>4} {source.mini:>3}"
    return f"{source.name:<17} {source.domain:<13} {counts}  {source.origin} ({source.licence})"
