"""``derender bench tools``: what a model makes of pictures with LaTeX or Excalidraw in place of Python."""

import json as json_text
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from derender.core import UnknownName, UserError

from ._bench_ablation import (
    Asking,
    Count,
    Data,
    Effort,
    Rater,
    RaterUrl,
    SplitName,
    Writer,
    at_once,
    paper_sampling,
    pictures_in,
    side_by_side,
)
from ._bench_check import Check, RaterFields
from ._bench_rows import Results, Run, key_of
from ._bench_table import interval
from ._exits import complain, one_line
from ._files import Names
from ._help import TeachingCommand
from ._judging import Plain
from ._models import BaseUrl, ExtraBody, MaxTokens, NoCacheOfAnswers, Prices
from ._options import EngineOptions, Isolation, Jobs, Json
from ._output import Output, say
from ._run_folder import RunFolder, kept_rows

if TYPE_CHECKING:
    from derender.benchmarks.vision2code.ablations.tool_use import Tool
    from derender.benchmarks.vision2code.scoring import Task
    from derender.models import Sampling

_EPILOG = """
Examples:
  derender bench tools vision2code --to latex -m openai/NAME --judge openai/JUDGE -o set
  derender bench tools vision2code diagrams --to excalidraw -m openai/NAME -o drawn

In LaTeX the package's documents are set, or the samples of --dataset, and rated
by their rubric; scenes are rated by the generic one, and so are pictures of
one's own unless --dataset names another. Where this machine has no renderer of the language the samples stay
without a rating, which says so, and no model is asked.
"""
_GENERIC = "generic"


def register(group: typer.Typer) -> None:
    """Add the command to those of benchmarks."""
    group.command("tools", cls=TeachingCommand, epilog=_EPILOG)(tools)


def tools(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The benchmark: vision2code.")],
    to: Annotated[str, typer.Option("--to", "-t", metavar="latex|excalidraw", help="What the model writes.")],
    model: Writer,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="Run folder to write to, and to resume.")
    ],
    pictures: Annotated[
        list[Path] | None, typer.Argument(metavar="PICTURE", help="Pictures, or folders; else the package's.")
    ] = None,
    judge: Rater = None,
    dataset: Annotated[
        str | None, typer.Option(metavar="NAME", help="Of the package's samples, or whose rubric rates the pictures.")
    ] = None,
    data: Data = None,
    split: SplitName = "test_mini",
    num_samples: Count = 0,
    base_url: BaseUrl = None,
    judge_url: RaterUrl = None,
    max_tokens: MaxTokens = None,
    reasoning_effort: Effort = None,
    json_object: Annotated[
        bool,
        typer.Option("--json-object/--no-json-object", help="Ask the endpoint for JSON where a scene is wanted."),
    ] = True,
    extra_body: ExtraBody = None,
    judge_extra_body: RaterFields = None,
    plain: Plain = False,
    prices: Prices = None,
    jobs: Jobs = None,
    isolation: Isolation = "strict",
    check: Check = True,
    no_cache: NoCacheOfAnswers = False,
    json: Json = False,
) -> None:
    """Have a model draw pictures in another language than Python, and rate what it draws."""
    from derender.benchmarks import get_benchmark
    from derender.benchmarks.vision2code.ablations.tool_use import Tool, Toolbox, lacking
    from derender.benchmarks.vision2code.data import first
    from derender.benchmarks.vision2code.scoring import Dropped, Scored

    get_benchmark(name)
    if to not in set(Tool):
        raise UnknownName("tool", to, set(Tool))
    tool = Tool(to)
    sampling = paper_sampling(max_tokens, reasoning_effort)
    rater = (judge, judge_url, judge_extra_body)
    asking = Asking.of(
        (model, base_url, extra_body), rater, sampling, prices=prices, cache=not no_cache, plain=plain, jobs=jobs
    )
    if tool is Tool.EXCALIDRAW and json_object:
        # Not part of the check, whose words some endpoints would not answer in JSON.
        sampling = replace(sampling, extra={"response_format": {"type": "json_object"}})
    tasks = _own(pictures, output, dataset or _GENERIC) if pictures else _published(tool, data, split, dataset)
    tasks = first(tasks, num_samples)
    keys = {task.sample.question_folder: _key(task, tool, asking, sampling) for task in tasks}
    engine_options = EngineOptions(jobs, isolation=isolation, cache=not no_cache)
    absent = lacking(tool)
    if check and not absent and len(kept_rows(output, list(keys.values()))) < len(keys):
        asking.check()
    with ExitStack() as stack:
        folder = stack.enter_context(RunFolder(output, list(keys.values())))
        run = Run(f"{name}/{tool}", "own" if pictures else split, *asking.names, {"tool": tool.value})
        run.write(folder)
        out = stack.enter_context(Output(len(tasks), "drawn", json_lines=json))
        engine = stack.enter_context(engine_options.engine())
        results = Results(out, folder, tasks, keys)
        left = [task for task in tasks if not results.again(task)]
        if absent and left:
            complain(f"no model is asked: {absent}")
            for task in left:
                results.add(Scored(task, dropped=Dropped.MACHINE_FAILED, why=absent))
            left = []
        box = Toolbox(tool, asking.writer.model, engine, sampling, asking.judge_of)
        try:
            with closing(side_by_side(box.use, left, at_once(jobs, engine.jobs))) as done:
                for _, future in done:
                    results.add(future.result())
        finally:
            asking.tell(folder.path, resumed=bool(folder.kept), json_lines=json)
        folder.put_in_order()
        table = _table(tool, results.in_order())
        folder.write("summary.json", json_text.dumps(table, indent=1) + "\n")
    for line in [json_text.dumps({"summary": table})] if json else _lines(table):
        say(line)
    raise typer.Exit(out.exit_code)


