"""``derender bench run``: a model asked, drawn and rated as a benchmark does it, run by Inspect."""

import json as json_text
import shlex
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from derender.core import InfraError, UnknownName, UserError

from ._bench_check import Check, RaterFields, check_judge, check_model, need_judge
from ._bench_plan import Plan
from ._bench_rows import Results, Run, key_of, package_of, tell_table
from ._files import shown
from ._help import TeachingCommand
from ._judging import Plain
from ._models import Asked, BaseUrl, ExtraBody, MaxTokens, NoCacheOfAnswers, Prices, fields_of, ledger_of, sampling_of
from ._options import EngineOptions, Isolation, Jobs, Json
from ._output import Output, style
from ._run_folder import RunFolder, kept_rows

if TYPE_CHECKING:
    from inspect_ai.log import EvalLog
    from inspect_ai.model import GenerateConfig, Model

    from derender.benchmarks.vision2code.scoring import Task
    from derender.models import ActiveModel, ChatModel, Ledger, Sampling
    from derender.render import Engine

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
_INSPECT = "inspect/"


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
        Path, typer.Option("--output", "-o", metavar="DIR", help="Run folder to write to, and to resume.")
    ],
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
    need_judge(judge, judge_url, judge_extra_body)
    require_inspect()
    from inspect_ai.model import GenerateConfig

    from derender.benchmarks.vision2code.scoring import tasks_of
    from derender.judges.endpoint import judge_endpoint

    engine_options = EngineOptions(jobs, isolation=isolation, cache=not no_cache)
    wanted = sampling_of(1, None, temperature, max_tokens)
    wanted = replace(wanted, reasoning_effort=reasoning_effort, extra=fields_of(extra_body))
    asking = Asking(
        model=_model(model, base_url, None, config_of(wanted), connections),
        judge=_model(judge, *judge_endpoint(judge, judge_url), GenerateConfig(), connections) if judge else None,
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
    known = kept_rows(output, list(keys.values()))
    if dry_run:
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


@dataclass(frozen=True, slots=True)
class Asking:
    """Who is asked, and how.

    Attributes:
        model: Inspect's.
        judge: likewise; None where nobody rates.
        judge_extra: further fields that the judge's endpoint is sent.
        plain: whether the judge is sent neither schema nor temperature.
        cached: whether answers are kept, and kept ones used.
        connections: requests under way at once, of each.
        ledger: what it costs.
        most: what it may cost; None for no limit.
    """

    model: "Model"
    judge: "Model | None"
    judge_extra: Mapping[str, Any]
    plain: bool
    cached: bool
    connections: int
    ledger: "Ledger"
    most: float | None = None

    @property
    def asked(self) -> "ActiveModel":
        """The model as ours."""
        from derender.models import ActiveModel

        return ActiveModel(self.model)

    @property
    def rater(self) -> "ActiveModel | None":
        """The judge's model as ours."""
        from derender.models import ActiveModel

        return ActiveModel(self.judge) if self.judge else None

    @property
    def sampling(self) -> "Sampling":
        """How the model is asked."""
        from derender.benchmarks.vision2code.inspect_task import sampling_by

        return sampling_by(self.model.config)

    def key(self, task: "Task") -> str:
        """Equal exactly when what comes of a sample must be."""
        from derender.benchmarks.vision2code.prompt import question_digest

        said = [self.asked.identity, question_digest(), self.sampling.parameters(), self.judge_extra]
        judge = Asked(self.rater, self.ledger) if self.rater else None
        return key_of(task, judge, plain=self.plain, asked=[json_text.dumps(said, sort_keys=True)])

    def described(self, name: str, split: str, tasks: "Sequence[Task]") -> Run:
        """What the folder says of the run."""
        from derender.benchmarks.vision2code.prompt import question_digest

        settings = {"prompt_sha256": question_digest(), "sampling": self.sampling.parameters()}
        settings |= package_of(tasks, split)
        return Run(name, split, self.asked.name, self.rater.name if self.rater else None, settings)

    def plan(self) -> Plan:
        """What a run would ask."""
        return Plan(self.asked, self.sampling, self.cached, self.rater, self.ledger)

    def check_prices(self) -> None:
        """Make sure that a limit of the cost can be kept.

        Raises:
            UserError: it is none, or a model's price is not known.
        """
        from derender.models import Replay, Traced, TransformersModel

        if self.most is None:
            return
        if not self.most > 0:
            raise UserError(f"--max-cost must be more than 0, not {self.most:g}")
        free = Replay | Traced | TransformersModel
        paid = [each for each in (self.asked, self.rater) if each and not isinstance(each.inner, free)]
        for each in paid:
            if self.ledger.price(each.name) is None:
                raise UserError(f"--max-cost needs the price of {each.name}, which no --prices names")

    def check(self) -> None:
        """Ask endpoints next to nothing, so that a run does not fail row by row.

        Raises:
            UserError: one can't be asked; one sentence.
        """
        check_model(_asked_itself(self.asked), self.sampling)
        if self.rater:
            check_judge(_asked_itself(self.rater), self.judge_extra, plain=self.plain)

    def run(self, tasks: "Sequence[Task]", results: Results, engine: "Engine", folder: RunFolder) -> None:
        """Have Inspect run the samples, and take over what comes of them.

        Raises:
            InfraError: Inspect could not run them.
            KeyboardInterrupt: Ctrl-C.
        """
        import inspect_ai

        from derender.benchmarks.vision2code.inspect_task import GRADER, Hosted, hosted_task
        from derender.benchmarks.vision2code.scoring import judging
        from derender.models.ledger import Cap

        cap = Cap(self.ledger, self.most, self.connections) if self.most else None
        judge_of = partial(judging, plain=self.plain, extra=self.judge_extra)
        hosted = Hosted(tasks, lambda: engine, judge_of, self.ledger, self.cached, cap, done=results.add)
        logs = folder.path / "logs"
        (log,) = inspect_ai.eval(
            hosted_task(hosted),
            model=self.model,
            model_roles={GRADER: self.judge} if self.judge else None,
            display="none",
            log_dir=str(logs),
            log_format="eval",
            fail_on_error=False,
            max_samples=2 * self.connections + 2 * engine.jobs,
            max_connections=self.connections,
            log_images=False,
            log_realtime=False,
            score_display=False,
            acp_server=False,
            ctl_server=False,
        )
        if log.status == "cancelled":
            raise KeyboardInterrupt
        if log.status == "error":
            raise InfraError(f"Inspect broke off: {log.error.message if log.error else 'it says not why'}")
        _take_over(tasks, results, log)


def _take_over(tasks: "Sequence[Task]", results: Results, log: "EvalLog") -> None:
    """Samples that Inspect broke off: none of them is rated, and each is tried again by the next run."""
    from derender.benchmarks.vision2code.scoring import Dropped, Scored

    lacking = [task for task in tasks if results.lacks(task)]
    # Samples are read from the log, all of them at once, when first looked at.
    said = {str(each.id): each.error.message for each in (log.samples or () if lacking else ()) if each.error}
    for task in lacking:
        why = said.get(task.sample.question_folder, "its log says why")
        results.add(Scored(task, dropped=Dropped.MACHINE_FAILED, why=f"Inspect broke off: {why}"))


def _asked_itself(active: "ActiveModel") -> "ChatModel":
    """What answers, to be asked outside Inspect's loop."""
    from derender.models import InspectModel

    return active.inner or InspectModel(active.name, active.model.explicit_base_url)


def _model(name: str, base_url: str | None, api_key: str | None, config: "GenerateConfig", connections: int) -> "Model":
    """A model as Inspect has it, by the name that all commands know.

    Raises:
        UserError: there is no such model.
    """
    # Inspect finds providers by a package's entry points, or where they were imported.
    import derender.benchmarks.inspect_registry  # noqa: F401
    from derender.models.inspect import inspect_model

    ours = not name.startswith(_INSPECT)
    config.max_connections = connections
    name = f"derender/{name}" if ours else name.removeprefix(_INSPECT)
    return inspect_model(name, base_url, config, api_key=api_key)
