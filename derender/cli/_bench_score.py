"""``derender bench score``: what models said, scored as a benchmark does it."""

import json as json_text
from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from derender.core import UnknownName, UserError

from ._bench_table import table_lines, words
from ._exits import complain, one_line
from ._files import Names, reason
from ._help import TeachingCommand
from ._judging import Plain
from ._models import Asked, BaseUrl, NoCacheOfAnswers, Prices
from ._options import EngineOptions, Isolation, Jobs, Json
from ._output import Output, mark, say, style
from ._run_folder import RunFolder, failure_row

if TYPE_CHECKING:
    from derender.benchmarks.vision2code.predictions import Prediction
    from derender.benchmarks.vision2code.scoring import JudgeOf, Scored, Task

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
    from derender.benchmarks.vision2code.score_table import score_table
    from derender.benchmarks.vision2code.scoring import score as scored

    get_benchmark(name)
    if domains not in set(DomainMap):
        raise UnknownName("map of domains", domains, DomainMap)
    engine_options = EngineOptions(jobs, isolation=isolation, cache=not no_cache)
    tasks, rejected = _tasks(predictions, data, split, num_samples)
    asked = _asked(judge, base_url, prices, cache=not no_cache) if judge else None
    keys = {task.sample.question_folder: _key(task, asked, plain=plain) for task in tasks} if output else {}
    with ExitStack() as stack:
        folder = stack.enter_context(RunFolder(output, list(keys.values()))) if output else None
        out = stack.enter_context(Output(len(tasks) + len(rejected), "scored", json_lines=json))
        engine = stack.enter_context(engine_options.engine())
        results = _Results(out, folder, tasks, keys)
        for problem in rejected:
            out.rejected({"problem": problem}, problem)
        left = [task for task in tasks if not results.again(task)]
        judge_of = _judge_of(asked, plain=plain) if asked else None
        for each in stack.enter_context(closing(scored(left, engine, judge_of))):
            results.add(each)
        table = score_table(results.in_order(), DomainMap(domains))
        if folder:
            folder.put_in_order()
            folder.write("summary.json", json_text.dumps(table, indent=1) + "\n")
            if asked:
                asked.tell(folder, json_lines=json)
    if json:
        say(json_text.dumps({"summary": table}))
    else:
        for line in table_lines(table):
            say(line)
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


def _asked(name: str, base_url: str | None, prices: Path | None, *, cache: bool) -> Asked:
    from derender.models import load_chat_model

    return Asked.around(load_chat_model(name, base_url), prices, cache=cache)


def _judge_of(asked: Asked, *, plain: bool) -> "JudgeOf":
    from derender.judges import Judge, Mode
    from derender.judges.judge import MAX_TOKENS
    from derender.models import Sampling

    sampling = Sampling(temperature=None if plain else 0.0, max_tokens=MAX_TOKENS)
    return lambda rubric: Judge(asked.model, rubric, False, Mode.OFFICIAL, sampling, not plain)


def _key(task: "Task", asked: Asked | None, *, plain: bool) -> str:
    import derender
    from derender.judges.prompt import prompt_digest
    from derender.render.machine import code

    home = Path(derender.__file__).parent
    said = [derender.__version__, *(code(home / part) for part in ("render", "judges", "benchmarks/vision2code"))]
    said += [asked.model.identity, prompt_digest(), str(plain)] if asked else []
    return task.key(*said)


class _Results:
    """Says what was scored, keeps its rows, and writes them to the run folder where one is wanted."""

    def __init__(self, out: Output, folder: RunFolder | None, tasks: "Sequence[Task]", keys: Mapping[str, str]) -> None:
        names = Names()
        self._out = out
        self._folder = folder
        self._keys = keys
        self._names = {task.sample.question_folder: names.claim(task.sample.question_folder) for task in tasks}
        self._rows: dict[str, dict[str, Any]] = {}

    def again(self, task: "Task") -> bool:
        """Whether an earlier run scored a task; its row is taken over."""
        name = task.sample.question_folder
        row = self._folder.kept.get(self._keys[name]) if self._folder else None
        if row is not None:
            self._take(name, row)
        return row is not None

    def add(self, scored: "Scored") -> None:
        """Take over what came of a task."""
        name = scored.task.sample.question_folder
        # As it will be read back.
        row = json_text.loads(json_text.dumps(self._row(scored)))
        if self._folder:
            self._folder.record(row)
        self._take(name, row)

    def in_order(self) -> list[Mapping[str, Any]]:
        """The rows of all tasks."""
        return [self._rows[name] for name in self._names]

    def _take(self, name: str, row: dict[str, Any]) -> None:
        self._rows[name] = row
        rated = row["dropped"] in {None, "not_judged"}
        self._out.result(row, _line(row), ok=rated)

    def _row(self, scored: "Scored") -> dict[str, Any]:
        task, drawn, dropped = scored.task, scored.drawn, scored.dropped
        folder = self._folder
        name = task.sample.question_folder
        program = task.prediction.program if task.prediction else None
        paths: dict[str, str | None] = {"program": None, "picture": None}
        if folder and program:
            paths["program"] = folder.relative(folder.write(f"{self._names[name]}.py", program.source))
        if folder and drawn and drawn.picture:
            paths["picture"] = folder.relative(folder.write(f"{self._names[name]}.png", drawn.picture.png))
        ratings = {"official": scored.official, "fixed": scored.fixed}
        finals = {mode: rating.final for mode, rating in ratings.items() if rating}
        return {
            "id": name,
            "key": self._keys.get(name),
            "again": dropped is not None and dropped.again,
            **scored.record(),
            "reference": str(task.reference) if task.reference else None,
            "program": paths["program"],
            "rendering": {
                "ok": drawn.render_success if drawn else None,
                "failure": failure_row(drawn.failure) if drawn and drawn.failure else None,
                "pictures": [paths["picture"]] if paths["picture"] else [],
                "warnings": [],
                "elapsed_s": None,
            },
            "scores": {"vision2code": finals} if finals else {},
            "unscored": {"vision2code": scored.why} if dropped else {},
            "target": None,
            "model": None,
            "group": task.sample.source_dataset,
        }


def _line(row: Mapping[str, Any]) -> str:
    name = one_line(row["question_folder"])
    if row["official"] is None:
        return f"{mark(False)} {name}  {style(one_line('not rated: ' + row['why']), dim=True)}"
    official, fixed = (row[mode]["final_rating_0_to_5"] for mode in ("official", "fixed"))
    corrected = f"  {style('fixed', dim=True)} {fixed:.1f}" if fixed != official else ""
    label = f"  {style(words(row['failure_class']), dim=True)}" if row["failure_class"] else ""
    return f"{mark(bool(row['render_success']))} {name}  {official:.1f}{corrected}{label}"
