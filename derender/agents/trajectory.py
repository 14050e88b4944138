"""All rounds of a loop, and the three of them that one may mean by its result."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from derender.core import Program, Rendering
from derender.models.chat import Usage
from derender.models.errors import ModelError

from .budget import Stop
from .scoring import Score

Truth: TypeAlias = "Callable[[Round], float | None]"
"""What is known of a round afterwards, more being better; None where nothing is."""


@dataclass(frozen=True, slots=True)
class Round:
    """One answer of the model, and what came of it.

    Attributes:
        number: counted from 1, which is the draft.
        prompt: SHA-256 of the prompt's files, before anything was filled in.
        request: content key of what was asked, pictures included.
        reply: the whole answer; may be empty.
        program: None where there is none in it.
        rendering: None where there is no program.
        score: None where there is no program.
        accepted: whether the loop took it for the best so far.
        why: why, or why not; a few words.
        usage: tokens that the answer took, be it now or when it was first given; None where the endpoint does not say.
        model_s: seconds the model took.
    """

    number: int
    prompt: str
    request: str
    reply: str
    program: Program | None = None
    rendering: Rendering | None = None
    score: Score | None = None
    accepted: bool = False
    why: str = ""
    usage: Usage | None = None
    model_s: float = 0.0

    @property
    def drawn(self) -> bool:
        """Whether there is a picture of it."""
        return self.rendering is not None and self.rendering.ok


@dataclass(frozen=True, slots=True)
class Trajectory:
    """What a loop did.

    Attributes:
        rounds: in order; empty where the model never answered.
        stop: why there was no further one.
        why: the same in a sentence.
        error: what went wrong with the model, where that ended the loop.
    """

    rounds: tuple[Round, ...]
    stop: Stop
    why: str
    error: ModelError | None = None

    @property
    def chosen(self) -> Round | None:
        """The best round by the loop's own scorer, so one that a user can have; None where no round has a program."""
        return next((each for each in reversed(self.rounds) if each.accepted), None)

    @property
    def last(self) -> Round | None:
        """The round that a loop without a scorer would give, be it without program; None where there is no round.

        An answer that only says that nothing is to be changed does not count.
        """
        done = self.stop is Stop.DONE
        return next(iter(self.rounds[-2:-1] if done else self.rounds[-1:]), None)

    def oracle(self, truth: Truth) -> Round | None:
        """The best round by what the loop did not know, so one that no user can have; the first of equal ones.

        None where nothing is known of any round.
        """
        known = [(worth, each) for each in self.rounds if each.program and (worth := truth(each)) is not None]
        return max(known, key=lambda one: one[0])[1] if known else None

    @property
    def model_s(self) -> float:
        """Seconds the model took in all."""
        return sum(each.model_s for each in self.rounds)
