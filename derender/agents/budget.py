"""How much a loop may spend, and why it ended."""

import time
from dataclasses import dataclass
from enum import StrEnum

from derender.core import UserError
from derender.models.chat import Usage


class Stop(StrEnum):
    """Why there was no further round."""

    ROUNDS = "rounds"
    """All rounds were made."""
    TOKENS = "tokens"
    """The tokens are spent, or nobody counts them."""
    DEADLINE = "deadline"
    """The time is up."""
    DONE = "done"
    """The model found nothing more to change."""
    REPEATED = "repeated"
    """The model wrote a program that it had written before."""
    MODEL_FAILED = "model_failed"
    """Ours: the model could not be asked."""
    FAILED = "failed"
    """The program gave no picture, and a loop that tells nothing of failures has nothing to show."""
    NOT_DRAWN = "not_drawn"
    """Ours: the program could not be drawn here, by no fault of its own, so that there was nothing to look at."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What a loop may use. A round that was begun is finished, except that no answer is waited for past the deadline.

    Attributes:
        rounds: answers asked for, the draft included.
        tokens: in and out, those included that a cache or a replay saved, so that a replay ends where its original did.
        deadline: when to begin nothing more, as `time.monotonic` tells time.

    Raises:
        UserError: no round, or no token, may be used.
    """

    rounds: int = 3
    tokens: int | None = None
    deadline: float | None = None

    def __post_init__(self) -> None:
        if self.rounds < 1:
            raise UserError(f"a loop needs at least one round, not {self.rounds}")
        if self.tokens is not None and self.tokens < 1:
            raise UserError(f"a loop needs at least one token, not {self.tokens}")

    @property
    def late(self) -> bool:
        """Whether the time is up."""
        return self.deadline is not None and time.monotonic() >= self.deadline

    def spent(self, usages: "list[Usage | None]") -> tuple[Stop, str] | None:
        """What forbids a further round, and that in a sentence; None where nothing does.

        Args:
            usages: of each round so far, None where the endpoint does not count.
        """
        if len(usages) >= self.rounds:
            return Stop.ROUNDS, f"all {self.rounds} rounds were made" if self.rounds > 1 else "one round was asked for"
        if self.late:
            return Stop.DEADLINE, "the time was up"
        if self.tokens is None:
            return None
        used = 0
        for usage in usages:
            if usage is None:
                return Stop.TOKENS, "the endpoint does not count tokens, so that no budget of them can be kept"
            used += usage.input_tokens + usage.output_tokens
        return (Stop.TOKENS, f"{used} of {self.tokens} tokens were used") if used >= self.tokens else None
