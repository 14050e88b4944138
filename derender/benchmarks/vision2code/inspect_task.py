"""Vision2Code as a task of Inspect's, which runs, repeats, logs and shows; what is asked and how it is rated is ours.

A sample's answer is asked through the store of answers, so that what a killed run's log had not written is not asked
again. ``inspect eval derender/vision2code`` and ``derender bench run`` are the two doors to it.
"""

import asyncio
import atexit
import base64
import io
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

from inspect_ai import Task as InspectTask
from inspect_ai import task
from inspect_ai.dataset import MemoryDataset
from inspect_ai.dataset import Sample as InspectSample
from inspect_ai.model import GenerateConfig, Model, ModelOutput, get_model, model_roles
from inspect_ai.scorer import Metric, SampleScore, Score, Scorer, Target, Value, mean, metric, scorer
from inspect_ai.solver import Generate, Solver, TaskState, solver
from rich.markup import escape

from derender.core import UnknownName, UserError
from derender.models import ActiveModel, ChatModel, Ledger, Metered, ModelError, Sampling
from derender.models.cache import kept
from derender.models.inspect import sampling_of, to_inspect
from derender.models.ledger import Cap, Capped
from derender.render import Engine

from .data import data_folder, read_manifest
from .predictions import Prediction
from .prompt import as_published, messages, question_digest
from .replies import program_of
from .scoring import Dropped, JudgeOf, Scored, Task, judging, reference_of, score_one, tasks_of
from .sources import DomainMap
from .summary import Rated, summarise

GRADER = "grader"
"""The role of the judge's model."""
_RATING, _DRAWN = "vision2code", "drawn"
_THUMBNAIL = 240
_NO_ANSWER = "no_answer"


@dataclass
class Hosted:
    """What a task of Inspect's works with.

    Attributes:
        tasks: the samples, without predictions.
        engine: gives what draws.
        judge_of: how a model judges by a rubric.
        ledger: what is asked.
        cached: whether answers are kept, and kept ones used.
        cap: what all models together may cost; None for no limit.
        domains: whose domains.
        begun: called in Inspect's loop before a sample is asked about.
        done: told what came of each sample, with the model's reply, as it is scored.
    """

    tasks: Sequence[Task]
    engine: Callable[[], Engine]
    judge_of: Callable[[ChatModel], JudgeOf]
    ledger: Ledger = field(default_factory=Ledger)
    cached: bool = True
    cap: Cap | None = None
    domains: DomainMap = DomainMap.SITE
    begun: Callable[[], None] = lambda: None
    done: Callable[[Scored, str | None], None] = lambda scored, reply: None

    def __post_init__(self) -> None:
        self._by_name = {each.sample.question_folder: each for each in self.tasks}
        self._models: dict[str, ChatModel] = {}
        self._found: dict[str, Scored] = {}

    def task(self, name: str) -> Task:
        """A sample by its name.

        Raises:
            UserError: there is none.
        """
        if name not in self._by_name:
            raise UserError(f"{name!r:.120} is no sample of this package")
        return self._by_name[name]

    def model(self, model: Model) -> ChatModel:
        """A model of Inspect's with the store of answers and the ledger around it."""
        active = ActiveModel(model)
        if active.identity not in self._models:
            asked = Capped(active, self.cap) if self.cap else active
            self._models[active.identity] = Metered(kept(active, asked) if self.cached else asked, self.ledger)
        return self._models[active.identity]

    def judge(self) -> JudgeOf | None:
        """Who rates; None where the run names no grader."""
        graders = model_roles().get(GRADER)
        if not graders:
            return None
        return self.judge_of(self.model(get_model(role=GRADER)))

    def keep(self, scored: Scored, reply: str | None) -> None:
        """Take over what came of a sample."""
        self._found[scored.task.sample.question_folder] = scored
        self.done(scored, reply)

    def take(self, name: str) -> Scored | None:
        """What came of a sample; once, as it holds a picture and there are thousands."""
        return self._found.pop(name, None)


def sampling_by(config: GenerateConfig) -> Sampling:
    """How a model of Inspect's is asked: once, and else as published."""
    return as_published(replace(sampling_of(config), n=1))


