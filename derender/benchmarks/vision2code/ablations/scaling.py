"""Test-time scaling: a model sees what its program drew beside what was wanted, and has another go, stage by stage.

The first stage is the benchmark's own question, so that later ones are compared with the same run. What comes after it
hangs on the policy: the paper's goes on from whatever was drawn last, and a sample whose program fails stays failed;
derender's own is its loop for revisions, which goes back to the best so far and tells of failures.
"""

import hashlib
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from importlib import resources

from derender.agents import Acceptance, Budget, MetricScorer, Round, Score, Scorer, Stop, Trajectory, refine
from derender.agents import Task as Loop
from derender.benchmarks.vision2code.predictions import Prediction
from derender.benchmarks.vision2code.prompt import as_published, messages, question_digest
from derender.benchmarks.vision2code.rendering import NO_OUTPUT, OPTIONS, UNKNOWN_SIZE, Drawn, prepare
from derender.benchmarks.vision2code.replies import program_of
from derender.benchmarks.vision2code.scoring import (
    Dropped,
    JudgeOf,
    Scored,
    Task,
    reference_of,
    score_drawn,
    size_of,
)
from derender.core import Failure, FailureKind, Language, Program, Rendering, UserError, read_picture
from derender.judges import Mode
from derender.models import Answer, ChatModel, ImagePart, Message, Sampling, wait
from derender.models.drafts import Assignment, fence
from derender.render import Engine, RenderOptions

MISSING = "missing_previous_stage"
"""Status of a stage that has nothing to go on from."""
METRIC = "ssim"
"""What decides under the fixed policy where nobody says."""
JUDGE = "judge"
"""Decides in a metric's place: the official rating of whoever rates the stages, who then is no neutral one of them."""


class Policy(StrEnum):
    """What a stage is told of those before it, and which of them counts."""

    OFFICIAL = "official"
    """The last program and picture, whatever they are like; where there is no picture the sample stays failed."""
    FIXED = "fixed"
    """The best so far by a metric, what the last change gave, and why a program failed; the best counts."""


@dataclass(frozen=True, slots=True)
class Scaling:
    """How a model is scaled.

    Attributes:
        stages: answers asked for, the first included.
        policy: what they are told.
        accept_by: what decides under the fixed policy: a metric, or `JUDGE`.
        tokens: of one sample, in and out; None for any number.
        deadline_s: seconds after which no stage of a sample is begun, nor its answer waited for; None for any number.
        sampling: how it answers.

    Raises:
        UserError: fewer than one stage, or a budget that is none, or that the official policy knows nothing of.
    """

    stages: int = 4
    policy: Policy = Policy.OFFICIAL
    accept_by: str = METRIC
    tokens: int | None = None
    deadline_s: float | None = None
    sampling: Sampling = field(default_factory=lambda: as_published(Sampling()))

    def __post_init__(self) -> None:
        if self.stages < 1:
            raise UserError(f"there must be at least one stage, not {self.stages}")
        budgets = {"tokens": self.tokens, "seconds": self.deadline_s}
        for of, budget in budgets.items():
            if budget is None:
                continue
            if self.policy is Policy.OFFICIAL:
                raise UserError(f"the official policy knows no budget of {of}: leave it out, or take the fixed one")
            if not 0 < budget < math.inf:
                raise UserError(f"a budget of {of} must be more than 0, not {budget:g}")

    @property
    def views(self) -> tuple[str, ...]:
        """What is summed up: ``stage1`` and so on, under the fixed policy also the ``last`` and ``oracle`` round."""
        stages = tuple(f"stage{number}" for number in range(1, self.stages + 1))
        return stages if self.policy is Policy.OFFICIAL else (*stages, "last", "oracle")


@dataclass(frozen=True, slots=True)
class Scaled:
    """What came of a sample.

    Attributes:
        trajectory: its rounds; None where nothing could be asked.
        rounds: what each round's program is worth.
        views: name of `Scaling.views` → what counts by it.
    """

    trajectory: Trajectory | None
    rounds: tuple[Scored, ...]
    views: dict[str, Scored]


