"""``derender bench data``: where a benchmark's pictures come from, and copies of them checked."""

import json as json_text
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from derender.core import UnknownName, UserError

from ._exits import Exit, one_line
from ._help import TeachingCommand
from ._options import Json
from ._output import mark, say, style

if TYPE_CHECKING:
    from derender.benchmarks.vision2code.sources import Source

_EPILOG = """
Examples:
  derender bench data vision2code
  derender bench data vision2code --check vision2code-data
  derender bench data vision2code --check excerpt --small
  derender bench data vision2code --download vision2code-data
  derender bench data vision2code --download DIR --source hf --handle OWNER/NAME

What was published lies on Kaggle under the name that its own scripts give. A
download that broke off goes on where it was when the command is run again; what
has arrived is checked.
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
    download: Annotated[Path | None, typer.Option(metavar="DIR", help="Fetch the package into this folder.")] = None,
    source: Annotated[str, typer.Option(metavar="kaggle|hf", help="Where it is fetched from.")] = "kaggle",
    handle: Annotated[
        str | None, typer.Option(metavar="OWNER/NAME", help="Its name there; on Kaggle the published one by default.")
    ] = None,
    revision: Annotated[
        str | None, typer.Option(metavar="R", help="Its version on Kaggle, or a branch, tag or commit.")
    ] = None,
    json: Json = False,
) -> None:
    """Tell where a benchmark's pictures come from; fetch them, check a copy of them."""
    from derender.benchmarks import get_benchmark

    benchmark = get_benchmark(name)
    if download is not None:
        if check is not None:
            raise UserError("--download checks what it fetched: leave --check out")
        check = _fetched(download, source, handle, revision)
    elif handle is not None or revision is not None:
        raise UserError("--handle and --revision are of a --download")
    if check is None and filters is None:
        for each in benchmark.SOURCES.values():
            say(json_text.dumps(_source(each)) if json else _source_line(each))
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
    for row in benchmark.read_provenance(check) if check is not None else []:
        terms = f"{one_line(row.source_card_license)} · {one_line(row.redistribution_status)}"
        say(f"  {one_line(row.source_dataset):<17} {terms}")
    said = f"{len(samples)} samples, as {'they say' if small else 'published'}" if check is not None else "as published"
    say(f"{mark(True)} {said}")


def _fetched(folder: Path, source: str, handle: str | None, revision: str | None) -> Path:
    from derender.benchmarks.vision2code.download import Place, Wanted, download

    if source not in set(Place):
        raise UnknownName("source", source, Place)
    wanted = Wanted.of(Place(source), handle, revision)
    print(style(f"fetching {wanted}, pictures of:", sys.stderr, dim=True), file=sys.stderr)
    for terms, names in _terms().items():
        print(style(f"  {terms}: {', '.join(names)}", sys.stderr, dim=True), file=sys.stderr, flush=True)
    return download(wanted, folder, quiet=not sys.stderr.isatty())


def _terms() -> dict[str, list[str]]:
    """Licence → the datasets under it; those not for commerce first."""
    from derender.benchmarks.vision2code import SOURCES

    found: dict[str, list[str]] = {}
    for source in SOURCES.values():
        commerce = "" if "-nc-" not in source.licence else ", not for commercial use"
        found.setdefault(source.licence + commerce, []).append(source.name)
    return dict(sorted(found.items(), key=lambda item: "commercial" not in item[0]))


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