@task
def vision2code(
    data: str | None = None,
    split: str = "test_mini",
    num_samples: int = 0,
    spread: bool = False,
    domains: str = "site",
    plain: bool = False,
    cache: bool = True,
    jobs: int | None = None,
) -> InspectTask:
    """Pictures of fifteen datasets to Matplotlib programs, drawn and rated 0 to 5 by the model of the role ``grader``.

    Args:
        data: the published package's folder; by default what ``VISION2CODE_DATA_DIR`` names.
        split: ``test`` or ``test_mini``.
        num_samples: only the first so many; 0 for all.
        spread: whether to take the datasets in turns.
        domains: whose domains: ``site`` or ``code``.
        plain: whether the judge is sent neither schema nor temperature.
        cache: whether answers and renderings are kept, and kept ones used.
        jobs: programs drawn at once; as many as there are cores by default.
    """
    with _in_one_sentence():
        if domains not in set(DomainMap):
            raise UnknownName("map of domains", domains, DomainMap)
        tasks = tasks_of(Path(data) if data else None, split, num_samples, spread=spread)
    engine = partial(shared_engine, jobs, cache)
    return hosted_task(Hosted(tasks, engine, partial(judging, plain=plain), cached=cache, domains=DomainMap(domains)))


def hosted_task(hosted: Hosted) -> InspectTask:
    """The task as Inspect runs it."""
    return InspectTask(
        dataset=MemoryDataset([_sample(each) for each in hosted.tasks], name="vision2code"),
        solver=_asks(hosted),
        scorer=[_rates(hosted), _draws(hosted)],
        name="vision2code",
        version=question_digest()[:12],
        metadata={"prompt_sha256": question_digest()},
    )


@cache
def shared_engine(jobs: int | None, cached: bool) -> Engine:
    """The one engine of this process, closed when it ends."""
    engine = Engine(jobs=jobs, cache=cached)
    atexit.register(engine.close)
    return engine


def _sample(each: Task) -> InspectSample:
    told = {"dataset": each.sample.source_dataset, "picture": each.sample.image_path}
    return InspectSample(input=each.sample.question_folder, id=each.sample.question_folder, metadata=told)


def _asks(hosted: Hosted) -> Solver:
    @solver(name="vision2code_asks")
    def asks() -> Solver:
        async def solve(state: TaskState, generate: Generate) -> TaskState:
            if state.epoch > 1:
                raise UserError("Vision2Code asks once about each sample: leave out --epochs")
            hosted.begun()
            name, model = str(state.sample_id), get_model()
            try:
                asked = messages(await asyncio.to_thread(reference_of, hosted.task(name)))
                state.messages = to_inspect(asked)
                answer = await hosted.model(model).ask(asked, sampling_by(model.config), item=name)
            except (ModelError, UserError) as error:
                state.metadata[_NO_ANSWER] = str(error)
                return state
            state.output = ModelOutput.from_content(answer.model, answer.samples[0].text)
            state.messages.append(state.output.message)
            state.metadata[_NO_ANSWER] = None
            return state

        return solve

    return asks()


def _summary(domains: DomainMap) -> Metric:
    @metric(name="rating")
    def rating() -> Metric:
        def compute(scores: list[SampleScore]) -> Value:
            told = [(each.score.metadata or {}, each.score.as_float()) for each in scores]
            rated = [Rated(str(said["dataset"]), bool(said["render_success"]), final) for said, final in told]
            summary = summarise(rated, domains)
            datasets = {name: each.final for name, each in summary.datasets.items()}
            return {"macro": summary.score, "micro": summary.all.final, **datasets}

        return compute

    return rating()


def _rates(hosted: Hosted) -> Scorer:
    return scorer(name=_RATING, metrics=[_summary(hosted.domains)])(partial(_rating_by, hosted))()


def _draws(hosted: Hosted) -> Scorer:
    return scorer(name=_DRAWN, metrics=[mean()])(partial(_drawn_by, hosted))()


def _rating_by(hosted: Hosted) -> Scorer:
    async def score(state: TaskState, target: Target) -> Score:
        judge = hosted.judge()
        scored = await _scored(state, hosted, judge)
        return await asyncio.to_thread(_score, scored, judged=judge is not None)

    return score


def _drawn_by(hosted: Hosted) -> Scorer:
    async def score(state: TaskState, target: Target) -> Score:
        scored = hosted.take(str(state.sample_id)) or await _scored(state, hosted, None)
        if scored.drawn is None or scored.drawn.status is None:
            return Score.unscored(explanation=scored.why)
        return Score(value=float(scored.drawn.render_success))

    return score


