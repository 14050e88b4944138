"""Web pages, drawn by one long-lived Chromium inside bubblewrap, a fresh context each."""

import shutil
import sysconfig
from functools import cache
from pathlib import Path

from derender.core import Language, Program
from derender.render.containers import bubblewrap, bubblewrap_obstacle
from derender.render.fonts import fonts_fingerprint
from derender.render.jobs import Job
from derender.render.machine import machine_facts
from derender.render.needs import NEEDS, missing
from derender.render.options import Isolation, RenderOptions
from derender.render.workers import WorkerSpec, own_interpreter

from ._versions import program_version


class HtmlRenderer:
    """Chromium's headless shell where there is one, else Chromium."""

    language = Language.HTML
    traces = ("texts",)

    def worker(self, program: Program, options: RenderOptions, isolation: Isolation) -> WorkerSpec:
        """The browser's worker; it contains the browser, not itself."""
        return browser_worker(isolation)

    def job(self, program: Program, options: RenderOptions) -> Job:
        """The page as it is."""
        return Job("html", program.source, program.assets, options.drawing(), options.limits)

    def fingerprint(self, program: Program, options: RenderOptions) -> dict[str, str]:
        """The browser's version, the fonts and what of the machine counts."""
        browser = find_browser()
        return {
            "renderer": "html",
            "browser": program_version(browser) if browser else "absent",
            "fonts": fonts_fingerprint(),
            **machine_facts(),
        }

    def missing(self) -> tuple[str, ...]:
        """Chromium, bubblewrap and fonts, when absent."""
        return missing(("chromium", "bubblewrap", "fonts"))

    def promised(self, module: str) -> bool:
        """Pages import nothing of ours."""
        return False


def browser_worker(isolation: Isolation, plotly_js: Path | None = None) -> WorkerSpec:
    """The worker that holds the browser; ``plotly_js`` is the script of another environment's Plotly."""
    obstacle = bubblewrap_obstacle()
    config = {
        "isolation": isolation.value,
        "browser": find_browser(),
        "bwrap": bubblewrap(),
        "plotly_js": str(plotly_js) if plotly_js else _plotly_script(),
        "refusal": obstacle.refusal("that pages see none of your files and stay off the network") if obstacle else None,
    }
    return WorkerSpec("browser", own_interpreter(), config, contained=False)


def find_browser() -> str | None:
    """Path of the first browser we can drive, or None."""
    for program in NEEDS["chromium"].programs:
        found = shutil.which(program)
        if found:
            return found
    return None


@cache
def _plotly_script() -> str | None:
    script = Path(sysconfig.get_paths()["purelib"], "plotly", "package_data", "plotly.min.js")
    return str(script) if script.exists() else None


RENDERER = HtmlRenderer()