def scale(task: Task, model: ChatModel, engine: Engine, how: Scaling, judge_of: JudgeOf | None = None) -> Scaled:
    """Have a sample drawn in stages, and rate every one. Runs in any thread; the same answers give the same.

    Args:
        task: the sample, without a prediction.
        model: who writes.
        engine: what draws, the official way under either policy.
        how: stages and policy.
        judge_of: who rates; finds recorded verdicts by the sample's name, ``~2`` behind it in round 2.

    Raises:
        InfraError: the engine was closed.
        UnknownName: the sample is of no dataset that the benchmark has.
    """
    try:
        reference = reference_of(task)
        asked = _Asked.about(task, reference, how.policy)
    except UserError as error:
        nothing = Scored(task, dropped=Dropped.BAD_REFERENCE, why=str(error))
        return Scaled(None, (), dict.fromkeys(how.views, nothing))
    official = how.policy is Policy.OFFICIAL
    heard = _Heard(model)
    drawer = _Drawer(engine, size_of(reference) or UNKNOWN_SIZE)
    rater = _Rater(task, drawer, judge_of, heard)
    scorer: Scorer = (
        _unscored if official else rater if how.accept_by == JUDGE else MetricScorer(asked.image, how.accept_by)
    )
    done = refine(
        asked,
        heard,
        drawer,
        scorer,
        budget=Budget(how.stages, how.tokens, time.monotonic() + how.deadline_s if how.deadline_s else None),
        acceptance=Acceptance.PREVIOUS if official else Acceptance.IMPROVES,
        sampling=how.sampling,
    )
    rated = tuple(rater.rated(each, asked.item_of(each.number)) for each in done.rounds)
    return Scaled(done, rated, _views(task, done, rated, how))


@cache
def scaling_digest(policy: Policy) -> str:
    """SHA-256 of a policy's prompts, the benchmark's own included."""
    texts = [question_digest(), _refinement()]
    if policy is Policy.FIXED:
        files = resources.files("derender.agents").joinpath("prompts").iterdir()
        texts = [question_digest(), *(file.read_text("utf-8") for file in sorted(files, key=lambda file: file.name))]
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class _Asked(Loop):
    """A sample as the loop asks about it: first as the benchmark does, with the picture as its file has it."""

    reference: bytes = b""
    policy: Policy = Policy.OFFICIAL

    @classmethod
    def about(cls, task: Task, reference: bytes, policy: Policy) -> "_Asked":
        """A sample's; raises UserError where its picture can't be used."""
        image = read_picture(reference)
        ImagePart.of_file(reference)
        return cls(image, Language.PYTHON, task.sample.question_folder, reference, policy)

    def options(self) -> RenderOptions:
        return OPTIONS

    def draft(self) -> Assignment:
        return Assignment(messages(self.reference), self.target, question_digest(), self.item)

    def read(self, answer: Answer) -> Program:
        # To the paper an answer without a program is a program that fails; the other policy asks once more.
        return program_of(answer.samples[0].text) if self.policy is Policy.OFFICIAL else Loop.read(self, answer)

    def improvement(self, base: Rendering, tried: Rendering | None = None) -> Assignment:
        if self.policy is Policy.FIXED or base.picture is None:
            # Zero-argument super() knows no class that slots made anew.
            return Loop.improvement(self, base, tried)
        *rules, question = messages(self.reference)
        source = base.program.source
        text = _refinement().format(fence=fence(source), program=source)
        shown = [part for part in question.parts if isinstance(part, ImagePart)]
        asked = [*rules, Message.user(*shown, ImagePart.of_file(base.picture.png), text)]
        return Assignment(asked, self.target, scaling_digest(self.policy), self.item)


class _Drawer:
    """Draws the official way for the loop, and remembers what the paper's runner would say of it."""

    def __init__(self, engine: Engine, size: tuple[int, int]) -> None:
        self._engine = engine
        self._size = size
        self._drawn: dict[Program, Drawn] = {}

    def render(self, program: Program, options: RenderOptions | None = None) -> Rendering:
        """The rendering of the program as the model wrote it."""
        ready = prepare(program, Mode.OFFICIAL, self._size)
        drawn = self._drawn[program] = ready.read(self._engine.render(ready.program, options))
        return Rendering(program, (drawn.picture,) if drawn.picture else (), drawn.failure)

    def of(self, program: Program) -> Drawn:
        """What came of a program."""
        return self._drawn[program]


class _Heard:
    """A model, and what it was asked about last."""

    def __init__(self, model: ChatModel) -> None:
        self._model = model
        self.name, self.identity = model.name, model.identity
        self.item: str | None = None

    async def ask(
        self,
        messages: Sequence[Message],
        sampling: Sampling | None = None,
        *,
        deadline: float | None = None,
        item: str | None = None,
    ) -> Answer:
        """The model's own answer."""
        self.item = item
        return await self._model.ask(messages, sampling, deadline=deadline, item=item)


