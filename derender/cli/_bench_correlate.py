"""``derender bench correlate``: how well a scored run agrees with people's own ratings."""

import json as json_text
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from derender.core import UserError

from ._bench_table import words
from ._exits import Exit, complain, one_line
from ._help import TeachingCommand
from ._options import Json
from ._output import say, style

if TYPE_CHECKING:
    from derender.benchmarks.vision2code.correlate import Both, Join

_EPILOG = """
Examples:
  derender bench correlate vision2code run human.csv
  derender bench correlate vision2code one two human.csv --by dataset
  derender bench correlate vision2code run human.csv --cosine run/seen --json

RATINGS is a CSV file with the columns question_folder and rating (0 to 5), and
maybe model (as the run names it; needed where there are several runs) and
program_sha256, by which ratings of another run's programs are refused. Several
ratings of one picture are averaged. Cosines are those that bench cosine left.
"""
_GROUPS = ("model", "dataset")


def register(group: typer.Typer) -> None:
    """Add the command to those of benchmarks."""
    group.command("correlate", cls=TeachingCommand, epilog=_EPILOG)(correlate)


def correlate(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The benchmark: vision2code.")],
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Run folders.")],
    ratings: Annotated[Path, typer.Argument(metavar="RATINGS", help="CSV file of what people said.")],
    by: Annotated[str | None, typer.Option(metavar="model|dataset", help="Each of these by itself, too.")] = None,
    cosine: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The run's cosines; RUN/cosine by default, where that is.")
    ] = None,
    resamples: Annotated[int, typer.Option(metavar="N", help="Resamples for the intervals.")] = 10_000,
    json: Json = False,
) -> None:
    """Correlate a run's ratings with people's: Pearson, Spearman, Kendall, with intervals."""
    from derender.benchmarks import get_benchmark
    from derender.benchmarks.statistics import Resampling
    from derender.benchmarks.vision2code.correlate import agreement, join, read_ratings
    from derender.benchmarks.vision2code.runs import read_runs

    get_benchmark(name)
    if by is not None and by not in _GROUPS:
        raise UserError(f"--by must be one of {', '.join(_GROUPS)}, not {by!r}")
    if resamples < 1:
        raise UserError(f"--resamples must be at least 1, not {resamples}")
    read = read_ratings(ratings)
    rejected = [each for each in read if isinstance(each, UserError)]
    for sentence in rejected:
        complain(str(sentence))
    joined = join([each for each in read if not isinstance(each, UserError)], read_runs(runs), cosine)
    if not joined.both:
        raise UserError(f"{ratings}: rates no sample of the run{'s' if len(runs) > 1 else ''}")
    how = Resampling(resamples)
    groups = {"pooled": agreement(joined.both, how)}
    for group, own in _grouped(joined.both, by).items():
        groups[group] = agreement(own, how)
    if json:
        say(json_text.dumps({"joins": _joins(joined, len(rejected)), "groups": groups}))
    else:
        for line in [*_tables(groups), *_told(joined, len(rejected))]:
            say(line)
    raise typer.Exit(Exit.SOME_FAILED if rejected else Exit.DONE)


def _grouped(both: "Sequence[Both]", by: str | None) -> "dict[str, list[Both]]":
    found: dict[str, list[Both]] = {}
    for each in both if by else ():
        found.setdefault(each.model if by == "model" else each.dataset, []).append(each)
    return found


def _joins(joined: "Join", rejected: int) -> dict[str, Any]:
    return {
        "ratings": joined.ratings,
        "rejected": rejected,
        "samples": len(joined.both),
        "not_joined": dict(joined.strangers),
        "without_rating_of_people": joined.unrated,
        "program_not_said": joined.unverified,
        "without_rating_of_the_run": dict(Counter(each.why for each in joined.both if each.why)),
    }


def _tables(groups: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    wide = max((len(column) for columns in groups.values() for column in columns), default=0)
    heads = "".join(f"  {kind:<20}" for kind in ("Pearson", "Spearman", "Kendall"))
    for group, columns in groups.items():
        yield style(one_line(group), bold=True)
        yield style(f"{'':<{wide}}      n{heads}  mean of it, of people", dim=True)
        for column, found in columns.items():
            cells = "".join(f"  {_interval(found[kind]):<20}" for kind in ("pearson", "spearman", "kendall"))
            means = f"{found['mean_metric']:.3f}  {found['mean_human']:.3f}"
            yield f"{words(column):<{wide}}  {found['n']:>5}{cells}  {means}"
        for column, found in columns.items():
            if "minus_official" in found:
                cells = "".join(
                    f"  {_interval(found['minus_official'][kind], '+'):<20}"
                    for kind in ("pearson", "spearman", "kendall")
                )
                yield style(f"{words(column):<{wide}}  minus{cells}  the official rating's", dim=True)


def _told(joined: "Join", rejected: int) -> Iterator[str]:
    """What was joined, and what was left out and why."""
    yield f"{joined.ratings} ratings, of {len(joined.both)} samples of the runs"
    if rejected:
        yield f"left out  {rejected} of the lines: they could not be used"
    for why, count in joined.strangers.items():
        yield f"left out  {count} of the ratings: {one_line(why)}"
    if joined.unrated:
        yield f"left out  {joined.unrated} of the samples: nobody rated them"
    for reason, count in Counter(each.why for each in joined.both if each.why).items():
        yield f"left out  {count} of the samples: the run did not rate them, {words(reason)}"
    if joined.unverified:
        yield f"{joined.unverified} of the ratings don't say which program they are about"


def _interval(estimate: Mapping[str, Any], sign: str = "") -> str:
    if estimate["value"] is None:
        return "–"
    return f"{estimate['value']:{sign}.3f} [{estimate['low']:.3f}, {estimate['high']:.3f}]"
