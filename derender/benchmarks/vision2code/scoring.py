"""Predictions scored: drawn the official way, looked at, and rated by both formulas from the same category scores.

A program that gives no picture is rated 0. Everything else that keeps a rating from being made is named, and leaves
the sample without one: no prediction, a picture of the package that can't be used, a failure of the machine's, a judge
that can't be asked or understood.
"""

import asyncio
import hashlib
import io
import json
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeAlias

from derender.core import UserError
from derender.core.files import read_file
from derender.judges import (
    AppliedCap,
    BadScores,
    Case,
    Inspection,
    Judge,
    Mode,
    Outcome,
    Rating,
    Rubric,
    Verdict,
    inspect,
    is_emptier,
    rate,
    rubric_of,
)
from derender.judges.judge import MAX_TOKENS
from derender.judges.ratings import record
from derender.models.chat import ChatModel, Sampling
from derender.render import Engine

from .data import Sample, data_folder, read_manifest, select
from .predictions import Prediction
from .rendering import OPTIONS, UNKNOWN_SIZE, Drawn, Prepared, prepare
from .sources import Split
from .taxonomy import classify_failure

JudgeOf: TypeAlias = Callable[[Rubric], Judge]
"""Who judges by a rubric."""

_FAMILY = "vision2code"
_AT_ONCE = 8
_AHEAD = 4
_OF_VERDICT = (
    *("rubric", "rubric_sha256", "prompt_sha256", "judge", "rationales", "strengths", "issues", "overall_summary"),
    *("addressed_to_judge", "judge_total", "judge_total_differs", "replies"),
)
"""Fields of a verdict that a record holds: what was spent on it is another matter the second time."""


class Dropped(StrEnum):
    """Why a sample has no rating; none of it is the model's fault."""

    NO_PREDICTION = "no_prediction"
    """Nobody says what the model answered."""
    NO_ANSWER = "no_answer"
    """The prediction is that the model could not be asked."""
    BAD_REFERENCE = "bad_reference"
    """The package's picture is missing, can't be read, or is another than published."""
    MACHINE_FAILED = "machine_failed"
    """The program could not be run here."""
    NOT_JUDGED = "not_judged"
    """There are no category scores, and no judge was named."""
    BAD_SCORES = "bad_scores"
    """The category scores that were given are not the rubric's."""
    JUDGE_FAILED = "judge_failed"
    """The judge could not be asked, or not be understood."""

    @property
    def again(self) -> bool:
        """Whether another try may end otherwise."""
        return self in {Dropped.MACHINE_FAILED, Dropped.JUDGE_FAILED, Dropped.BAD_REFERENCE, Dropped.NO_ANSWER}


@dataclass(frozen=True, slots=True)
class Task:
    """A sample to be scored.

    Attributes:
        sample: of the package.
        package: the folder that its picture lies in.
        prediction: None where there is none.
    """

    sample: Sample
    package: Path
    prediction: Prediction | None

    @property
    def reference(self) -> Path | None:
        """Its picture; None where the row names none that may be looked at."""
        try:
            return self.sample.image(self.package)
        except UserError:
            return None

    @property
    def rubric(self) -> Rubric:
        """What its judge looks at.

        Raises:
            UnknownName: its dataset has none.
        """
        return rubric_of(_FAMILY, self.sample.source_dataset)

    def key(self, *said: str) -> str:
        """Equal exactly when what comes of two tasks must be; ``said`` is what else that depends on."""
        told = self.prediction
        scores = None if told is None or told.scores is None else dict(told.scores)
        predicted = None if told is None else [told.program.source if told.program else None, told.error, scores]
        parts = [self.sample.question_folder, self.sample.source_dataset, self.rubric.digest, predicted, *said]
        digest = hashlib.sha256(json.dumps(parts, sort_keys=True).encode())
        digest.update(_content(self.reference) or b"nothing")
        return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Scored:
    """What came of a task.

    Attributes:
        task: which.
        drawn: None where the program was not tried.
        inspection: of the picture; None without one.
        official: the rating by the published formula.
        fixed: that where a picture is called blank only beside its reference.
        verdict: what the judge said, where one was asked.
        dropped: why there is no rating; None where there is.
        why: the same in a sentence.
    """

    task: Task
    drawn: Drawn | None = None
    inspection: Inspection | None = None
    official: Rating | None = None
    fixed: Rating | None = None
    verdict: Verdict | None = None
    dropped: Dropped | None = None
    why: str = ""

    def record(self) -> dict[str, Any]:
        """As JSON, ratings under their published names; the same for the same task whenever it is scored."""
        drawn, failure = self.drawn, self.drawn.failure if self.drawn else None
        tried = drawn is not None and drawn.status is not None
        corrected = classify_failure(failure) if failure and not failure.ours else None
        verdict = {} if self.verdict is None else self.verdict.record()
        replies = () if self.verdict is None else self.verdict.replies
        return {
            "question_folder": self.task.sample.question_folder,
            "dataset": self.task.sample.source_dataset,
            "render_success": drawn.render_success if drawn and tried else None,
            "render_status": drawn.status if drawn else None,
            "failure_class": drawn.failure_class if drawn else None,
            "failure_class_fixed": corrected,
            "failure_kind": failure.kind if failure and tried else None,
            "candidate_inspection": self.inspection.record() if self.inspection else None,
            "category_scores": dict(self.official.scores) if self.official else None,
            "official": record(self.official) if self.official else None,
            "fixed": record(self.fixed) if self.fixed else None,
            "dropped": self.dropped,
            "why": self.why or None,
            "verdict": {name: verdict[name] for name in _OF_VERDICT} if verdict else None,
            "reply": replies[-1] if replies else None,
        }


