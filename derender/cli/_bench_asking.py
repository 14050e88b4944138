"""Who is asked in a run of a benchmark, and how Inspect runs it."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from derender.core import InfraError, UserError

from ._bench_check import check_judge, check_model
from ._bench_plan import Plan
from ._bench_rows import Results, Run, key_of, package_of
from ._files import make_folder
from ._interrupts import Interrupts
from ._models import Asked
from ._run_folder import RunFolder

if TYPE_CHECKING:
    from inspect_ai.log import EvalLog
    from inspect_ai.model import GenerateConfig, Model

    from derender.benchmarks.vision2code.scoring import Task
    from derender.models import ActiveModel, ChatModel, Ledger, Sampling
    from derender.render import Engine

_INSPECT = "inspect/"
_NO_DOTENV = "PYTHON_DOTENV_DISABLED"
"""What the package python-dotenv goes by."""


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
        return key_of(task, judge, plain=self.plain, asked=[json.dumps(said, sort_keys=True)])

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
        logs = make_folder(folder.path / "logs")
        with _without_dotenv(), Interrupts() as interrupts:
            hosted = Hosted(
                *(tasks, lambda: engine, judge_of, self.ledger, self.cached, cap),
                begun=interrupts.listen,
                done=results.add,
            )
            try:
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
            except Exception:
                # Tidying up after an interrupt may itself fail.
                if interrupts.seen:
                    raise KeyboardInterrupt from None
                raise
        if log.status == "cancelled" or interrupts.seen:
            raise KeyboardInterrupt
        if log.status == "error":
            raise InfraError(f"Inspect broke off: {log.error.message if log.error else 'it says not why'}")
        _take_over(tasks, results, log)


@contextmanager
def _without_dotenv() -> Iterator[None]:
    """Keep Inspect from the first ``.env`` file upwards of the current folder, which could send a key to any place."""
    before = os.environ.get(_NO_DOTENV)
    os.environ[_NO_DOTENV] = "1"
    try:
        yield
    finally:
        os.environ.pop(_NO_DOTENV)
        if before is not None:
            os.environ[_NO_DOTENV] = before


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

    return active.inner or InspectModel(active.name, active.model.explicit_base_url and active.model.api.base_url)


def inspect_named(
    name: str, base_url: str | None, api_key: str | None, config: "GenerateConfig", connections: int
) -> "Model":
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
