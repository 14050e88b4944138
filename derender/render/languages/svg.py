"""Static SVG, drawn by resvg in a disposable process, or by Chromium on request."""

import platform
from pathlib import Path

from derender.core import Language, Program
from derender.render.environments import Environment
from derender.render.fonts import FOLDERS, fonts_fingerprint
from derender.render.jobs import Job
from derender.render.machine import machine_facts
from derender.render.needs import missing
from derender.render.options import Isolation, RenderOptions
from derender.render.workers import WorkerSpec

from ._versions import distribution
from .html import RENDERER as HTML


class SvgRenderer:
    """resvg with a pinned list of fonts; `RenderOptions.browser` sends the picture to Chromium, and so does a trace."""

    language = Language.SVG
    traces = ("texts",)

    def worker(self, program: Program, options: RenderOptions, isolation: Isolation) -> WorkerSpec:
        """The vector worker, or the browser's."""
        if _by_browser(options):
            return HTML.worker(program, options, isolation)
        return vector_worker(isolation)

    def job(self, program: Program, options: RenderOptions) -> Job:
        """The document as it is, or set into a page."""
        if _by_browser(options):
            from derender.render.worker.svg_page import page_of_svg, size_of_svg

            width, height = size_of_svg(program.source, options.width, options.height)
            drawing: dict[str, int | float | str | bool | None] = {
                "width": width,
                "height": height,
                "background": options.background or "transparent",
                "full_page": False,
                "trace": options.trace,
            }
            page = page_of_svg(program.source, options.width, options.height)
            return Job("html", page, program.assets, drawing, options.limits)
        return Job("svg", program.source, program.assets, options.drawing(), options.limits)

    def fingerprint(self, program: Program, options: RenderOptions) -> dict[str, str]:
        """Resvg's version, the fonts and what of the machine counts."""
        if _by_browser(options):
            return {**HTML.fingerprint(program, options), "renderer": "svg by a browser"}
        return {
            "renderer": "svg",
            "resvg": f"{distribution('resvg-py')}, defusedxml {distribution('defusedxml')}",
            "python": platform.python_version(),
            "fonts": fonts_fingerprint(),
            **machine_facts(),
        }

    def missing(self) -> tuple[str, ...]:
        """Resvg and the fonts, when absent."""
        return missing(("resvg", "bubblewrap", "fonts"))

    def promised(self, module: str) -> bool:
        """SVG imports nothing."""
        return False


def _by_browser(options: RenderOptions) -> bool:
    """Whether Chromium draws it: resvg tells no places."""
    return options.browser or options.trace is not None


def vector_worker(isolation: Isolation) -> WorkerSpec:
    """The worker that draws SVG: a fresh process a picture."""
    environment = Environment.default()
    read: tuple[Path, ...] = (*environment.prefixes, *(folder for folder in FOLDERS if folder.exists()))
    return WorkerSpec("vector", environment.python, {"isolation": isolation.value}, read)


RENDERER = SvgRenderer()
