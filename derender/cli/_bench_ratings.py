"""A table of ratings that the paper's runner saved, summed up: nothing is drawn or judged."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ._bench_table import interval, number, words
from ._exits import Exit, one_line
from ._output import mark, say, style

if TYPE_CHECKING:
    from derender.benchmarks.vision2code import DomainMap, Summary


def sum_up(path: Path, domains: "DomainMap", *, json_lines: bool) -> Exit:
    """Say the means of a table, and whether the summary beside it has the same; the exit code.

    Raises:
        UserError: it can't be read, or is no such table.
    """
    from derender.benchmarks.vision2code import summarise
    from derender.benchmarks.vision2code.official_tables import (
        differences,
        read_ratings,
        summary_beside,
        summary_record,
    )

    summary = summarise(read_ratings(path), domains)
    record, beside = summary_record(summary), summary_beside(path)
    off = differences(record, beside) if beside else []
    if json_lines:
        said = {"summary": record, "compared": str(beside) if beside else None, "differences": off}
        say(json.dumps(said))
        return Exit.SOME_FAILED if off else Exit.DONE
    for line in _lines(summary):
        say(line)
    for difference in off:
        say(f"{mark(False)} {one_line(difference)}")
    if beside and not off:
        say(f"{mark(True)} as {beside.name} says")
    return Exit.SOME_FAILED if off else Exit.DONE


def _lines(summary: "Summary") -> Iterator[str]:
    wide = max(map(len, summary.datasets))
    yield style(f"{'':<{wide}}  samples  rated  drawn  rating   raw", dim=True)
    for name, each in summary.datasets.items():
        counts = f"{each.n:>7}  {each.rated:>5}  {each.rendered:>5}"
        yield f"{name:<{wide}}  {counts}  {number(each.final):>6}  {number(each.raw):>4}"
    yield ""
    for kind, estimate in (("macro", summary.macro), ("micro", summary.micro)):
        numbers = {"value": estimate.value, "low": estimate.low, "high": estimate.high}
        yield f"{kind}  {interval(numbers)}"
    yield f"drawn  {summary.all.rendered} of {summary.all.drawn} programs"
    bins = (f"{name}: {count}" for name, count in summary.bins.items())
    yield f"ratings  {', '.join(bins)}"
    for why, count in sorted(summary.unscored.items()):
        yield f"left out of means  {count} {words(why)}"