class _Rater:
    """Rates rounds, each program once; as a scorer it lets the rating decide."""

    def __init__(self, task: Task, drawer: _Drawer, judge_of: JudgeOf | None, heard: _Heard) -> None:
        self._task = task
        self._drawer = drawer
        self._judge_of = judge_of
        self._heard = heard
        self._known: dict[Program, Scored] = {}

    def __call__(self, rendering: Rendering) -> Score:
        """The score of what was drawn in the round under way."""
        scored = self._rate(rendering.program, self._heard.item)
        final = scored.official.final if scored.official else None
        return Score(JUDGE, final, final, scored.why or None)

    def rated(self, made: Round, item: str | None) -> Scored:
        """What a round's program is worth."""
        if made.program is None:
            drawn = Drawn(Mode.OFFICIAL, NO_OUTPUT, None, Failure(FailureKind.NO_CODE, made.why))
            return self._new(program_of(""), drawn, item)
        return self._rate(made.program, item)

    def _rate(self, program: Program, item: str | None) -> Scored:
        found = self._known.get(program)
        if found is None:
            found = self._known[program] = self._new(program, self._drawer.of(program), item)
        return found

    def _new(self, program: Program, drawn: Drawn, item: str | None) -> Scored:
        told = replace(self._task, prediction=Prediction(self._task.sample.question_folder, program))
        return wait(score_drawn(told, drawn, self._judge_of, item=item))


def _unscored(rendering: Rendering) -> Score:
    return Score("none", unscored="the official policy compares nothing")


def _views(task: Task, done: Trajectory, rated: Sequence[Scored], how: Scaling) -> dict[str, Scored]:
    stage = _official if how.policy is Policy.OFFICIAL else _chosen if how.accept_by == JUDGE else _in_hand
    found = {f"stage{number}": stage(task, done, rated, number) for number in range(1, how.stages + 1)}
    if how.policy is Policy.FIXED:
        # Where the loop was broken off by a fault of ours nobody knows how it would have ended.
        ended = found[f"stage{how.stages}"]
        lost = ended if ended.dropped in {Dropped.NO_ANSWER, Dropped.MACHINE_FAILED} else None
        found["last"] = lost or (rated[done.last.number - 1] if done.last else ended)
        found["oracle"] = lost or _oracle(done, rated) or ended
    return found


def _official(task: Task, done: Trajectory, rated: Sequence[Scored], number: int) -> Scored:
    """What the paper's runner has of a stage."""
    if number <= len(rated):
        return rated[number - 1]
    if done.stop is Stop.FAILED:
        missing = Drawn(Mode.OFFICIAL, MISSING, None, None)
        return wait(score_drawn(task, missing))
    return _lost(task, done, rated)


def _in_hand(task: Task, done: Trajectory, rated: Sequence[Scored], number: int) -> Scored:
    """What the loop would give after so many answers."""
    # A round that could not be drawn here might have been the best.
    known = len(rated) - (done.stop is Stop.NOT_DRAWN)
    so_far = done.rounds[:number]
    if not so_far or (number > known and done.stop in {Stop.MODEL_FAILED, Stop.NOT_DRAWN}):
        return _lost(task, done, rated)
    taken = next((made for made in reversed(so_far) if made.accepted), so_far[-1])
    return rated[taken.number - 1]


def _chosen(task: Task, done: Trajectory, rated: Sequence[Scored], number: int) -> Scored:
    """What the loop would give after so many answers, where the judge decides."""
    unrated = next((each for each in rated[:number] if each.official is None), None)
    # What the judge did not rate it might have liked best.
    return unrated or _in_hand(task, done, rated, number)


def _lost(task: Task, done: Trajectory, rated: Sequence[Scored]) -> Scored:
    """A stage that was never made, by no fault of the model's."""
    if done.stop is Stop.NOT_DRAWN and rated:
        return replace(rated[-1], dropped=Dropped.MACHINE_FAILED)
    return Scored(task, dropped=Dropped.NO_ANSWER, why=done.why)


def _oracle(done: Trajectory, rated: Sequence[Scored]) -> Scored | None:
    unrated = next((each for each in rated if each.official is None), None)
    if unrated is not None:
        # The best may be the one that nobody rated.
        return unrated

    def worth(made: Round) -> float | None:
        official = rated[made.number - 1].official
        return official.final if official else None

    best = done.oracle(worth)
    return rated[best.number - 1] if best else None


@cache
def _refinement() -> str:
    folder = resources.files("derender.benchmarks.vision2code.ablations").joinpath("prompts", "refine.txt")
    return folder.read_text("utf-8").strip()
