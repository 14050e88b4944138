"""Whether a browser still draws: a shader that never ends holds up the one process that draws all pages' pictures."""

import asyncio
import contextlib

from . import cdp
from .browser_targets import Browser

ANSWER_S = 3.0
"""Seconds a healthy browser may take to shoot an empty page; on an idle machine it takes 0.1."""


async def draws(browser: Browser, within_s: float = ANSWER_S) -> bool:
    """Whether the browser draws an empty page in time.

    Raises:
        BrowserGone: it ended meanwhile.
    """
    call = browser.connection.call
    context = ""
    try:
        async with asyncio.timeout(within_s):
            context = (await call("Target.createBrowserContext", {"disposeOnDetach": True}))["browserContextId"]
            # The process that appears now is not that of a page being opened.
            async with browser.opening:
                wanted = {"url": "about:blank", "browserContextId": context, "width": 8, "height": 8}
                target = (await call("Target.createTarget", wanted))["targetId"]
            attached = await call("Target.attachToTarget", {"targetId": target, "flatten": True})
            await call("Page.captureScreenshot", session=attached["sessionId"])
    except (TimeoutError, cdp.Refused):
        return False
    finally:
        if context:
            browser.connection.start("Target.disposeBrowserContext", {"browserContextId": context})
    return True


class Pulse:
    """Looks now and then whether a browser draws while a page of it shows no sign of life."""

    EVERY_S = 2.0
    _IDLE_CPU_S = 0.2

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._looking: asyncio.Task[bool] | None = None
        self._next_s = self.EVERY_S
        self._cpu_s = 0.0

    def is_lost(self, elapsed_s: float, cpu_s: float) -> bool:
        """Whether the browser was found not to draw; called again and again with the page's age and processor time."""
        if self._looking is not None:
            if not self._looking.done():
                return False
            lost = not self._looking.result()
            self._looking = None
            return lost
        if elapsed_s >= self._next_s:
            if cpu_s - self._cpu_s < self._IDLE_CPU_S:
                self._looking = asyncio.ensure_future(draws(self._browser))
            self._next_s, self._cpu_s = elapsed_s + self.EVERY_S, cpu_s
        return False

    def stop(self) -> None:
        """Look no more."""
        if self._looking is not None:
            self._looking.cancel()
            self._looking.add_done_callback(_observe)


def _observe(task: "asyncio.Task[bool]") -> None:
    with contextlib.suppress(asyncio.CancelledError):
        task.exception()
