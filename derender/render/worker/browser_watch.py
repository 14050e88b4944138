"""The limits of a page: it is looked at several times a second from outside, and killed when it goes beyond them."""

import asyncio
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import cdp
from .browser_health import Pulse, draws
from .browser_page import Page
from .browser_targets import Browser
from .browser_usage import Usage, cap_memory, usage
from .browser_view import PageFailed, Shot

POLL_S = 0.1
STARVED_TIMES = 4
"""How many deadlines of real time a page gets on a machine too busy to run it."""
SPARE_BYTES = 512 << 20
"""What a renderer process allocates for itself before it has drawn anything."""

BROKEN = frozenset({"cpu_budget", "deadline", "memory", "starved"})
"""Failures that leave a page behind which may never answer again."""


class Cancelled(Exception):
    """Nobody waits for the page any more."""


class PageCrashed(Exception):
    """The page's process died, not of its memory as far as we can tell; ``broke`` says that no one killed it."""

    def __init__(self, words: str, *, broke: bool = False) -> None:
        super().__init__(words)
        self.broke = broke


@dataclass(frozen=True, slots=True)
class Budget:
    """What a page may use: seconds until the deadline, processor seconds, bytes."""

    wall_s: float = 30.0
    cpu_s: float = 30.0
    memory_bytes: int = 2048 << 20

    @classmethod
    def of_header(cls, header: dict[str, Any]) -> "Budget":
        """The limits a job's header gives."""
        default = cls()
        return cls(
            float(header.get("wall_s", default.wall_s)),
            float(header.get("cpu_s", default.cpu_s)),
            int(header.get("memory_mb", 2048)) << 20,
        )


class Watch:
    """Waits for a page's picture and ends the page when it breaks a limit."""

    def __init__(self, browser: Browser, page: Page, budget: Budget) -> None:
        self._browser = browser
        # A page that has a browser to itself has no one else to blame for holding it up.
        self._pulse = None if browser.alone else Pulse(browser)
        self._page = page
        self._budget = budget
        self._started = time.monotonic()
        self._shared = self._shared_usage(browser.process.known)
        self._log_start = browser.process.log_size()
        self._peak_bytes = 0
        self._own = Usage()
        browser.drawing += 1
        for pid in page.processes:
            cap_memory(pid, budget.memory_bytes + SPARE_BYTES)

    async def shot(self, drawing: "asyncio.Task[Shot]", cancelled: Callable[[], bool]) -> Shot:
        """The picture, once it is there.

        Raises:
            PageFailed: the page broke a limit, or can't be drawn.
            PageCrashed: its process died.
            BrowserGone: the browser died, or hangs.
            Cancelled: nobody waits for it any more.
        """
        crash = asyncio.ensure_future(self._page.crashed.wait())
        try:
            while not drawing.done():
                await asyncio.wait({drawing, crash}, timeout=POLL_S, return_when=asyncio.FIRST_COMPLETED)
                if drawing.done():
                    break
                if cancelled():
                    raise Cancelled
                await self._check()
            self._own = self._own_usage()
            return await self._drawn(drawing)
        except PageFailed as failure:
            if failure.kind in BROKEN:
                self._kill_page()
            raise
        except (PageCrashed, Cancelled, cdp.BrowserGone):
            self._kill_page()
            raise
        finally:
            if self._pulse:
                self._pulse.stop()
            crash.cancel()
            drawing.cancel()
            self._browser.drawing -= 1

    async def _drawn(self, drawing: "asyncio.Task[Shot]") -> Shot:
        try:
            return await drawing
        except cdp.Refused as error:
            if self._page.crashed.is_set():
                self._raise_crash()
            raise PageCrashed(f"the browser refused to go on: {error}") from None

    def cpu_s(self) -> float:
        """Processor time of the page: its own process, and its share of what all pages have in common."""
        shared = self._shared_usage(self._browser.process.known).cpu_s - self._shared.cpu_s
        return round(self._own.cpu_s + shared / (self._browser.drawing + 1), 3)

    async def _check(self) -> None:
        if self._page.crashed.is_set():
            self._raise_crash()
        budget = self._budget
        self._own = own = self._own_usage()
        self._peak_bytes = max(self._peak_bytes, own.memory_bytes)
        if own.memory_bytes > budget.memory_bytes:
            raise PageFailed("memory", f"the page took more than {budget.memory_bytes >> 20} MiB")
        shared = self._shared_usage(self._browser.process.processes())
        if self._has_bloated(shared.memory_bytes - self._shared.memory_bytes):
            raise PageFailed("memory", f"the page had the browser take more than {budget.memory_bytes >> 20} MiB")
        if own.cpu_s > budget.cpu_s:
            raise PageFailed("cpu_budget", f"the page's scripts and layout took more than {budget.cpu_s:g} s")
        elapsed = time.monotonic() - self._started
        waited = own.waited_s + shared.waited_s - self._shared.waited_s
        if elapsed - waited > budget.wall_s:
            await self._raise_late(elapsed - waited)
        if elapsed > STARVED_TIMES * budget.wall_s:
            raise PageFailed("starved", f"the machine was too busy to draw the page within {elapsed:.0f} s")
        if self._pulse and self._pulse.is_lost(elapsed, own.cpu_s):
            raise cdp.BrowserGone("the browser draws nothing any more")

    def _has_bloated(self, grown_bytes: int) -> bool:
        """Whether the processes that all pages share have grown too much, most likely by this page's doing."""
        limit = self._budget.memory_bytes + SPARE_BYTES
        if grown_bytes <= limit:
            return False
        busiest = max(usage([*page.processes]).cpu_s for page in self._browser.pages.values())
        return grown_bytes > 2 * limit or usage([*self._page.processes]).cpu_s >= busiest

    async def _raise_late(self, ran_s: float) -> None:
        wall_s = self._budget.wall_s
        if self._own.cpu_s > 0.5 * ran_s:
            raise PageFailed("cpu_budget", f"the page was still busy with its scripts after {wall_s:g} s")
        if self._pulse and not await draws(self._browser):
            raise cdp.BrowserGone("the browser draws nothing any more")
        raise PageFailed("deadline", f"the page was still not done after {wall_s:g} s")

    def _raise_crash(self) -> None:
        if self._page.closed:
            raise PageFailed("policy", "the page closed itself")
        words = self._browser.process.log_tail(self._log_start)
        limit = self._budget.memory_bytes
        # All pages share the log; what it says is this page's only where nobody killed its process.
        told = self._page.broke and ("memory" in words.lower() or "oom" in words.lower())
        starving = told or self._peak_bytes > limit // 2
        if starving:
            raise PageFailed("memory", f"the page asked for more than {limit >> 20} MiB", _last_lines(words))
        raise PageCrashed(_last_lines(words), broke=self._page.broke)

    def _own_usage(self) -> Usage:
        now, before = usage([*self._page.processes]), self._page.spent
        return Usage(now.cpu_s - before.cpu_s, now.waited_s - before.waited_s, now.memory_bytes)

    def _shared_usage(self, pids: list[int]) -> Usage:
        pages = self._browser.owned()
        return usage([pid for pid in pids if pid not in pages])

    def _kill_page(self) -> None:
        # A page that hangs would hold up its own closing for seconds.
        for pid in self._page.processes:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue


def _last_lines(text: str) -> str:
    return "\n".join(text.strip().splitlines()[-5:])
