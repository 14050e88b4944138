"""The loop: draft, render, look, revise.

Whatever a model replies is a round, be it without a program, the same as before, or worse: it is kept, and the best so
far stays. What one asks next hangs on the round before::

    no program      the same question again, and that it was not answered
    failed          the program and its failure's sentence and line
    better          the program and its picture beside the wanted one
    not better      the best program and its picture, and the picture that was no better
"""

import time
from dataclasses import replace
from enum import StrEnum
from typing import Protocol

from derender.core import Program, Rendering
from derender.models.chat import Answer, ChatModel, Sampling, Usage, request_key
from derender.models.drafts import Assignment
from derender.models.errors import ModelError, NoAnswer
from derender.models.waiting import wait
from derender.render import RenderOptions

from .asking import Task, says_done
from .budget import Budget, Stop
from .scoring import Score, Scorer
from .trajectory import Round, Trajectory


class Acceptance(StrEnum):
    """When a round takes the place of the best so far."""

    IMPROVES = "improves"
    """When its score is better, or it is the first that could be drawn."""
    ALWAYS = "always"
    """Whenever it has a program, as most papers' loops do: the last one counts."""
    PREVIOUS = "previous"
    """Whenever it draws, be it the same as before; where it does not the loop ends, for nothing is told of failures."""


class Draws(Protocol):
    """What renders a loop's programs; an engine does."""

    def render(self, program: Program, options: RenderOptions | None = None) -> Rendering:
        """Run one program and wait for its rendering; of the program as it was given.

        Raises:
            InfraError: nothing can be run any more.
        """
        ...


def refine(
    task: Task,
    model: ChatModel,
    engine: Draws,
    scorer: Scorer,
    *,
    budget: Budget | None = None,
    acceptance: Acceptance = Acceptance.IMPROVES,
    min_gain: float = 0.0,
    sampling: Sampling | None = None,
    options: RenderOptions | None = None,
) -> Trajectory:
    """Have a program of a picture drafted, and revised as long as the budget lasts.

    The same answers give the same trajectory. May be called from several threads at once; from an event loop through
    `asyncio.to_thread`. Nothing that goes wrong with a model is raised: the trajectory has the rounds before and says
    what ended them.

    Args:
        task: the picture.
        model: who writes.
        engine: what draws.
        scorer: what tells which of two renderings is better, such as a `MetricScorer`.
        budget: by default three rounds.
        acceptance: when a round takes the place of the best so far.
        min_gain: by how much more than nothing a score must be better to count as that.
        sampling: how each round is answered; a seed grows by one a round.
        options: how programs are drawn; by default as the task has it.

    Raises:
        InfraError: the engine was closed.
    """
    loop = _Loop(task, scorer, acceptance, min_gain)
    sampling = replace(sampling or Sampling(), n=1)
    budget = budget or Budget()
    options = options or task.options()
    while True:
        number = len(loop.rounds) + 1
        asked = loop.question()
        mine = sampling if sampling.seed is None else replace(sampling, seed=sampling.seed + number - 1)
        begun = Round(number, asked.prompt, request_key(asked.messages, mine), "")
        started = time.monotonic()
        try:
            answer = wait(model.ask(asked.messages, mine, deadline=budget.deadline, item=task.item_of(number)))
            made = _read(begun, answer, task)
        except NoAnswer as error:
            made = replace(begun, reply=error.reply, why=str(error), model_s=time.monotonic() - started)
        except ModelError as error:
            stop = Stop.DEADLINE if budget.late else Stop.MODEL_FAILED
            return Trajectory(tuple(loop.rounds), stop, str(error), error)
        ended = loop.take(made, engine, options) or budget.spent([each.usage for each in loop.rounds])
        if ended is not None:
            return Trajectory(tuple(loop.rounds), *ended)


def _read(begun: Round, answer: Answer, task: Task) -> Round:
    """A round with its answer, and the program in that."""
    sample = answer.samples[0]
    counted = [usage for usage in (answer.usage, answer.saved) if usage is not None]
    usage = sum(counted, Usage()) if counted else None
    made = replace(begun, reply=sample.text or sample.refusal or "", usage=usage, model_s=answer.elapsed_s)
    try:
        return replace(made, program=task.read(answer))
    except NoAnswer as error:
        return replace(made, why=str(error))


