"""What can be asked of a browser: a page from a program, or the picture of a figure."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from . import cdp
from .browser_clock import BEGIN
from .browser_figures import FigureKind
from .browser_page import Page, open_page
from .browser_targets import Browser
from .browser_view import DEFAULT_SIZE, Shot, View


@dataclass(frozen=True, slots=True)
class Task:
    """One picture to draw.

    Attributes:
        header: the job's header.
        source: the page, or the figure's JSON.
        files: what lies beside it.
    """

    header: dict[str, Any]
    source: bytes
    files: dict[str, bytes]

    @classmethod
    def of_frame(cls, header: dict[str, Any], blobs: list[bytes]) -> "Task":
        """The task a frame asks for."""
        source, *contents = blobs
        return cls(header, source, dict(zip(header.get("files", []), contents, strict=True)))

    @property
    def kind(self) -> str:
        """``html``, or the kind of figure."""
        return str(self.header["kind"])

    @property
    def asked_size(self) -> tuple[int | None, int | None]:
        """Width and height, where they are asked for."""
        options = self.header.get("options", {})
        return options.get("width"), options.get("height")

    @property
    def view(self) -> View:
        """How the page is looked at."""
        options = self.header.get("options", {})
        width, height = self.asked_size
        return View(
            width=width or DEFAULT_SIZE[0],
            height=height or DEFAULT_SIZE[1],
            scale=float(options.get("scale") or 1),
            background=options.get("background"),
            full_page=bool(options.get("full_page", True)),
            pixels=int(self.header.get("pixels", 64_000_000)),
            trace=bool(options.get("trace")),
        )


AHEAD = View()
"""How a page is looked at that is opened before it is known what for."""


class Easel:
    """Opens the page a task is drawn on, and draws it there: a fresh page, or the one kept for figures of its kind."""

    def __init__(self, kinds: Mapping[str, FigureKind]) -> None:
        self._kinds = kinds
        self._kept: dict[Browser, dict[str, Page]] = {}
        self._turns: dict[Browser, asyncio.Lock] = {}
        self._ahead: dict[Browser, asyncio.Task[Page]] = {}

    def is_figure(self, task: Task) -> bool:
        """Whether the task is a figure, not a page."""
        return task.kind in self._kinds

    def turn(self, browser: Browser) -> asyncio.Lock:
        """Held by the one figure that a browser draws."""
        return self._turns.setdefault(browser, asyncio.Lock())

    async def page(self, browser: Browser, task: Task) -> Page:
        """The page to draw on.

        Raises:
            BrowserGone: the browser ended meanwhile.
        """
        if not self.is_figure(task):
            return await self._fresh_page(browser, task.view)
        self._forget_ended()
        page = self._kept.get(browser, {}).pop(task.kind, None)
        if page is None:
            return await open_page(browser, task.view, held=False)
        page.reuse()
        return page

    def _forget_ended(self) -> None:
        """Let go of browsers that have ended: their pages hold megabytes, and hold them in turn."""
        for kept in (self._kept, self._turns, self._ahead):
            for browser in [browser for browser in kept if not browser.process.alive]:
                del kept[browser]

    async def _fresh_page(self, browser: Browser, view: View) -> Page:
        """A page nothing was ever loaded into: the one opened ahead, where there is one."""
        opening = self._ahead.pop(browser, None)
        page = await _opened(opening) if opening else None
        if page is None or page.crashed.is_set():
            return await open_page(browser, view)
        if view != AHEAD:
            await page.look(view)
        return page

    def _open_ahead(self, browser: Browser) -> None:
        """Open the next page while this one is drawn: that takes about as long, for a process starts for each page."""
        if browser.alone or browser in self._ahead:
            return
        self._ahead[browser] = opening = asyncio.ensure_future(open_page(browser, AHEAD))
        opening.add_done_callback(_observe)

    async def prepare(self, page: Page, task: Task) -> None:
        """Load the library of a figure's kind, unless the page has it.

        Raises:
            PageFailed: the library is absent.
            BrowserGone: the browser ended meanwhile.
        """
        kind = self._kinds.get(task.kind)
        if kind and not page.loaded:
            await page.load(kind.page, await kind.files())
            page.reuse()

    async def draw(self, page: Page, task: Task) -> Shot:
        """Draw the task on the page.

        Raises:
            PageFailed: it can't be drawn.
            BrowserGone: the browser ended meanwhile.
        """
        kind = self._kinds.get(task.kind)
        if kind is None:
            await page.load(task.source, task.files)
            # Not before: loading takes all there is of a machine with few cores.
            self._open_ahead(page.browser)
            return await page.capture()
        call = kind.expression(task.source, task.asked_size, task.files)
        await page.look(task.view)
        width, height = await page.run(f"{BEGIN}, {call}")
        await page.look(replace(task.view, width=int(width), height=int(height), full_page=False))
        return await page.capture()

    def put_away(self, browser: Browser, page: Page, task: Task, *, usable: bool) -> None:
        """Throw the page away, or keep it for the next figure of its kind."""
        if usable and self.is_figure(task):
            self._kept.setdefault(browser, {})[task.kind] = page
        else:
            page.dispose()


async def _opened(opening: "asyncio.Task[Page]") -> Page | None:
    """The page, or None if it didn't come up."""
    try:
        return await opening
    except (cdp.BrowserGone, cdp.Refused):
        return None


def _observe(opening: "asyncio.Task[Page]") -> None:
    # Its browser may end before anyone asks for the page.
    if not opening.cancelled():
        opening.exception()