def tasks_of(data: Path | None, split: str, limit: int = 0, *, spread: bool = False) -> list[Task]:
    """The samples of a split, without predictions.

    Raises:
        UserError: there is no such package or split, or it holds none.
    """
    folder = data_folder(data)
    samples = select(read_manifest(folder), Split.parse(split), limit, spread=spread)
    if not samples:
        raise UserError(f"{folder}: holds no samples of the split {split}")
    return [Task(sample, folder.absolute(), None) for sample in samples]


def score(
    tasks: Sequence[Task], engine: Engine, judge_of: JudgeOf | None = None, *, judged_at_once: int = _AT_ONCE
) -> Generator[Scored]:
    """What comes of each task, in the order it is done.

    Args:
        tasks: samples with what a model said about them.
        engine: draws the programs, many at once.
        judge_of: rates what has no category scores yet; without one that stays unrated.
        judged_at_once: pictures before judges at a time, while others are drawn.

    Raises:
        UnknownName: a sample is of no dataset that the benchmark has.
    """
    waiting: list[tuple[Task, Prepared]] = []
    for task in tasks:
        try:
            waiting.append((task, _prepared(task)))
        except _Undrawn as reason:
            yield reason.scored(task)

    threads = ThreadPoolExecutor(judged_at_once, thread_name_prefix="judge")
    pending: set[Future[Scored]] = set()
    try:
        for index, rendering in engine.render_many((each.program for _, each in waiting), OPTIONS):
            task, each = waiting[index]
            found = _looked_at(task, each.read(rendering))
            judge = _judge(found, judge_of)
            if judge is None:
                yield found
                continue
            pending.add(threads.submit(lambda found, judge: asyncio.run(_judged(found, judge)), found, judge))
            # Judges may be slower than the engine, and each that waits holds a picture.
            done, pending = wait(pending, None if len(pending) > _AHEAD * judged_at_once else 0, FIRST_COMPLETED)
            yield from (future.result() for future in done)
        while pending:
            done, pending = wait(pending, return_when=FIRST_COMPLETED)
            yield from (future.result() for future in done)
    finally:
        # Not waited for: when this breaks off, a judge may be busy for long and nobody wants its answer.
        threads.shutdown(wait=False, cancel_futures=True)


def judging(model: ChatModel, *, plain: bool = False, extra: Mapping[str, Any] | None = None) -> JudgeOf:
    """Who judges by a rubric, by the published formula.

    Args:
        model: with what keeps and counts its answers around it.
        plain: whether it is sent neither schema nor temperature, which some endpoints refuse.
        extra: further fields of the request's body.
    """
    sampling = Sampling(temperature=None if plain else 0.0, max_tokens=MAX_TOKENS, extra=extra or {})
    return lambda rubric: Judge(model, rubric, False, Mode.OFFICIAL, sampling, not plain)


async def score_one(task: Task, engine: Engine, judge_of: JudgeOf | None = None) -> Scored:
    """What comes of one task, for whoever runs many side by side.

    Raises:
        UnknownName: the sample is of no dataset that the benchmark has.
    """
    try:
        ready = await asyncio.to_thread(_prepared, task)
    except _Undrawn as reason:
        return reason.scored(task)
    rendering = await engine.render_async(ready.program, OPTIONS)
    return await score_drawn(task, ready.read(rendering), judge_of)


async def score_drawn(task: Task, drawn: Drawn, judge_of: JudgeOf | None = None, *, item: str | None = None) -> Scored:
    """What comes of a task whose program was drawn already.

    Args:
        task: the sample with what was said about it.
        drawn: what came of the program.
        judge_of: rates what has no category scores yet; without one that stays unrated.
        item: what the judge's recorded answers are found by; the sample's name by default.

    Raises:
        UnknownName: the sample is of no dataset that the benchmark has.
    """
    found = await asyncio.to_thread(_looked_at, task, drawn)
    judge = _judge(found, judge_of)
    return found if judge is None else await _judged(found, judge, item)


