"""What the benchmark's ablations share: who is asked and who rates, and work on many samples side by side."""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, TypeVar

import typer

from derender.core import Language

from ._bench_check import check_judge, check_model, need_judge
from ._models import Asked, fields_of, ledger_of, metered, tell_spent, write_ledger

if TYPE_CHECKING:
    from derender.benchmarks.vision2code.scoring import JudgeOf
    from derender.models import ChatModel, Ledger, Sampling

Named: TypeAlias = tuple[str, str | None, str | None]
"""A model as the user names it: its name, its endpoint, and the further fields that this is sent."""
Item = TypeVar("Item")
Made = TypeVar("Made")

Writer = Annotated[
    str,
    typer.Option("--model", "-m", metavar="MODEL", help="Who writes: openai/NAME, hf/CHECKPOINT or replay/PATH."),
]
Rater = Annotated[str | None, typer.Option("--judge", metavar="MODEL", help="Who rates: openai/NAME or replay/PATH.")]
RaterUrl = Annotated[str | None, typer.Option("--judge-url", metavar="URL", help="The endpoint of an openai/ judge.")]
Effort = Annotated[
    str | None, typer.Option("--reasoning-effort", metavar="WORD", help="Such as low; for models that know it.")
]
Data = Annotated[
    Path | None, typer.Option(metavar="DIR", help="The published package; by default what VISION2CODE_DATA_DIR names.")
]
SplitName = Annotated[str, typer.Option(metavar="test|test_mini", help="Which samples.")]
Count = Annotated[int, typer.Option("--num-samples", metavar="N", help="Only the first N samples; 0 for all.")]
Spread = Annotated[bool, typer.Option("--spread", help="Take the datasets in turns, not one after the other.")]
_AT_ONCE = 16
"""Samples that models are asked about at once, where the user doesn't say."""


@dataclass(frozen=True, slots=True)
class Party(Asked):
    """A model as the user wants it asked.

    Attributes:
        itself: without cache and ledger around it.
        extra: further fields that its endpoint is sent.
    """

    itself: "ChatModel"
    extra: Mapping[str, Any]

    @classmethod
    def of(
        cls,
        load: "Callable[[str, str | None], ChatModel]",
        named: Named,
        ledger: "Ledger",
        *,
        cache: bool,
        jobs: int | None,
    ) -> "Party":
        """A model by name, asked as patiently as the paper's were.

        Raises:
            UserError: there is no such model, or the further fields can't be read.
        """
        from derender.models import OpenAIModel
        from derender.models.inspect import RETRIES, TIMEOUT_S

        name, url, extra_body = named
        itself = load(name, url)
        if isinstance(itself, OpenAIModel):
            many = max(jobs or 1, itself.concurrency)
            itself = replace(itself, timeout_s=TIMEOUT_S, retries=RETRIES, concurrency=many)
        extra = fields_of(extra_body)
        return cls(metered(itself, ledger, cache=cache, extra_body=extra_body), ledger, itself, extra)


@dataclass(frozen=True, slots=True)
class Asking:
    """Who writes, who rates, and how.

    Attributes:
        writer: the model.
        sampling: how it answers.
        rater: None where nobody rates.
        plain: whether the judge is sent neither schema nor temperature.
    """

    writer: Party
    sampling: "Sampling"
    rater: Party | None
    plain: bool

    @classmethod
    def of(
        cls,
        writer: Named,
        rater: tuple[str | None, str | None, str | None],
        sampling: "Sampling",
        *,
        prices: Path | None,
        cache: bool,
        plain: bool,
        jobs: int | None,
    ) -> "Asking":
        """Both by name, endpoint, and further fields that this is sent.

        Raises:
            UserError: there is no such model, prices or further fields can't be read, or a judge is spoken of that
                nobody named.
        """
        from derender.judges import load_judge_model
        from derender.models import load_chat_model

        need_judge(*rater)
        ledger = ledger_of(prices)
        load = partial(load_chat_model, target=Language.PYTHON)
        model = Party.of(load, writer, ledger, cache=cache, jobs=jobs)
        name, url, extra_body = rater
        named = (name, url, extra_body) if name else None
        judge = Party.of(load_judge_model, named, ledger, cache=cache, jobs=jobs) if named else None
        return cls(model, sampling, judge, plain)

    def check(self) -> None:
        """Ask both next to nothing, so that a run does not fail row by row.

        Raises:
            UserError: one can't be asked; one sentence.
        """
        check_model(self.writer.itself, replace(self.sampling, extra=self.writer.extra))
        if self.rater:
            check_judge(self.rater.itself, self.rater.extra, plain=self.plain)

    @property
    def judge_of(self) -> "JudgeOf | None":
        """Who judges by a rubric; None where nobody does."""
        from derender.benchmarks.vision2code.scoring import judging

        return judging(self.rater.model, plain=self.plain) if self.rater else None

    @property
    def names(self) -> tuple[str, str | None]:
        """The models' names."""
        return self.writer.model.name, self.rater.model.name if self.rater else None

    def tell(self, folder: Path, *, resumed: bool, json_lines: bool) -> None:
        """Write down what was spent, also by earlier starts of a resumed run, and say what was now.

        Raises:
            InfraError: it can't be written.
        """
        ledger = self.writer.ledger
        write_ledger(folder, ledger, resumed=resumed)
        if not json_lines:
            tell_spent(ledger)


def paper_sampling(max_tokens: int | None, effort: str | None) -> "Sampling":
    """How the paper's models were asked, as far as the user does not want it otherwise.

    Raises:
        UserError: no token is wanted.
    """
    from derender.benchmarks.vision2code.prompt import as_published
    from derender.models import Sampling

    return as_published(Sampling(max_tokens=max_tokens, reasoning_effort=effort))


def at_once(jobs: int | None, cores: int) -> int:
    """How many samples are worked on at once: who waits for an endpoint needs no core."""
    return jobs or max(cores, _AT_ONCE)


def side_by_side(
    work: Callable[[Item], Made], items: Sequence[Item], threads: int
) -> "Generator[tuple[Item, Future[Made]]]":
    """Work on many items at once, each as it is done."""
    pool = ThreadPoolExecutor(threads, thread_name_prefix="sample")
    try:
        pending = {pool.submit(work, item): item for item in items}
        for future in as_completed(pending):
            yield pending.pop(future), future
    finally:
        # Not waited for: when this breaks off, a model may be busy for long and nobody wants its answer.
        pool.shutdown(wait=False, cancel_futures=True)


def pictures_in(paths: Sequence[Path], output: Path) -> Iterator[Path]:
    """The pictures meant, without those that an earlier run made."""
    from derender.benchmarks.vision2code.ablations.round_trips import PICTURES

    for path in paths:
        if path.is_dir():
            found = (each for each in path.rglob("*") if each.suffix.lower() in PICTURES and each.is_file())
            yield from sorted(each for each in found if not each.resolve().is_relative_to(output.resolve()))
        else:
            yield path
