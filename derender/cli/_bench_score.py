"""``derender bench score``: what models said, scored as a benchmark does it."""

from collections.abc import Generator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from derender.core import UnknownName, UserError

from ._bench_rows import Results, Run, asked_of, judge_of, key_of, tell_table
from ._exits import complain
from ._files import reason
from ._help import TeachingCommand
from ._judging import Plain
from ._models import BaseUrl, NoCacheOfAnswers, Prices
from ._options import EngineOptions, Isolation, Jobs, Json
from ._output import Output
from ._run_folder import RunFolder

if TYPE_CHECKING:
    from derender.benchmarks.vision2code.predictions import Prediction
    from derender.benchmarks.vision2code.scoring import Task

_EPILOG = """
Examples:
  derender bench score vision2code said.jsonl --data DIR --judge openai/NAME
  derender bench score vision2code said.jsonl --split test -o scored
  derender bench score vision2code rated.jsonl --json > scored.jsonl

A line of PREDICTIONS is a JSON object with question_folder (or sample_id) and
the model's reply, or its code; category scores that a judge gave may stand in
scores, and are used instead of a judge. With -o, what an earlier run into the
folder scored is not scored again, and summary.json is the table.
"""


def register(group: typer.Typer) -> None:
    """Add the command to those of benchmarks."""
    group.command("score", cls=TeachingCommand, epilog=_EPILOG)(score)


def score(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The benchmark: vision2code.")],
    predictions: Annotated[Path, typer.Argument(metavar="PREDICTIONS", help="JSONL file of what a model said.")],
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
    base_url: BaseUrl = None,
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
    from derender.benchmarks.vision2code.scoring import score as scored

    get_benchmark(name)
    if domains not in set(DomainMap):
        raise UnknownName("map of domains", domains, DomainMap)
    engine_options = EngineOptions(jobs, isolation=isolation, cache=not no_cache)
    tasks, rejected = _tasks(predictions, data, split, num_samples)
    asked = asked_of(judge, base_url, prices, cache=not no_cache) if judge else None
    keys = {task.sample.question_folder: key_of(task, asked, plain=plain) for task in tasks} if output else {}
    with ExitStack() as stack:
        folder = stack.enter_context(RunFolder(output, list(keys.values()))) if output else None
        if folder:
            Run(name, split, model, asked.model.name if asked else None).write(folder)
        out = stack.enter_context(Output(len(tasks) + len(rejected), "scored", json_lines=json))
        engine = stack.enter_context(engine_options.engine())
        results = Results(out, folder, tasks, keys)
        for problem in rejected:
            out.rejected({"problem": problem}, problem)
        left = [task for task in tasks if not results.again(task)]
        rates = judge_of(asked, plain=plain) if asked else None
        for each in stack.enter_context(closing(scored(left, engine, rates))):
            results.add(each)
        tell_table(results, folder, DomainMap(domains), json_lines=json)
        if folder and asked:
            asked.tell(folder, json_lines=json)
    raise typer.Exit(out.exit_code)


def _tasks(path: Path, data: Path | None, split: str, count: int) -> "tuple[list[Task], list[str]]":
    """The samples with what was said about them, and sentences about lines that can't be used."""
    from derender.benchmarks.vision2code import Split, data_folder, read_manifest, select
    from derender.benchmarks.vision2code.predictions import read_predictions
    from derender.benchmarks.vision2code.scoring import Task

    folder = data_folder(data)
    samples = select(read_manifest(folder), Split.parse(split), count)
    if not samples:
        raise UserError(f"{folder}: holds no samples of the split {split}")
    found: dict[str, Prediction] = {}
    rejected = []
    with closing(_bytes_of(path)) as lines:
        for each in read_predictions(lines, samples):
            if isinstance(each, UserError):
                rejected.append(f"{path}, {each}")
            else:
                found[each[0].question_folder] = each[1]
    if not found:
        for sentence in rejected[:3]:
            complain(sentence)
        raise UserError(f"{path}: holds no predictions about samples of {split}")
    return [Task(sample, folder.absolute(), found.get(sample.question_folder)) for sample in samples], rejected


def _bytes_of(path: Path) -> Generator[bytes]:
    try:
        with path.open("rb") as file:
            yield from file
    except OSError as error:
        raise UserError(f"{path}: can't be read ({reason(error)})") from None