class _Undrawn(UserError):
    """There is nothing to draw, or nothing to compare it with."""

    def __init__(self, dropped: Dropped, why: str) -> None:
        super().__init__(why)
        self.dropped = dropped

    def scored(self, task: Task) -> Scored:
        """What came of the task."""
        return Scored(task, dropped=self.dropped, why=str(self))


def reference_of(task: Task) -> bytes:
    """The content of a sample's picture.

    Raises:
        UserError: it is missing, can't be read, lies elsewhere, or is another than published.
    """
    try:
        content = _content(task.sample.image(task.package))
    except UserError as error:
        raise _Undrawn(Dropped.BAD_REFERENCE, str(error)) from None
    name = task.sample.image_path
    if content is None or size_of(content) is None:
        raise _Undrawn(Dropped.BAD_REFERENCE, f"{name} is missing, or no picture")
    published = task.sample.published_sha256
    if published and hashlib.sha256(content).hexdigest() != published:
        why = f"{name} is another picture than published: its SHA-256 differs"
        raise _Undrawn(Dropped.BAD_REFERENCE, why)
    return content


def _prepared(task: Task) -> Prepared:
    if task.prediction is None:
        raise _Undrawn(Dropped.NO_PREDICTION, "there is no prediction")
    size = size_of(reference_of(task))
    if task.prediction.program is None:
        raise _Undrawn(Dropped.NO_ANSWER, task.prediction.error or "there was no answer")
    width, height = size or UNKNOWN_SIZE
    if width * height > OPTIONS.limits.pixels:
        why = f"its picture has {width} × {height} pixels, more than are drawn here"
        raise _Undrawn(Dropped.MACHINE_FAILED, why)
    return prepare(task.prediction.program, Mode.OFFICIAL, (width, height))


def _looked_at(task: Task, drawn: Drawn) -> Scored:
    """All that can be said without a judge."""
    found = Scored(task, drawn)
    if drawn.status is None:
        return replace(found, dropped=Dropped.MACHINE_FAILED, why=drawn.unscored or "the machine failed")
    if drawn.picture is None:
        nothing = _nothing(task.rubric)
        return replace(found, official=nothing, fixed=nothing)
    found = replace(found, inspection=inspect(drawn.picture.png))
    if task.prediction is None or task.prediction.scores is None:
        return replace(found, dropped=Dropped.NOT_JUDGED, why="there are no category scores, and no judge is named")
    try:
        return _rated(found, task.prediction.scores)
    except BadScores as error:
        return replace(found, dropped=Dropped.BAD_SCORES, why=str(error))


def _rated(found: Scored, scores: Mapping[str, object]) -> Scored:
    """With both ratings of the same scores.

    Raises:
        BadScores: they are not the rubric's.
    """
    rubric, seen = found.task.rubric, found.inspection
    blank = seen is not None and seen.blank
    # References are looked at only where it matters.
    emptier = blank and seen is not None and is_emptier(seen, inspect(found.task.reference))
    official, fixed = (rate(rubric, scores, Outcome(blank=each)) for each in (blank, emptier))
    return replace(found, official=official, fixed=fixed)


def _judge(found: Scored, judge_of: JudgeOf | None) -> Judge | None:
    """Who rates it; None where that is not needed, or nobody was named."""
    return judge_of(found.task.rubric) if judge_of and found.dropped is Dropped.NOT_JUDGED else None


async def _judged(found: Scored, judge: Judge, item: str | None = None) -> Scored:
    picture = found.drawn.picture if found.drawn else None
    case = Case(found.task.reference, picture.png if picture else None)
    verdict = await judge.judge(case, item=item or found.task.sample.question_folder)
    if verdict.rating is None:
        why = verdict.unscored or "the judge gave no rating"
        return replace(found, verdict=verdict, dropped=Dropped.JUDGE_FAILED, why=why)
    return _rated(replace(found, verdict=verdict, dropped=None, why=""), verdict.rating.scores)


def _nothing(rubric: Rubric) -> Rating:
    """The rating of what was never drawn: one cap, whatever else would fire."""
    lowest = dict.fromkeys(rubric.ids, rubric.low)
    return Rating(lowest, rubric.low, rubric.low, rubric.low, (AppliedCap("execution_failure", 0.0, changed=False),))


def _content(path: Path | None) -> bytes | None:
    try:
        return read_file(path, "picture") if path else None
    except UserError:
        return None


def size_of(content: bytes) -> tuple[int, int] | None:
    """Width and height of a picture, out of its head alone."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(content)) as image:
            return image.size
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
