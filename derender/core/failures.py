"""Why there is no picture.

Two roots, told apart by `FailureKind.ours`: the *program's* fault can be scored (it counts as 0); *our* fault never is.
"""

from dataclasses import dataclass
from enum import StrEnum


class FailureKind(StrEnum):
    """What went wrong, from the nearest cause we can name."""

    NO_CODE = "no_code"
    """The reply or file holds no program."""
    SYNTAX = "syntax"
    """The program can't be parsed: a SyntaxError, XML that is not well formed."""
    MISSING_DEPENDENCY = "missing_dependency"
    """The program needs a module or asset that its environment never promised."""
    RUNTIME = "runtime"
    """The program raised, crashed or left with a non-zero code."""
    CPU_BUDGET = "cpu_budget"
    """The program used up its processor time."""
    DEADLINE = "deadline"
    """The program was still not done at its deadline though it could have run: it slept or waited."""
    MEMORY = "memory"
    """The program asked for more memory than it may have."""
    OUTPUT_TOO_LARGE = "output_too_large"
    """A picture, file or stream grew past its limit."""
    NO_PICTURE = "no_picture"
    """The program ended well and drew nothing."""
    POLICY = "policy"
    """The program did what is forbidden here, such as starting another program, and failed of it."""

    WORKER_LOST = "worker_lost"
    """Ours: the worker died and a fresh one too, without the program being the cause as far as we can tell."""
    RENDERER_ABSENT = "renderer_absent"
    """Ours: this machine has no renderer for the language, or lacks a part of it."""
    ISOLATION = "isolation"
    """Ours: this machine can't contain programs as far as was asked for."""
    STARVED = "starved"
    """Ours: the machine was too busy to give the program its time."""
    DISK_FULL = "disk_full"
    """Ours: no space was left to work in."""
    CANCELLED = "cancelled"
    """Ours: the rendering was called off before it was done."""
    INTERNAL = "internal"
    """Ours: a fault of derender itself."""

    @property
    def ours(self) -> bool:
        """Whether the failure is ours, so that no score may be made of it."""
        return self in _OURS


_OURS = frozenset(
    {
        FailureKind.WORKER_LOST,
        FailureKind.RENDERER_ABSENT,
        FailureKind.ISOLATION,
        FailureKind.STARVED,
        FailureKind.DISK_FULL,
        FailureKind.CANCELLED,
        FailureKind.INTERNAL,
    }
)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a program gave no picture.

    Attributes:
        kind: the nearest cause.
        message: one sentence, the exception's own words where there was one.
        line: line of the program, counted from 1, if known.
        detail: the useful tail of the traceback or of the renderer's own report; may be empty.
    """

    kind: FailureKind
    message: str
    line: int | None = None
    detail: str = ""

    @property
    def ours(self) -> bool:
        """Whether this is our failure, never to be scored."""
        return self.kind.ours
