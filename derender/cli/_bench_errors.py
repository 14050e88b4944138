"""``derender bench errors``: why the programs of scored runs give no picture."""

import json as json_text
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from derender.core import UnknownName, UserError

from ._bench_table import words
from ._exits import one_line
from ._help import TeachingCommand
from ._options import Json
from ._output import say, style

if TYPE_CHECKING:
    from derender.benchmarks.vision2code.errors import Complaint, ErrorAnalysis
    from derender.benchmarks.vision2code.taxonomy import FailureTable
    from derender.judges import Mode

_EPILOG = """
Examples:
  derender bench errors vision2code run
  derender bench errors vision2code one two --mode fixed --datasets
  derender bench errors vision2code run --json | jq .sentences

A RUN is a folder that bench score or bench run wrote. Classes are the paper's,
by its own rules, or with --mode fixed by what derender found.
"""


def register(group: typer.Typer) -> None:
    """Add the command to those of benchmarks."""
    group.command("errors", cls=TeachingCommand, epilog=_EPILOG)(errors)


def errors(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The benchmark: vision2code.")],
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Run folders.")],
    mode: Annotated[str, typer.Option(metavar="official|fixed", help="Whose classes.")] = "official",
    datasets: Annotated[bool, typer.Option("--datasets", help="Show each model's datasets too.")] = False,
    top: Annotated[int, typer.Option(metavar="N", help="How many of the commonest sentences; 0 for all.")] = 10,
    json: Json = False,
) -> None:
    """Count why programs gave no picture."""
    from derender.benchmarks import get_benchmark
    from derender.benchmarks.vision2code.errors import analyse
    from derender.benchmarks.vision2code.runs import read_runs
    from derender.judges import Mode

    get_benchmark(name)
    if mode not in set(Mode):
        raise UnknownName("mode", mode, Mode)
    if top < 0:
        raise UserError(f"--top must be 0 or more, not {top}")
    analysis = analyse(read_runs(runs))
    if json:
        say(json_text.dumps(analysis.record(top or None)))
        return
    for line in _lines(analysis, Mode(mode), top or None, datasets=datasets):
        say(line)


def _lines(analysis: "ErrorAnalysis", mode: "Mode", top: int | None, *, datasets: bool) -> Iterator[str]:
    table = analysis.table(mode)
    failed = Counter(each.model for each in analysis.failed)
    yield from _counted(table, {model: sum(own.values()) for model, own in analysis.tried.items()}, failed)
    for model, pivot in analysis.pivot(mode).items() if datasets else ():
        yield ""
        yield style(one_line(model), bold=True)
        own = Counter(each.dataset for each in analysis.failed if each.model == model)
        yield from _counted(pivot, analysis.tried[model], own)
    yield ""
    yield from _shares(table)
    for model, reasons in analysis.untried.items():
        for reason, count in reasons.items():
            yield f"{one_line(model)}: {count} not tried, {words(reason)}"
    complaints = analysis.complaints()
    if complaints:
        yield style("what they fail with, the commonest first:", dim=True)
    for complaint in complaints[:top]:
        yield _complaint(complaint)
    if top is not None and len(complaints) > top:
        yield style(f"      and {len(complaints) - top} more", dim=True)


def _counted(table: "FailureTable", tried: Mapping[str, int], failed: Mapping[str, int]) -> Iterator[str]:
    """Rows of counts under the classes' labels; a failure that the mode has no class for is in the sum alone."""
    shown = {label: one_line(label)[:40] for label in table.counts}
    wide = max(map(len, shown.values()), default=0)
    kinds = [kind for kind in next(iter(table.counts.values()), {}) if table.total(kind)]
    heads = ["tried", "failed", "drawn", *(kind.label for kind in kinds)]
    yield style(f"{'':<{wide}}  {'  '.join(heads)}", dim=True)
    for label, counts in table.counts.items():
        drawn = f"{100 * (tried[label] - failed[label]) / tried[label]:.1f}%" if tried[label] else "–"
        cells = [tried[label], failed[label], drawn, *(counts[kind] for kind in kinds)]
        numbers = "  ".join(f"{cell:>{len(head)}}" for cell, head in zip(cells, heads, strict=True))
        yield f"{shown[label]:<{wide}}  {numbers}"


def _shares(table: "FailureTable") -> Iterator[str]:
    totals = {kind: table.total(kind) for kind in next(iter(table.counts.values()), {})}
    whole = sum(totals.values())
    if not whole:
        yield "no program failed"
        return
    yield f"{whole} failures: " + ", ".join(
        f"{count} {kind.label} ({100 * count / whole:.1f}%)" for kind, count in totals.items() if count
    )


def _complaint(complaint: "Complaint") -> str:
    error = f"{complaint.error}: " if complaint.error else ""
    samples = [sample for _, sample in complaint.samples]
    more = f" and {len(samples) - 1} more" if len(samples) > 1 else ""
    where = style(f"{one_line(samples[0])}{more}", dim=True)
    return f"{len(samples):>5} {one_line(error + complaint.sentence)}\n      {where}"
