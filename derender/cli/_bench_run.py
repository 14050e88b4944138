"""``derender bench run``: a model asked, drawn and rated as a benchmark does it, run by Inspect."""

import shlex
import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from derender.core import UnknownName, UserError

from ._bench_asking import Asking, inspect_named
from ._bench_check import Check, RaterFields, need_judge
from ._bench_rows import Results, tell_table
from ._files import shown
from ._help import TeachingCommand
from ._judging import Plain
from ._models import Asked, BaseUrl, ExtraBody, MaxTokens, NoCacheOfAnswers, Prices, fields_of, ledger_of, sampling_of
from ._options import EngineOptions, Isolation, Jobs, Json
from ._output import Output, style
from ._run_folder import RunFolder, kept_rows

_EPILOG = """
Examples:
  derender bench run vision2code -m openai/NAME --judge openai/JUDGE -o run
  derender bench run vision2code -m trace --num-samples 30 --spread -o run
  derender bench run vision2code -m inspect/anthropic/NAME -o run --dry-run
  inspect view --log-dir run/logs

Killed and started again, it goes on: no answer, picture or verdict is asked or
made twice. Without a judge samples are drawn and not rated. The task is also
Inspect's own, derender/vision2code, with the judge as --model-role grader=….
"""
_AT_ONCE = 16


def register(group: typer.Typer) -> None:
    """Add the command to those of benchmarks."""
    group.command("run", cls=TeachingCommand, epilog=_EPILOG)(run)


def run(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The benchmark: vision2code.")],
    model: Annotated[
        str,
        typer.Option(
            "--model", "-m", metavar="MODEL", help="Who is asked: openai/NAME, inspect/…, hf/…, replay/PATH or trace."
        ),
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="DIR", help="Run folder to write to, and to resume.")
    ] = None,
    judge: Annotated[
        str | None, typer.Option(metavar="MODEL", help="Who rates: openai/NAME, inspect/… or replay/PATH.")
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="The published package; by default what VISION2CODE_DATA_DIR names."),
    ] = None,
    split: Annotated[str, typer.Option(metavar="test|test_mini", help="Which samples.")] = "test_mini",
    num_samples: Annotated[
        int, typer.Option("--num-samples", metavar="N", help="Only the split's first N samples; 0 for all.")
    ] = 0,
    spread: Annotated[bool, typer.Option("--spread", help="Take the datasets in turns, not one after the other.")] = (
        False
    ),
    domains: Annotated[
        str, typer.Option(metavar="site|code", help="Whose domains: the two differ in OlympiadBench's.")
    ] = "site",
    base_url: BaseUrl = None,
    judge_url: Annotated[
        str | None, typer.Option("--judge-url", metavar="URL", help="The same of an openai/ judge.")
    ] = None,
    temperature: Annotated[
        float | None, typer.Option(metavar="T", help="0 by default, and left out with a reasoning effort.")
    ] = None,
    max_tokens: MaxTokens = None,
    reasoning_effort: Annotated[
        str | None, typer.Option("--reasoning-effort", metavar="WORD", help="Such as low; for models that know it.")
    ] = None,
    extra_body: ExtraBody = None,
    judge_extra_body: RaterFields = None,
    plain: Plain = False,
    connections: Annotated[
        int, typer.Option(metavar="N", help="Requests under way at once, of model and judge each.")
    ] = _AT_ONCE,
    prices: Prices = None,
    max_cost: Annotated[
        float | None, typer.Option("--max-cost", metavar="N", help="Ask no more once so much is spent, by --prices.")
    ] = None,
    jobs: Jobs = None,
    isolation: Isolation = "strict",
    check: Check = True,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be asked and what it may cost; ask nobody.")
    ] = False,
    no_cache: NoCacheOfAnswers = False,
    json: Json = False,
) -> None:
    """Ask a model about every picture, draw and rate what it says."""
    from derender.benchmarks import get_benchmark
    from derender.benchmarks.vision2code.sources import DomainMap
    from derender.models.inspect import config_of, require_inspect

    get_benchmark(name)
    if domains not in set(DomainMap):
        raise UnknownName("map of domains", domains, DomainMap)
    if connections < 1:
        raise UserError(f"--connections must be at least 1, not {connections}")
    if output is None and not dry_run:
        raise UserError("name a run folder by -o, or see by --dry-run what a run would ask")
    need_judge(judge, judge_url, judge_extra_body)
    require_inspect()
    from inspect_ai.model import GenerateConfig

    from derender.benchmarks.vision2code.scoring import tasks_of
    from derender.judges.endpoint import judge_endpoint

    engine_options = EngineOptions(jobs, isolation=isolation, cache=not no_cache)
    wanted = sampling_of(1, None, temperature, max_tokens)
    wanted = replace(wanted, reasoning_effort=reasoning_effort, extra=fields_of(extra_body))
    asking = Asking(
        model=inspect_named(model, base_url, None, config_of(wanted), connections),
        judge=inspect_named(judge, *judge_endpoint(judge, judge_url), GenerateConfig(), connections) if judge else None,
        judge_extra=fields_of(judge_extra_body),
        plain=plain,
        cached=not no_cache,
        connections=connections,
        ledger=ledger_of(prices),
        most=max_cost,
    )
    asking.check_prices()
    tasks = tasks_of(data, split, num_samples, spread=spread)
    keys = {task.sample.question_folder: asking.key(task) for task in tasks}
    known = kept_rows(output, list(keys.values())) if output else {}
    if output is None or dry_run:
        scored = {name for name, key in keys.items() if key in known}
        asking.plan().tell(tasks, scored, json_lines=json)
        return
    if check and len(known) < len(tasks):
        asking.check()
    with ExitStack() as stack:
        folder = stack.enter_context(RunFolder(output, list(keys.values())))
        asking.described(name, split, tasks).write(folder)
        out = stack.enter_context(Output(len(tasks), "scored", json_lines=json))
        engine = stack.enter_context(engine_options.engine())
        results = Results(out, folder, tasks, keys)
        left = [task for task in tasks if not results.again(task)]
        try:
            if left:
                asking.run(left, results, engine, folder)
        finally:
            Asked(asking.asked, asking.ledger).tell(folder, json_lines=json)
        tell_table(results, folder, DomainMap(domains), json_lines=json)
        if left and not json:
            told = f"every step of it: inspect view --log-dir {shlex.quote(shown(folder.path / 'logs'))}"
            print(style(told, sys.stderr, dim=True), file=sys.stderr)
    raise typer.Exit(out.exit_code)
