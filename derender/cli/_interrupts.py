"""Ctrl-C while somebody else's event loop runs: it ends, whatever the loop's tasks wait for."""

import signal
import threading
from types import FrameType
from typing import Self

_PATIENCE_S = 5.0


class Interrupts:
    """Repeats an interrupt that its loop has not ended by.

    asyncio cancels the main task once; a task that awaits what never comes while it tidies up holds all others. The
    second interrupt is raised in the loop itself. To be entered before the loop runs, by the main thread.

    Args:
        patience_s: seconds that the tasks have to tidy up.

    Attributes:
        seen: whether there was one.
    """

    def __init__(self, patience_s: float = _PATIENCE_S) -> None:
        self.seen = False
        self._patience_s = patience_s
        self._taken = False

    def __enter__(self) -> Self:
        # asyncio cancels the main task only where it finds Python's own handler; else it breaks off in mid-step.
        self._before = signal.signal(signal.SIGINT, signal.default_int_handler), signal.getsignal(signal.SIGALRM)
        return self

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGINT, self._before[0])
        if self._taken:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, self._before[1])

    def listen(self) -> None:
        """Begin; to be called from within the loop, which has its own handler by then."""
        if self._taken or threading.current_thread() is not threading.main_thread():
            return
        loops = signal.getsignal(signal.SIGINT)
        if not callable(loops):
            return

        def interrupted(_: int, frame: FrameType | None) -> None:
            # No thread and no lock: the loop may be in the midst of either.
            self.seen = True
            signal.setitimer(signal.ITIMER_REAL, self._patience_s)
            loops(signal.SIGINT, frame)

        signal.signal(signal.SIGALRM, interrupted)
        signal.signal(signal.SIGINT, interrupted)
        self._taken = True
