"""Exit codes, and the one sentence that says why."""

import sys
from enum import IntEnum


class Exit(IntEnum):
    """What the command's exit code means."""

    DONE = 0
    """Everything asked for was done."""
    SOME_FAILED = 1
    """Some items failed; the others are done."""
    WRONG_USE = 2
    """Nothing could be done as it was asked for."""
    INTERRUPTED = 130
    """Stopped by Ctrl-C; what was finished is kept."""


def complain(sentence: str) -> None:
    """Print one sentence for a person on standard error."""
    # A progress bar may have put its own stream there, so that the sentence lands above the bar.
    print(f"derender: {one_line(sentence)}", file=sys.stderr, flush=True)


def one_line(text: str) -> str:
    """A message that came from elsewhere, without its line breaks and control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