class _Loop:
    """A loop under way: its rounds, and what they make of the next one."""

    def __init__(self, task: Task, scorer: Scorer, acceptance: Acceptance, min_gain: float) -> None:
        self.rounds: list[Round] = []
        self._task = task
        self._scorer = scorer
        self._acceptance = acceptance
        self._min_gain = min_gain
        self._best: Round | None = None
        self._asked = task.draft()

    def question(self) -> Assignment:
        """What to ask next."""
        if not self.rounds:
            return self._asked
        last = self.rounds[-1]
        if last.rendering is None:
            return self._task.again(self._asked)
        best = self._best.rendering if self._best else None
        if last.rendering.failure is not None:
            self._asked = self._task.repair(last.rendering, last.rendering.failure)
        elif last.accepted or best is None:
            self._asked = self._task.improvement(last.rendering)
        else:
            self._asked = self._task.improvement(best, last.rendering)
        return self._asked

    def take(self, made: Round, engine: Draws, options: RenderOptions) -> tuple[Stop, str] | None:
        """Add a round, drawn and judged; says why it must be the last one, if so."""
        if made.program is None:
            return self._take_nothing(made)
        before = self._before(made.program)
        if before is not None and not self._blind:
            why = f"the same program as in round {before.number}"
            accepted = self._acceptance is Acceptance.ALWAYS
            seen = replace(made, rendering=before.rendering, score=before.score, accepted=accepted, why=why)
            self.rounds.append(seen)
            return Stop.REPEATED, f"round {made.number} gave {why}"
        rendering = engine.render(made.program, options)
        made = self._judged(replace(made, rendering=rendering, score=self._score(rendering)), rendering)
        self.rounds.append(made)
        if made.accepted:
            self._best = made
        if rendering.failure is not None and rendering.failure.ours:
            return Stop.NOT_DRAWN, f"round {made.number} could not be drawn here: {rendering.failure.message}"
        if self._blind and rendering.failure is not None:
            return Stop.FAILED, f"round {made.number} gave no picture: {rendering.failure.message}"
        return None

    @property
    def _blind(self) -> bool:
        return self._acceptance is Acceptance.PREVIOUS

    def _take_nothing(self, made: Round) -> tuple[Stop, str] | None:
        """Add a round without a program."""
        done = self._best is not None and self._best.drawn and says_done(made.reply)
        if done and not self._blind:
            self.rounds.append(replace(made, why="the model finds nothing more to change"))
            return Stop.DONE, "the model found nothing more to change"
        self.rounds.append(made)
        return (Stop.FAILED, f"round {made.number} gave no program: {made.why}") if self._blind else None

    def _before(self, program: Program) -> Round | None:
        source = program.source.strip()
        return next((each for each in self.rounds if each.program and each.program.source.strip() == source), None)

    def _score(self, rendering: Rendering) -> Score:
        try:
            return self._scorer(rendering)
        except Exception as error:  # noqa: BLE001 - whatever a scorer does wrong, no round is to be lost of it
            name = getattr(self._scorer, "name", "score")
            return Score(str(name), unscored=f"{type(error).__name__}: {error}")

    def _judged(self, made: Round, rendering: Rendering) -> Round:
        """A round with whether it is taken, and why."""
        best = self._best
        if best is None:
            accepted, why = True, "the first program"
        elif rendering.failure is not None and rendering.failure.ours:
            accepted, why = False, "not drawn, by no fault of the program"
        elif self._blind:
            accepted, why = made.drawn, "the last program" if made.drawn else "failed"
        elif self._acceptance is Acceptance.ALWAYS:
            accepted, why = True, "the last program"
        elif not made.drawn:
            accepted, why = False, "failed"
        elif not best.drawn:
            accepted, why = True, "the first that draws"
        else:
            accepted, why = self._compared(made.score, best)
        return replace(made, accepted=accepted, why=why)

    def _compared(self, score: Score | None, best: Round) -> tuple[bool, str]:
        if score is None or score.worth is None:
            return False, "unscored"
        if best.score is None or best.score.worth is None:
            return True, "the first with a score"
        if score.worth - best.score.worth > self._min_gain:
            return True, f"better than round {best.number}"
        return False, f"no better than round {best.number}"
