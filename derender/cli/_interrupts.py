"""Ctrl-C while somebody else's event loop runs: it ends, whatever the loop's tasks wait for."""

import os
import signal
import threading
from contextlib import suppress
from types import FrameType
from typing import Self

_PATIENCE_S = 10.0


class Interrupts:
    """Repeats an interrupt that its loop has not ended by.

    asyncio cancels the main task once; a task that awaits what never comes while it tidies up holds all others. The
    second interrupt is raised in the loop itself. To be entered before the loop runs, by the main thread.

    Args:
        patience_s: seconds that the tasks have to tidy up.
    """

    def __init__(self, patience_s: float = _PATIENCE_S) -> None:
        self._patience_s = patience_s
        self._again: threading.Timer | None = None
        self._taken = False

    def __enter__(self) -> Self:
        self._before = signal.getsignal(signal.SIGINT)
        return self

    def __exit__(self, *_: object) -> None:
        if self._again:
            self._again.cancel()
        if self._taken:
            signal.signal(signal.SIGINT, self._before)

    def listen(self) -> None:
        """Begin; to be called from within the loop, which has its own handler by then."""
        if self._taken or threading.current_thread() is not threading.main_thread():
            return
        loops = signal.getsignal(signal.SIGINT)
        if not callable(loops):
            return

        def interrupted(number: int, frame: FrameType | None) -> None:
            if self._again is None:
                self._again = threading.Timer(self._patience_s, _interrupt)
                self._again.daemon = True
                self._again.start()
            loops(number, frame)

        with suppress(ValueError):  # not the main interpreter's
            signal.signal(signal.SIGINT, interrupted)
            self._taken = True


def _interrupt() -> None:
    os.kill(os.getpid(), signal.SIGINT)