async def _scored(state: TaskState, hosted: Hosted, judge: JudgeOf | None) -> Scored:
    name = str(state.sample_id)
    why = state.metadata.get(_NO_ANSWER, "the model's answer was broken off")
    reply = None if why else state.output.completion
    told = replace(hosted.task(name), prediction=Prediction(name, None if reply is None else program_of(reply), why))
    scored = await score_one(told, hosted.engine(), judge)
    hosted.keep(scored, reply)
    return scored


@scorer(name=_RATING, metrics=[_summary(DomainMap.SITE)])
def rating_again(data: str | None = None, plain: bool = False, cache: bool = True, jobs: int | None = None) -> Scorer:
    """Rates the answers of a log anew, by the model of the role ``grader``: ``inspect score LOG``.

    Args:
        data: the package's folder; by default what ``VISION2CODE_DATA_DIR`` names.
        plain: whether the judge is sent neither schema nor temperature.
        cache: whether verdicts and renderings are kept, and kept ones used.
        jobs: programs drawn at once; as many as there are cores by default.
    """
    return _rating_by(_logged(data, plain, cache, jobs))


@scorer(name=_DRAWN, metrics=[mean()])
def drawn_again(data: str | None = None, plain: bool = False, cache: bool = True, jobs: int | None = None) -> Scorer:
    """Draws the answers of a log anew; what it is given is as for `rating_again`."""
    return _drawn_by(_logged(data, plain, cache, jobs))


def _logged(data: str | None, plain: bool, cached: bool, jobs: int | None) -> Hosted:
    """What a log's samples are scored with: any of the package's."""
    with _in_one_sentence():
        folder = data_folder(Path(data) if data else None).absolute()
        tasks = [Task(sample, folder, None) for sample in read_manifest(folder)]
    return Hosted(tasks, partial(shared_engine, jobs, cached), partial(judging, plain=plain), cached=cached)


@contextmanager
def _in_one_sentence() -> Iterator[None]:
    """What is wrongly given is said by Inspect's commands as their own errors are, not with a traceback."""
    from inspect_ai._util.error import PrerequisiteError

    try:
        yield
    except UserError as error:
        raise PrerequisiteError(escape(str(error))) from None


def _score(scored: Scored, *, judged: bool) -> Score:
    """What Inspect keeps of a sample; where nobody judges, the zeros of failures would be means of nothing else."""
    record = scored.record()
    names = ("dataset", "render_success", "failure_class", "category_scores", "official", "fixed", "dropped", "why")
    told: dict[str, Any] = {name: record[name] for name in names if record[name] is not None} | _thumbnails(scored)
    verdict = record["verdict"] or {}
    failure = scored.drawn.failure if scored.drawn else None
    said = scored.why or verdict.get("overall_summary") or (failure.message if failure else "")
    if scored.official is None or not judged:
        return Score.unscored(reason=str(scored.dropped or Dropped.NOT_JUDGED), explanation=said, metadata=told)
    answer = "drawn" if scored.inspection else str(record["failure_class"] or "").replace("_", " ")
    return Score(value=scored.official.final, answer=answer, explanation=said or None, metadata=told)


def _thumbnails(scored: Scored) -> dict[str, str]:
    """Both pictures small, as Inspect's viewer shows them."""
    try:
        reference = reference_of(scored.task)
    except UserError:
        reference = None
    drawn = scored.drawn.picture.png if scored.drawn and scored.drawn.picture else None
    contents = {"reference_picture": reference, "drawn_picture": drawn}
    found = {name: _thumbnail(content) for name, content in contents.items() if content}
    return {name: url for name, url in found.items() if url}


def _thumbnail(content: bytes) -> str | None:
    from PIL import Image

    buffer = io.BytesIO()
    try:
        with Image.open(io.BytesIO(content)) as image:
            plain = image if image.mode in {"RGB", "RGBA", "L"} else image.convert("RGB")
            # By a whole number, which costs next to nothing beside what a program's drawing does.
            small = plain.reduce(math.ceil(max(plain.size) / _THUMBNAIL))
            small.convert("RGB").save(buffer, "JPEG", quality=80)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode('ascii')}"
