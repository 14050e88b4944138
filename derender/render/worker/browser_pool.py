"""The browser that takes the next page: replaced after so many pages, and as soon as it is lost."""

import asyncio
import gc

from .browser_process import Setup, find_setup, launch
from .browser_targets import Browser


class Pool:
    """One current browser, and those before it that still have pages under way."""

    def __init__(self, browser: str, bwrap: str | None, recycle: int) -> None:
        self._browser = browser
        self._bwrap = bwrap
        self._recycle = recycle
        self._lock = asyncio.Lock()
        self._current: Browser | None = None
        self._draining: list[Browser] = []
        self._users: dict[Browser, int] = {}
        self.setup: Setup | None = None
        self.version = ""

    async def acquire(self, *, alone: bool = False) -> Browser:
        """The browser for one more page; give it back with `release`.

        Args:
            alone: whether the page gets a browser that is no other page's, and ended with it.

        Raises:
            BrowserGone: none can be started.
        """
        if alone:
            own = await self._start()
            own.alone = True
            self._users[own] = 1
            self._draining.append(own)
            return own
        async with self._lock:
            browser = self._current
            if browser is None or not browser.process.alive or browser.served >= self._recycle:
                if browser is not None:
                    # Before the wait for another: those that release it meanwhile end it.
                    self.retire(browser)
                browser = self._current = await self._start()
            self._users[browser] = self._users.get(browser, 0) + 1
            return browser

    def release(self, browser: Browser) -> None:
        """A page of this browser is done."""
        self._users[browser] -= 1
        if not self._users[browser] and browser is not self._current:
            self._end(browser)

    def retire(self, browser: Browser) -> None:
        """Give a browser no more pages; it ends with those it has."""
        if browser is self._current:
            self._current = None
            self._drain(browser)

    def discard(self, browser: Browser) -> None:
        """End a browser that hangs or died, with all its pages; the next page gets a fresh one."""
        browser.process.kill()
        if browser is self._current:
            self._current = None

    def close(self) -> None:
        """End all browsers at once."""
        for browser in [*self._draining, self._current]:
            if browser is not None:
                browser.process.kill()

    async def _start(self) -> Browser:
        # Pages and browsers that have ended hold each other, and megabytes.
        gc.collect()
        if self.setup is None:
            self.setup, process = await find_setup(self._browser, self._bwrap)
        else:
            process = await launch(self.setup)
        self.version = (await process.connection.call("Browser.getVersion"))["product"]
        return Browser(process)

    def _drain(self, browser: Browser) -> None:
        if self._users.get(browser, 0) and browser.process.alive:
            self._draining.append(browser)
        else:
            self._end(browser)

    def _end(self, browser: Browser) -> None:
        browser.process.kill()
        if browser in self._draining:
            self._draining.remove(browser)
        if not self._users.get(browser, 0):
            self._users.pop(browser, None)
