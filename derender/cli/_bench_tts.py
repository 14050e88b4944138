"""``derender bench tts``: test-time scaling, a model that improves what it drew stage by stage."""

import json as json_text
from collections.abc import Sequence
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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
    Spread,
    Writer,
    at_once,
    paper_sampling,
    side_by_side,
)
from ._bench_check import Check, RaterFields
from ._bench_stages import Stages, is_done, keys_of, stage_lines
from ._exits import complain
from ._files import make_folder
from ._help import TeachingCommand
from ._judging import Plain
from ._models import BaseUrl, ExtraBody, MaxTokens, NoCacheOfAnswers, Prices
from ._options import EngineOptions, Isolation, Jobs, Json
from ._output import Output, say

if TYPE_CHECKING:
    from derender.benchmarks.vision2code.ablations.scaling import Scaled, Scaling
    from derender.benchmarks.vision2code.scoring import Task
    from derender.render import Engine

_EPILOG = """
Examples:
  derender bench tts vision2code -m openai/NAME --judge openai/JUDGE -o scaled
  derender bench tts vision2code -m openai/NAME --mode fixed --stages 6 -o scaled
  derender bench tts vision2code -m replay/said --official official -o scaled

Each stage is a run folder in DIR, stage1, stage2 …, that `derender bench
leaderboard` and `derender report` take; summary.json compares them with the
first stage of the same run. The official mode goes on from the last picture,
whatever it is like; the fixed one from the best by --accept-by, and it tells
why programs failed: its stages hold the best so far, and the folders last and
oracle the last round and the one that the judge likes best. Killed and started
again, it asks and draws nothing twice.
"""


def register(group: typer.Typer) -> None:
    """Add the command to those of benchmarks."""
    group.command("tts", cls=TeachingCommand, epilog=_EPILOG)(tts)


def tts(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The benchmark: vision2code.")],
    model: Writer,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="Folder of run folders to write to, and to resume.")
    ],
    judge: Rater = None,
    stages: Annotated[int, typer.Option(metavar="N", help="Answers asked for, the first included.")] = 4,
    mode: Annotated[
        str, typer.Option(metavar="official|fixed", help="What a stage goes on from, as published or corrected.")
    ] = "official",
    accept_by: Annotated[
        str | None,
        typer.Option(metavar="METRIC|judge", help="What decides in the fixed mode; ssim by default."),
    ] = None,
    tokens: Annotated[
        int | None, typer.Option(metavar="N", help="End a sample's fixed loop once so many are spent on it.")
    ] = None,
    deadline: Annotated[
        float | None, typer.Option(metavar="S", help="Begin no further stage of a sample's fixed loop after S seconds.")
    ] = None,
    official: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write the paper's files and tables too, from official stages.")
    ] = None,
    data: Data = None,
    split: SplitName = "test_mini",
    num_samples: Count = 0,
    spread: Spread = False,
    domains: Annotated[
        str, typer.Option(metavar="site|code", help="Whose domains: the two differ in OlympiadBench's.")
    ] = "site",
    base_url: BaseUrl = None,
    judge_url: RaterUrl = None,
    max_tokens: MaxTokens = None,
    reasoning_effort: Effort = None,
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
    """Have a model improve what it drew, stage by stage, and rate every stage."""
    from derender.agents.scoring import meant_by
    from derender.benchmarks import get_benchmark
    from derender.benchmarks.vision2code import DomainMap
    from derender.benchmarks.vision2code.ablations.scaling import JUDGE, METRIC, Policy, Scaling
    from derender.benchmarks.vision2code.scoring import tasks_of

    get_benchmark(name)
    if domains not in set(DomainMap):
        raise UnknownName("map of domains", domains, DomainMap)
    if mode not in set(Policy):
        raise UnknownName("mode", mode, set(Policy))
    if official is not None and mode != Policy.OFFICIAL:
        raise UserError("--official writes official stages: leave it out, or the fixed mode")
    if accept_by is not None and mode == Policy.OFFICIAL:
        raise UserError("--accept-by decides in the fixed mode: leave it out, or the official one")
    decides = accept_by or METRIC
    if decides == JUDGE and judge is None:
        raise UserError("--accept-by judge needs one: name it by --judge")
    if decides != JUDGE:
        meant_by(decides)
    sampling = paper_sampling(max_tokens, reasoning_effort)
    how = Scaling(stages, Policy(mode), decides, tokens, deadline, sampling)
    rater = (judge, judge_url, judge_extra_body)
    asking = Asking.of(
        (model, base_url, extra_body), rater, sampling, prices=prices, cache=not no_cache, plain=plain, jobs=jobs
    )
    tasks = tasks_of(data, split, num_samples, spread=spread)
    engine_options = EngineOptions(jobs, isolation=isolation, cache=not no_cache)
    keys = keys_of(tasks, how, asking)
    if check and not is_done(output, keys):
        asking.check()
    home = make_folder(output)
    with ExitStack() as stack:
        out = stack.enter_context(Output(len(tasks), "scaled", json_lines=json))
        engine = stack.enter_context(engine_options.engine())
        views = Stages(stack, home, tasks, how, asking, keys, out)
        views.describe(name, split)
        work = partial(_scaled, asking, engine, how)
        try:
            made = side_by_side(work, [task for task in tasks if not views.again(task)], at_once(jobs, engine.jobs))
            with closing(made) as done:
                for task, future in done:
                    views.add(task, future.result())
        finally:
            asking.tell(home, resumed=views.resumed, json_lines=json)
        table = views.finish(DomainMap(domains))
    for line in [json_text.dumps({"summary": table})] if json else stage_lines(table):
        say(line)
    if official is not None:
        _write_official(make_folder(official), home, tasks, views, asking.names[0])
    raise typer.Exit(out.exit_code)


def _scaled(asking: Asking, engine: "Engine", how: "Scaling", task: "Task") -> "Scaled":
    from derender.benchmarks.vision2code.ablations.scaling import scale

    return scale(task, asking.writer.model, engine, how, asking.judge_of)


def _write_official(root: Path, home: Path, tasks: "Sequence[Task]", views: Stages, model: str) -> None:
    from derender.benchmarks.vision2code.ablations.official_stages import write_stages

    stages = [(home / view, rows) for view, rows in views.rows().items()]
    left_out = write_stages(root, [task.sample for task in tasks], stages, model)
    if left_out:
        complain(f"{left_out} rows are not among the official ones: the machine or the model's endpoint failed")