def _own(paths: Sequence[Path], output: Path, dataset: str) -> "list[Task]":
    """Pictures of one's own.

    Raises:
        UserError: there are none, or no such rubric.
    """
    from derender.benchmarks.vision2code.ablations.tool_use import task_of_picture
    from derender.judges import rubric_of

    rubric_of("vision2code", dataset)
    absent = next((path for path in paths if not path.exists()), None)
    if absent is not None:
        raise UserError(f"{absent}: no such file")
    names = Names()
    found = [task_of_picture(path, names.claim(path.stem), dataset) for path in pictures_in(paths, output)]
    if not found:
        raise UserError(f"{paths[0]}: holds no pictures")
    return found


def _published(tool: "Tool", data: Path | None, split: str, dataset: str | None) -> "list[Task]":
    """The package's samples that a tool is for.

    Raises:
        UserError: there are none.
    """
    from derender.benchmarks.vision2code.ablations.tool_use import DOCUMENTS, Tool
    from derender.benchmarks.vision2code.scoring import tasks_of

    wanted = dataset or (DOCUMENTS if tool is Tool.LATEX else None)
    if wanted is None:
        raise UserError("the package holds no diagrams of Excalidraw's: name pictures, or a dataset by --dataset")
    tasks = [task for task in tasks_of(data, split) if task.sample.source_dataset == wanted]
    if not tasks:
        raise UserError(f"the split {split} holds no samples of {wanted}")
    if tool is Tool.LATEX:
        return tasks
    return [replace(task, sample=replace(task.sample, source_dataset=_GENERIC)) for task in tasks]


def _key(task: "Task", tool: "Tool", asking: Asking, sampling: "Sampling") -> str:
    from derender.benchmarks.vision2code.ablations.tool_use import tool_digest

    said = [asking.writer.model.identity, tool.value, tool_digest(tool), sampling.parameters()]
    return key_of(task, asking.rater, plain=asking.plain, asked=[json_text.dumps(said, sort_keys=True)])


def _table(tool: "Tool", rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The numbers of a run; no mean where nothing that was drawn is rated."""
    from derender.judges import Mode

    tried = [row for row in rows if row["render_success"] is not None]
    drawn = [row for row in tried if row["render_success"]]
    unrated = bool(drawn) and not any(row["official"] for row in drawn)
    rated = [] if unrated else [row for row in rows if row["official"]]
    return {
        "tool": tool.value,
        "samples": len(rows),
        "rated": len(rated),
        "render_success": {
            "tried": len(tried),
            "ok": len(drawn),
            "rate": round(len(drawn) / len(tried), 6) if tried else None,
        },
        "statuses": dict(Counter(row["render_status"].partition(":")[0] for row in tried)),
        "dropped": dict(sorted(Counter(row["dropped"] for row in rows if row["dropped"]).items())),
        "why": {row["dropped"]: row["why"] for row in reversed(rows) if row["dropped"]},
        **{mode.value: _means([row[mode.value] for row in rated]) for mode in Mode},
    }


def _means(ratings: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    from derender.benchmarks.statistics import micro_mean

    finals, raws = ([each[f"{kind}_0_to_5"] for each in ratings] for kind in ("final_rating", "raw_score"))
    found = micro_mean(finals)
    numbers = {"mean_final_rating_0_to_5": found.value, "low": found.low, "high": found.high}
    numbers["mean_raw_score_0_to_5"] = micro_mean(raws).value
    return {name: None if number is None else round(number, 4) for name, number in numbers.items()}


def _lines(table: Mapping[str, Any]) -> Iterator[str]:
    drawn = table["render_success"]
    yield ""
    yield f"drawn  {drawn['ok']} of {drawn['tried']} that could be tried, of {table['samples']}"
    for mode in ("official", "fixed"):
        yield f"{mode}  {interval(table[mode], 'mean_final_rating_0_to_5')}"
    failed = [f"{count} {status}" for status, count in table["statuses"].items() if status != "ok"]
    if failed:
        yield f"failures  {', '.join(failed)}"
    for kind, count in table["dropped"].items():
        yield f"left out of means  {count} {kind.replace('_', ' ')}, such as: {one_line(table['why'][kind])}"
