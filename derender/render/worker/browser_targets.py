"""One running browser and its pages: it closes windows that nobody asked for, and tells of crashes."""

import asyncio
from typing import Any, Protocol

from . import cdp
from .browser_process import BrowserProcess


class Watched(Protocol):
    """What a browser needs to know of a page."""

    target: str
    processes: set[int]
    crashed: asyncio.Event
    closed: bool
    broke: bool

    def refuse_window(self, url: str) -> None:
        """Take note that a window of this page was closed."""


class Browser:
    """A browser process with its pages.

    Attributes:
        process: the browser itself.
        opening: held while a page is opened, so that the process that appears is known to be that page's.
        pages: the pages that are open, by context.
        served: pages opened so far.
        drawing: pictures under way.
        alone: whether it is there for one page only.
    """

    def __init__(self, process: BrowserProcess) -> None:
        self.process = process
        self.opening = asyncio.Lock()
        self.pages: dict[str, Watched] = {}
        self.served = 0
        self.drawing = 0
        self.alone = False
        self.connection.listen(cdp.BROWSER, self._event)
        self.connection.start("Target.setDiscoverTargets", {"discover": True})

    @property
    def connection(self) -> cdp.Connection:
        """The line to the browser."""
        return self.process.connection

    def owned(self) -> set[int]:
        """The processes of all its pages."""
        return {pid for page in self.pages.values() for pid in page.processes}

    def _event(self, method: str, params: dict[str, Any]) -> None:
        if method == "Target.targetCreated":
            self._look_at(params["targetInfo"])
        elif method in {"Target.targetCrashed", "Target.targetDestroyed"}:
            for page in self.pages.values():
                if page.target == params["targetId"]:
                    page.closed = method == "Target.targetDestroyed"
                    # Its own doing, where nobody killed it: a stack that ran over, an allocation past all measure.
                    page.broke = params.get("status") in {"crashed", "oom"}
                    page.crashed.set()

    def _look_at(self, target: dict[str, Any]) -> None:
        page = self.pages.get(target.get("browserContextId", ""))
        if page is None or target["type"] != "page" or page.target in {"", target["targetId"]}:
            return
        page.refuse_window(target.get("url", ""))
        self.connection.start("Target.closeTarget", {"targetId": target["targetId"]})
