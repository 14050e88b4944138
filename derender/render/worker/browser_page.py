"""One page in a context of its own: opened, filled, settled, shot, thrown away."""

import asyncio
import base64
import json
import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from . import cdp
from .browser_clock import FREE, HELD, SHOWN_MS
from .browser_guard import GUARD
from .browser_requests import HOME, Site
from .browser_targets import Browser
from .browser_usage import Usage, renderers, usage
from .browser_view import MAX_SENTENCE, PageFailed, Shot, View, Warnings

SETTLE_MS = 1500
"""The longest a page that never stops changing is watched; quiet pages take two frames."""
MAX_TEXT = 200_000
"""Characters of text taken from a page."""
MAX_PLACES = 20_000
"""Words whose places are taken from a page."""
MAX_EVENTS = 2000
"""Console messages and errors after which a page is no longer listened to."""

INSIDE = Path(__file__).with_suffix(".js").read_text("utf-8")
"""What is run in the page's isolated world."""

TOLD_SOURCES = frozenset({"security", "other", "violation", "rendering"})
"""Parts of the browser whose errors are told; failed requests and exceptions are told already."""


class Page:
    """One page of a browser. Make it with `open_page`."""

    def __init__(self, browser: Browser, context: str, view: View) -> None:
        self.browser = browser
        self._view = view
        self._site: Site | None = None
        self._session = ""
        self._events = 0
        self._committed = False
        self._left_for: str | None = None
        self._loaded = asyncio.Event()
        self.context = context
        self.target = ""
        self.processes: set[int] = set()
        self.spent = Usage()
        self.warnings = Warnings()
        self.crashed = asyncio.Event()
        self.closed = False
        self.broke = False

    async def load(self, source: bytes, files: Mapping[str, bytes]) -> None:
        """Load a document with the files beside it, up to its load event.

        Raises:
            BrowserGone: the browser ended meanwhile.
        """
        self._site = Site(source, files, self.warnings.tell)
        await self._set_background()
        # In the place of the empty page, so that there is none to go back to.
        await self._call("Runtime.evaluate", {"expression": f"location.replace('{HOME}')"})
        await self._loaded.wait()

    async def capture(self) -> Shot:
        """The picture of what is loaded, once it has settled.

        Raises:
            PageFailed: the page put another in its place, or the picture would be too large.
            BrowserGone: the browser ended meanwhile.
        """
        texts = await self._settled()
        if self._left_for is not None:
            raise PageFailed("policy", f"the page left itself for {self._left_for[:200]}")
        width, height = await self._size()
        self._view.check(width, height)
        shot = await self._shoot(width, height, texts)
        return replace(shot, places=await self._places()) if self._view.trace else shot

    async def look(self, view: View) -> None:
        """Look at the page in another way from now on.

        Raises:
            PageFailed: the picture would be too large.
        """
        view.check(view.width, view.height)
        self._view = view
        await self._set_metrics()
        await self._set_background()

    async def run(self, expression: str) -> list[float]:
        """The list of numbers that an expression gives, in the page's own world; awaited if it is a promise.

        Raises:
            PageFailed: it threw.
        """
        asked = {"expression": expression, "awaitPromise": True, "returnByValue": True}
        answer = await self._call("Runtime.evaluate", asked)
        if "exceptionDetails" in answer:
            raise PageFailed("runtime", _exception_text(answer["exceptionDetails"]))
        return list(answer["result"]["value"])

    async def attach(self, target: str, prelude: str) -> None:
        """Take hold of the page's target and set the page up."""
        self.target = target
        attached = await self.browser.connection.call("Target.attachToTarget", {"targetId": target, "flatten": True})
        self._session = attached["sessionId"]
        self.browser.connection.listen(self._session, self._event)
        await asyncio.gather(
            self._call("Page.enable"),
            self._call("Runtime.enable"),
            self._call("Log.enable"),
            self._call("Fetch.enable", {"patterns": [{"urlPattern": "*"}]}),
            self._call("Page.addScriptToEvaluateOnNewDocument", {"source": f"{prelude};{GUARD}"}),
            self._set_metrics(),
        )

    @property
    def loaded(self) -> bool:
        """Whether a document was loaded."""
        return self._loaded.is_set()

    def reuse(self) -> None:
        """Begin anew: what was used and told up to now is not the next picture's."""
        self.spent = usage([*self.processes])
        self.warnings = Warnings()

    def refuse_window(self, url: str) -> None:
        """Take note that a window of this page was closed."""
        self.warnings.tell("refused window", url)

    def dispose(self) -> "asyncio.Future[dict[str, Any]]":
        """Throw the page and its context away; the future tells when that is done."""
        self.browser.pages.pop(self.context, None)
        self.browser.connection.unlisten(self._session)
        return self.browser.connection.start("Target.disposeBrowserContext", {"browserContextId": self.context})

    async def _call(self, method: str, params: Mapping[str, Any] | None = None) -> dict[str, Any]:
        return await self.browser.connection.call(method, params, session=self._session)

    async def _set_metrics(self) -> None:
        view = self._view
        metrics = {"width": view.width, "height": view.height, "deviceScaleFactor": view.scale, "mobile": False}
        await self._call("Emulation.setDeviceMetricsOverride", metrics)

    async def _set_background(self) -> None:
        text = self._view.background
        if text is None:
            return
        rgba: list[int] | None = [0, 0, 0, 0]
        if text != "transparent":
            rgba = (await self._inside(f"derender.colour({json.dumps(text)})")).get("value")
        if rgba is None:
            self.warnings.tell("background", f"{text} is no CSS colour; the page stands on white")
            return
        colour = {"r": rgba[0], "g": rgba[1], "b": rgba[2], "a": rgba[3] / 255}
        await self._call("Emulation.setDefaultBackgroundColorOverride", {"color": colour})

    async def _settled(self) -> list[str]:
        for _ in range(3):
            try:
                looked = f"derender.settle({SETTLE_MS}, {SHOWN_MS}).then(() => derender.texts({MAX_TEXT}))"
                return list((await self._inside(looked))["value"])
            except cdp.Refused:
                continue  # the page put a new document in its own place: look at that one
        self.warnings.tell("page", "it kept replacing itself and was drawn while it did")
        return []

    async def _places(self) -> list[list[Any]]:
        """The words that can be seen, each with left, top, width and height in pixels of the picture."""
        try:
            found = await self._inside(f"derender.places({MAX_PLACES})")
        except cdp.Refused:
            # The page put a new document in its own place.
            return []
        return [[word, *(side * self._view.scale for side in box)] for word, *box in found["value"]]

    async def _inside(self, expression: str) -> dict[str, Any]:
        world = await self._call("Page.createIsolatedWorld", {"frameId": self.target, "worldName": "derender"})
        asked = {
            "expression": f"globalThis.derender ??= {INSIDE.strip()}; {expression}",
            "contextId": world["executionContextId"],
            "awaitPromise": True,
            "returnByValue": True,
        }
        answer = await self._call("Runtime.evaluate", asked)
        if "exceptionDetails" in answer:
            raise PageFailed("runtime", "the page can't be looked into", _exception_text(answer["exceptionDetails"]))
        return dict(answer["result"])

    async def _size(self) -> tuple[int, int]:
        if not self._view.full_page:
            return self._view.width, self._view.height
        content = (await self._call("Page.getLayoutMetrics"))["cssContentSize"]
        return max(self._view.width, math.ceil(content["width"])), max(self._view.height, math.ceil(content["height"]))

    async def _shoot(self, width: int, height: int, texts: list[str]) -> Shot:
        beyond = (width, height) != (self._view.width, self._view.height)
        asked: dict[str, Any] = {"format": "png", "optimizeForSpeed": True, "captureBeyondViewport": beyond}
        if beyond:
            asked["clip"] = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
        taken = await self._call("Page.captureScreenshot", asked)
        png = base64.b64decode(taken["data"])
        # A PNG tells its own size at a fixed place.
        return Shot(png, int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big"), texts)

    def _event(self, method: str, params: dict[str, Any]) -> None:
        if method == "Fetch.requestPaused":
            self._answer_request(params)
        elif method == "Page.frameNavigated":
            self._navigated(params["frame"])
        elif method == "Page.loadEventFired" or (
            method == "Page.frameStoppedLoading" and params["frameId"] == self.target
        ):
            # A page that tries to leave while it loads stops loading, and gets no load event.
            if self._committed:
                self._loaded.set()
        elif method == "Page.javascriptDialogOpening":
            self.warnings.tell("dismissed dialog", params.get("message", ""))
            self._start("Page.handleJavaScriptDialog", {"accept": False})
        elif method in {"Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"}:
            self._report(method, params)

    def _answer_request(self, params: dict[str, Any]) -> None:
        if self._site is None:
            self._start("Fetch.failRequest", {"requestId": params["requestId"], "errorReason": "Aborted"})
            return
        method, answer = self._site.answer(params, self.target)
        self._start(method, answer)

    def _stopped(self, frame: str) -> None:
        if frame == self.target and self._committed:
            self._loaded.set()

    def _navigated(self, frame: dict[str, Any]) -> None:
        if frame["id"] != self.target:
            return
        if self._committed:
            self._left_for = frame["url"]
        elif frame["url"] == HOME:
            self._committed = True

    def _report(self, method: str, params: dict[str, Any]) -> None:
        self._events += 1
        if self._events == MAX_EVENTS:
            self._start("Runtime.disable", {})
            self._start("Log.disable", {})
        if method == "Runtime.exceptionThrown":
            self.warnings.tell("page error", _exception_text(params["exceptionDetails"]))
        elif method == "Log.entryAdded":
            entry = params["entry"]
            if entry["level"] == "error" and entry["source"] in TOLD_SOURCES:
                self.warnings.tell("console", entry["text"])
        elif params.get("type") in {"error", "assert"}:
            said = " ".join(str(each.get("value", each.get("description", ""))) for each in params.get("args", []))
            self.warnings.tell("console", said)

    def _start(self, method: str, params: Mapping[str, Any]) -> None:
        self.browser.connection.start(method, params, session=self._session)


async def open_page(browser: Browser, view: View, *, held: bool = True) -> Page:
    """A fresh page in a fresh context, with the ids of the processes that draw it.

    Raises:
        BrowserGone: the browser ended meanwhile.
    """
    call = browser.connection.call
    context = (await call("Target.createBrowserContext", {"disposeOnDetach": True}))["browserContextId"]
    page = Page(browser, context, view)
    browser.pages[context] = page
    browser.served += 1
    browser.connection.start("Browser.setDownloadBehavior", {"behavior": "deny", "browserContextId": context})
    # One at a time, so that the process that appears meanwhile is known to be this page's.
    async with browser.opening:
        before = renderers(browser.process.processes())
        wanted = {"url": "", "browserContextId": context, "width": view.width, "height": view.height}
        target = (await call("Target.createTarget", wanted))["targetId"]
        await page.attach(target, HELD if held else FREE)
        now = renderers(browser.process.processes())
        # A process may have been started ahead of its page.
        page.processes = now - before or now - browser.owned()
    return page


def _exception_text(details: Mapping[str, Any]) -> str:
    thrown = details.get("exception", {})
    text = str(thrown.get("description") or thrown.get("value") or details.get("text", ""))[:MAX_SENTENCE]
    first = text.splitlines()[0] if text else ""
    inside = details.get("url", "") in {"", HOME}
    return f"{first} (line {details['lineNumber'] + 1})" if inside and "lineNumber" in details else first
