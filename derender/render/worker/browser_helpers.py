"""The processes that all pages of a browser share: once one is lost, no picture of that browser can be trusted.

Chromium starts such a process anew and goes on. What it was asked meanwhile is never answered, and what was being drawn
may lack a part.
"""

import os
import select
from collections.abc import Sequence

from .browser_usage import command

_ZYGOTE = b"--type=zygote"
_SHARED = (b"--type=gpu-process", b"--utility-sub-type=network.")
_CHILDLESS = (b"--type=renderer", b"--type=gpu-process", b"--type=utility")


class Helpers:
    """Those that were seen of one browser.

    Args:
        pids: the browser's processes before it has a page.

    Attributes:
        childless: processes that start no others; each has dozens of threads that could have.
    """

    def __init__(self, pids: Sequence[int]) -> None:
        self.childless: set[int] = set()
        self._looked_at: set[int] = set()
        self._watched: list[int] = []
        self._poll = select.poll()
        self._lost = False
        for pid in pids:
            if _ZYGOTE in command(pid):
                self._watch(pid)
        self.look(pids)

    def look(self, pids: Sequence[int]) -> None:
        """Take note of helpers that are new among the browser's processes."""
        # A number may be another process's by now.
        self._looked_at &= {*pids}
        self.childless &= {*pids}
        for pid in pids:
            words = b"" if pid in self._looked_at else command(pid)
            # A process keeps the name of the zygote it was forked from until it has one of its own.
            if words and _ZYGOTE not in words:
                self._looked_at.add(pid)
                if any(word in words for word in _CHILDLESS):
                    self.childless.add(pid)
                if any(word in words for word in _SHARED):
                    self._watch(pid)

    @property
    def lost(self) -> bool:
        """Whether one that was there isn't any more."""
        self._lost = self._lost or bool(self._poll.poll(0))
        return self._lost

    def close(self) -> None:
        """Look no more."""
        while self._watched:
            fd = self._watched.pop()
            self._poll.unregister(fd)
            os.close(fd)

    def _watch(self, pid: int) -> None:
        self._looked_at.add(pid)
        try:
            fd = os.pidfd_open(pid)
        except ProcessLookupError:
            self._lost = True
            return
        self._watched.append(fd)
        self._poll.register(fd, select.POLLIN)
