"""Figures that come as JSON: Plotly's and Vega-Lite's, each drawn by its own library on a page that stays.

The library takes far longer to load than a figure to draw, and only its code runs on its page: so the page is kept,
and figures take turns on it.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from . import plotly_page, vegalite_page
from .browser_view import PageFailed

BUNDLE_S = 120.0
"""Seconds that putting Vega's script together may take on a loaded machine; it takes three."""
_BUNDLE = "import sys, vl_convert; sys.stdout.buffer.write(vl_convert.javascript_bundle().encode())"


@dataclass(frozen=True, slots=True)
class FigureKind:
    """One library that draws figures.

    Attributes:
        page: the page it runs on; its function ``draw`` takes a figure and gives the size it has on the page.
        script: the name of the library's file beside the page.
        load: gives the library.
        expression: makes the call of ``draw`` from the figure's JSON, the size asked for and the files beside it.
    """

    page: bytes
    script: str
    load: Callable[[], Awaitable[bytes]]
    expression: Callable[[bytes, tuple[int | None, int | None], Mapping[str, bytes]], str]

    async def files(self) -> dict[str, bytes]:
        """What lies beside the page.

        Raises:
            PageFailed: the library is absent.
        """
        return {self.script: await self.load()}


def figure_kinds(plotly_js: str | None) -> dict[str, FigureKind]:
    """The libraries by the kind of job they are for; ``plotly_js`` is the path of Plotly's."""

    async def load_plotly() -> bytes:
        if plotly_js is None:
            raise PageFailed("renderer_absent", "plotly.js is missing: install the Python package plotly")
        return Path(plotly_js).read_bytes()

    plotly = FigureKind(plotly_page.PAGE, plotly_page.SCRIPT, load_plotly, plotly_page.expression)
    vega = FigureKind(vegalite_page.PAGE, vegalite_page.SCRIPT, _vega_bundle(), vegalite_page.expression)
    return {"plotly": plotly, "vegalite": vega}


def _vega_bundle() -> Callable[[], Awaitable[bytes]]:
    """Loads Vega from the package vl-convert, once; in a process of its own, since it keeps one busy for seconds."""
    lock = asyncio.Lock()
    loaded: list[bytes] = []

    async def load() -> bytes:
        async with lock:
            if not loaded:
                loaded.append(await _bundled())
            return loaded[0]

    return load


async def _bundled() -> bytes:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(sys.executable, "-Bc", _BUNDLE, stdout=pipe, stderr=pipe)
    try:
        bundle, errors = await asyncio.wait_for(process.communicate(), BUNDLE_S)
    except TimeoutError:
        process.kill()
        raise PageFailed("starved", "the machine was too busy to put Vega's script together") from None
    if process.returncode and process.returncode < 0:
        raise PageFailed("worker_lost", "what puts Vega's script together was killed")
    if process.returncode:
        words = errors.decode("utf-8", "replace")[-500:]
        raise PageFailed("renderer_absent", "Vega is missing: install the Python package vl-convert-python", words)
    return bundle
