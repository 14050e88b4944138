"""The command ``derender``: one module per command, found by its name; modules with an underscore serve them all."""

import os
import signal
import sys
from contextlib import suppress
from types import FrameType
from typing import NoReturn

__all__ = ["main"]


def main() -> None:
    """Run the command line of this process; ends it with the exit code."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    try:
        # Imported here, so that Ctrl-C is quiet while that goes on too.
        from ._app import run
        from ._exits import Exit

        run()
    except KeyboardInterrupt:
        _leave()
    except SystemExit as leaving:
        if leaving.code != Exit.INTERRUPTED:
            raise
        _leave()


def _leave() -> NoReturn:
    with suppress(OSError):
        sys.stdout.flush()
    # A thread inside native code or a network read can't be called off, and Python would wait for it.
    os._exit(128 + signal.SIGINT)


def _interrupt(number: int, frame: FrameType | None) -> None:
    # A second Ctrl-C must not break off the clearing up that the first one started.
    signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt
