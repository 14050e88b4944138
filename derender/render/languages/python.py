"""Python programs: charts and whatever else Matplotlib, Pillow, Plotly or Altair draw."""

import re
from pathlib import Path

from derender.core import Language, Program
from derender.render.environments import Environment
from derender.render.fonts import fonts_fingerprint
from derender.render.jobs import Job
from derender.render.needs import missing
from derender.render.options import Isolation, RenderOptions
from derender.render.workers import WorkerSpec

VERSION = "2"
"""Raised when this renderer or its worker starts to draw the same program differently."""

SMALL = ("numpy", "matplotlib.pyplot", "mpl_toolkits.mplot3d", "matplotlib.gridspec", "PIL.Image")
LARGE = (
    *SMALL,
    "pandas",
    "scipy.stats",
    "scipy.interpolate",
    "seaborn",
    "networkx",
    "sklearn.linear_model",
    "sklearn.metrics",
    "sklearn.datasets",
    "sklearn.cluster",
    "sklearn.decomposition",
    "statsmodels.api",
    "squarify",
    "matplotlib_venn",
)
_BEYOND_SMALL = re.compile(
    # Possessive, so that no text is looked at more than twice: this runs in the caller's process.
    r"^[ \t]*+(?:import|from)[ \t]++(?:[\w., \t]*\b)?"
    r"(pandas|scipy|seaborn|networkx|sklearn|statsmodels|squarify|matplotlib_venn|plotly|altair)\b",
    re.MULTILINE,
)


class PythonRenderer:
    """Runs Python in a child forked from a parent that has the plotting libraries imported already.

    A small parent serves programs that need Matplotlib alone, a large one those that import more.
    """

    language = Language.PYTHON

    def __init__(self) -> None:
        self._environment = Environment.default()

    def worker(self, program: Program, options: RenderOptions, isolation: Isolation) -> WorkerSpec:
        """The small or the large parent, by the program's imports."""
        environment = self._environment
        preload = LARGE if _BEYOND_SMALL.search(program.source) else SMALL
        config = {"preload": list(preload), "isolation": isolation.value}
        return WorkerSpec("python", environment.python, config, _readable(environment))

    def job(self, program: Program, options: RenderOptions) -> Job:
        """The program as it is: nothing in its text is rewritten."""
        return Job("python", program.source, program.assets, options.drawing(), options.limits)

    def fingerprint(self, program: Program, options: RenderOptions) -> dict[str, str]:
        """Environment, fonts and the worker's version."""
        return {
            "renderer": f"python/{VERSION}",
            "environment": self._environment.fingerprint(),
            "fonts": fonts_fingerprint(),
        }

    def missing(self) -> tuple[str, ...]:
        """The plotting packages, when absent."""
        return missing(("python-packages", "bubblewrap", "fonts"))

    def promised(self, module: str) -> bool:
        """Whether the environment's list names the module."""
        return module.split(".")[0] in self._environment.promises


def _readable(environment: Environment) -> tuple[Path, ...]:
    return environment.prefixes


RENDERER = PythonRenderer()
