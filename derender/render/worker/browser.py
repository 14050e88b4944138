"""The browser worker: takes pages over the control socket, draws several at once in one long-lived Chromium.

A page whose browser is lost is drawn once more on one of its own, so that a page that takes its browser down, or holds
it up, does so to itself alone; a page whose own process crashed is drawn once more, too.
"""

import asyncio
import json
import os
import select
import socket
import time
from contextlib import AsyncExitStack
from typing import Any

from . import cdp, frames
from .browser_figures import figure_kinds
from .browser_health import draws
from .browser_jobs import Easel, Task
from .browser_page import Page
from .browser_pool import Pool
from .browser_targets import Browser
from .browser_view import PageFailed, Shot
from .browser_watch import BROKEN, POLL_S, Budget, Cancelled, PageCrashed, Watch

MAX_JOB_BYTES = 1 << 30
ATTEMPTS = 2
SICK_S = 2.0
"""Seconds in which a browser must draw again after a page was killed, to be given more pages."""
OPENING_S = 20.0
"""Seconds a healthy browser may take to open an empty page, more where the machine is busy."""


class Worker:
    """Draws the pages that come over a control socket, until it closes."""

    def __init__(self, pool: Pool, config: dict[str, Any]) -> None:
        self._pool = pool
        self._easel = Easel(figure_kinds(config.get("plotly_js")))
        self._slots = asyncio.Semaphore(int(config.get("pages") or max(2, os.cpu_count() or 2)))

    async def serve(self, job: socket.socket) -> None:
        """Answer one job over its own socket."""
        with job:
            try:
                header, blobs = await asyncio.to_thread(frames.recv, job, MAX_JOB_BYTES)
                async with self._slots:
                    answer, pictures = await self._answer(header, blobs, job)
                await asyncio.to_thread(frames.send, job, answer, pictures)
            except (frames.Closed, frames.Bad, Cancelled, BrokenPipeError, ConnectionResetError):
                return  # whoever asked went away

    async def _answer(
        self, header: dict[str, Any], blobs: list[bytes], job: socket.socket
    ) -> tuple[dict[str, Any], list[bytes]]:
        started = time.monotonic()
        answer = Answer(self._pool.setup.isolation() if self._pool.setup else [])
        try:
            task = Task.of_frame(header, blobs)
            task.view.check(task.view.width, task.view.height)
            shot = await self._draw(task, answer, job)
            limit = int(header.get("output_mb", 64)) << 20
            if len(shot.png) > limit:
                raise PageFailed("output_too_large", f"the picture takes more than {limit >> 20} MiB")
            answer.shot = shot
        except PageFailed as failure:
            answer.failure = failure
        except (cdp.BrowserGone, PageCrashed) as error:
            answer.failure = PageFailed("worker_lost", "the browser was lost twice while it drew the page", str(error))
        return answer.frame(time.monotonic() - started)

    async def _draw(self, task: Task, answer: "Answer", job: socket.socket) -> Shot:
        alone = False
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await self._attempt(task, answer, job, alone=alone)
            except PageCrashed as error:
                if attempt == ATTEMPTS and error.broke:
                    message = "the page crashes the process that draws it each time"
                    raise PageFailed("runtime", message, str(error)) from None
                if attempt == ATTEMPTS:
                    raise
            except cdp.BrowserGone:
                if attempt == ATTEMPTS:
                    raise
                alone = True
        raise AssertionError("every attempt returns or raises")

    async def _attempt(self, task: Task, answer: "Answer", job: socket.socket, *, alone: bool) -> Shot:
        browser = await self._pool.acquire(alone=alone)
        drawing = asyncio.ensure_future(self._on(browser, task, answer, job))
        try:
            while not drawing.done():
                await asyncio.wait({drawing}, timeout=POLL_S)
                if not browser.process.alive:
                    raise cdp.BrowserGone("the browser was lost, or a process that all its pages need")
            return await drawing
        except cdp.BrowserGone:
            drawing.cancel()
            self._pool.discard(browser)
            raise
        except PageFailed as failure:
            # What a page has begun in the processes that all pages share doesn't end with the page.
            if failure.kind in BROKEN and not browser.alone and not await draws(browser, SICK_S):
                self._pool.retire(browser)
            raise
        finally:
            self._pool.release(browser)

    async def _on(self, browser: Browser, task: Task, answer: "Answer", job: socket.socket) -> Shot:
        async with AsyncExitStack() as turns:
            if self._easel.is_figure(task):
                await turns.enter_async_context(self._easel.turn(browser))
            page = await self._page(browser, task)
            browser.process.look_after()
            return await self._watched(browser, page, task, answer, job)

    async def _page(self, browser: Browser, task: Task) -> Page:
        try:
            return await asyncio.wait_for(self._easel.page(browser, task), OPENING_S)
        except TimeoutError:
            raise cdp.BrowserGone("the browser hangs: no page came up") from None
        except cdp.Refused as error:
            raise cdp.BrowserGone(f"the browser gave no page: {error}") from error

    async def _watched(self, browser: Browser, page: Page, task: Task, answer: "Answer", job: socket.socket) -> Shot:
        await self._easel.prepare(page, task)
        watch = Watch(browser, page, Budget.of_header(task.header))
        drawing = asyncio.ensure_future(self._easel.draw(page, task))
        usable = False
        try:
            shot = await watch.shot(drawing, lambda: hung_up(job))
            usable = True
            return shot
        except PageFailed as failure:
            usable = failure.kind not in BROKEN
            raise
        finally:
            answer.warnings = list(page.warnings.sentences)
            answer.cpu_s = watch.cpu_s()
            self._easel.put_away(browser, page, task, usable=usable)


