"""``derender bench score``: what models said, scored as a benchmark does it."""

from contextlib import ExitStack, closing
from pathlib import Path
from typing import Annotated

import typer

from derender.core import UnknownName, UserError

from ._bench_ratings import sum_up
from ._bench_rows import Results, Run, asked_of, judge_of, key_of, package_of, tell_table
from ._bench_said import read_said
from ._help import TeachingCommand
from ._judging import Plain
from ._models import BaseUrl, ExtraBody, NoCacheOfAnswers, Prices
from ._options import EngineOptions, Isolation, Jobs, Json
from ._output import Output
from ._run_folder import RunFolder

_EPILOG = """
Examples:
  derender bench score vision2code said.jsonl --data DIR --judge openai/NAME
  derender bench score vision2code said.jsonl --split test -o scored
  derender bench score vision2code rated.jsonl --json > scored.jsonl
  derender bench score vision2code outputs/gpt_5_4_mini --data DIR

A line of PREDICTIONS is a JSON object with question_folder (or sample_id) and
the model's reply, or its code; category scores that a judge gave may stand in
scores, and are used instead of a judge. With -o, what an earlier run into the
folder scored is not scored again, and summary.json is the table.

PREDICTIONS may be a folder that the paper's runner left: its programs are drawn
again, and its category scores used unless a judge is named and no --rating. Its
benchmark_eval__*.csv or .json alone is summed up.
"""


def register(group: typer.Typer) -> None:
    """Add the command to those of benchmarks."""
    group.command("score", cls=TeachingCommand, epilog=_EPILOG)(score)


def score(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The benchmark: vision2code.")],
    predictions: Annotated[Path, typer.Argument(metavar="PREDICTIONS", help="What a model said: JSONL, or a folder.")],
    data: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="The published package; by default what VISION2CODE_DATA_DIR names."),
    ] = None,
    split: Annotated[str, typer.Option(metavar="test|test_mini", help="Which samples.")] = "test_mini",
    num_samples: Annotated[
        int, typer.Option("--num-samples", metavar="N", help="Only the split's first N samples; 0 for all.")
    ] = 0,
    domains: Annotated[
        str, typer.Option(metavar="site|code", help="Whose domains: the two differ in OlympiadBench's.")
    ] = "site",
    judge: Annotated[
        str | None, typer.Option(metavar="MODEL", help="Who rates what is not: openai/NAME or replay/PATH.")
    ] = None,
    model: Annotated[
        str | None, typer.Option(metavar="NAME", help="Who said it, for tables of several models; asked nothing.")
    ] = None,
    rating: Annotated[
        str | None, typer.Option(metavar="RATER", help="Whose ratings of a folder; each sample's latest by default.")
    ] = None,
    base_url: BaseUrl = None,
    extra_body: ExtraBody = None,
    plain: Plain = False,
    prices: Prices = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="DIR", help="Run folder to write to, and to resume.")
    ] = None,
    jobs: Jobs = None,
    isolation: Isolation = "strict",
    no_cache: NoCacheOfAnswers = False,
    json: Json = False,
) -> None:
    """Draw and rate what models said, and sum it up."""
    from derender.benchmarks import get_benchmark
    from derender.benchmarks.vision2code import DomainMap
    from derender.benchmarks.vision2code.official_tables import is_table
    from derender.benchmarks.vision2code.scoring import score as scored

    get_benchmark(name)
    if domains not in set(DomainMap):
        raise UnknownName("map of domains", domains, DomainMap)
    if is_table(predictions):
        if judge or output or rating:
            raise UserError(
                f"{predictions}: a table of ratings is only summed up; that takes no judge, rating or output"
            )
        raise typer.Exit(sum_up(predictions, DomainMap(domains), json_lines=json))
    engine_options = EngineOptions(jobs, isolation=isolation, cache=not no_cache)
    # Who names a judge wants its word and not an earlier one's.
    said = read_said(predictions, data, split, num_samples, rating if rating or not judge else "")
    tasks, rejected = said.tasks, said.rejected
    asked = asked_of(judge, base_url, prices, cache=not no_cache, extra_body=extra_body) if judge else None
    keys = {task.sample.question_folder: key_of(task, asked, plain=plain) for task in tasks} if output else {}
    with ExitStack() as stack:
        folder = stack.enter_context(RunFolder(output, list(keys.values()))) if output else None
        if folder:
            who = (model or said.model, asked.model.name if asked else said.judge)
            Run(name, split, *who, package_of(tasks, split)).write(folder)
        out = stack.enter_context(Output(len(tasks) + len(rejected), "scored", json_lines=json))
        engine = stack.enter_context(engine_options.engine())
        results = Results(out, folder, tasks, keys)
        for problem in rejected:
            out.rejected({"problem": problem}, problem)
        left = [task for task in tasks if not results.again(task)]
        rates = judge_of(asked, plain=plain) if asked else None
        for each in stack.enter_context(closing(scored(left, engine, rates))):
            results.add(each)
        said.tell_departures(results.in_order())
        tell_table(results, folder, DomainMap(domains), json_lines=json)
        if folder and asked:
            asked.tell(folder, json_lines=json)
    raise typer.Exit(out.exit_code)