class Answer:
    """What is known of a page's drawing so far."""

    def __init__(self, isolation: list[str]) -> None:
        self.isolation = isolation
        self.warnings: list[str] = []
        self.cpu_s = 0.0
        self.failure: PageFailed | None = None
        self.shot: Shot | None = None

    def frame(self, wall_s: float) -> tuple[dict[str, Any], list[bytes]]:
        """The result frame's header and blobs."""
        failure = self.failure and {
            "kind": self.failure.kind,
            "message": str(self.failure),
            "line": None,
            "detail": self.failure.detail,
        }
        pictures: list[dict[str, Any]] = []
        if self.shot:
            size = {"width": self.shot.width, "height": self.shot.height}
            # Whether it is blank takes its pixels, which the standard library can't read: the engine looks.
            pictures = [{"name": "page.png", "media": "png", **size, "blank": None, "texts": self.shot.texts}]
        blobs = [self.shot.png] if self.shot else []
        if self.shot and self.shot.places is not None:
            blobs.append(json.dumps({"texts": self.shot.places}).encode())
        header = {
            "status": "failed" if failure else "ok",
            "failure": failure,
            "pictures": pictures,
            "warnings": self.warnings,
            "wall_s": round(wall_s, 3),
            "cpu_s": self.cpu_s,
            "isolation": self.isolation,
            "stdout": "",
            "stderr": "",
            "traced": len(blobs) > len(pictures),
        }
        return header, blobs


def hung_up(job: socket.socket) -> bool:
    """Whether the other end of a socket was closed."""
    poll = select.poll()
    poll.register(job, select.POLLHUP)
    return bool(poll.poll(0))


async def main(control_fd: int, config: dict[str, Any]) -> None:
    """Serve pages until the control socket closes."""
    control = socket.socket(fileno=control_fd)
    refusal = _refusal(config)
    if refusal:
        frames.send(control, {"hello": "browser", **refusal})
        return
    pool = Pool(config["browser"], config.get("bwrap"), int(config.get("recycle") or 200))
    try:
        pool.release(await pool.acquire())
    except cdp.NotStarted as error:
        kind = "isolation" if "bwrap: " in str(error) else "renderer_absent"
        frames.send(control, {"hello": "browser", "error": str(error), "failure": kind})
        return
    except cdp.BrowserGone as error:
        # It was killed, at first or once it had answered: another may live.
        frames.send(control, {"hello": "browser", "error": str(error), "failure": "worker_lost", "killed": True})
        return
    try:
        frames.send(control, _hello(pool))
        await _serve(control, Worker(pool, config))
    finally:
        pool.close()


def _refusal(config: dict[str, Any]) -> dict[str, str] | None:
    if not config.get("browser"):
        return {"error": "Chromium is not installed", "failure": "renderer_absent"}
    if not config.get("bwrap") and config.get("isolation") != "weak":
        return {"error": str(config.get("refusal") or "pages can't be contained here"), "failure": "isolation"}
    return None


def _hello(pool: Pool) -> dict[str, Any]:
    isolation = pool.setup.isolation() if pool.setup else []
    versions = {"browser": pool.version}
    return {"hello": "browser", "pid": os.getpid(), "isolation": isolation, "versions": versions, "modules": []}


async def _serve(control: socket.socket, worker: Worker) -> None:
    loop = asyncio.get_running_loop()
    closed = asyncio.Event()
    tasks: set[asyncio.Task[None]] = set()

    def readable() -> None:
        try:
            data, descriptors, _, _ = socket.recv_fds(control, 1, 1)
        except OSError:
            data, descriptors = b"", []
        if not data:
            loop.remove_reader(control.fileno())
            closed.set()
        for descriptor in descriptors:
            task = loop.create_task(worker.serve(socket.socket(fileno=descriptor)))
            tasks.add(task)
            task.add_done_callback(tasks.discard)

    loop.add_reader(control.fileno(), readable)
    await closed.wait()
