"""Python programs: charts and whatever else Matplotlib, Pillow, Plotly or Altair draw."""

import re
from pathlib import Path

from derender.core import Failure, FailureKind, Language, Program
from derender.render.environments import DEFAULT, Environment, find
from derender.render.fonts import fonts_fingerprint
from derender.render.jobs import Job
from derender.render.machine import build, machine_facts
from derender.render.needs import missing
from derender.render.options import Isolation, RenderOptions
from derender.render.worker import tracers
from derender.render.workers import WorkerSpec

from ._versions import distribution
from .html import RENDERER as HTML

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
_DEFERRED = re.compile(r"\b(?:plotly|altair)\b")
"""What is drawn by the browser's worker, so that its version counts."""


class PythonRenderer:
    """Runs Python in a child forked from a parent that has the plotting libraries imported already.

    A small parent serves programs that need Matplotlib alone, a large one those that import more.
    """

    language = Language.PYTHON
    traces = tracers.names()

    def __init__(self, environment: Environment | None = None) -> None:
        self._environment = environment or Environment.default()

    def within(self, environment: str) -> "PythonRenderer | Failure":
        """The same for another environment; a failure of ours where that is not built.

        Raises:
            UnknownName: there is no such environment.
        """
        if environment == self._environment.name:
            return self
        shelved = find(environment)
        found = shelved.environment()
        if found is None:
            message = f"the environment {environment} is not built here: run `{shelved.install}`"
            return Failure(FailureKind.RENDERER_ABSENT, message)
        return PythonRenderer(found)

    @property
    def plotly_script(self) -> Path | None:
        """What draws the figures of this environment's Plotly; None where the browser's own worker knows."""
        return None if self._environment.name == DEFAULT else self._environment.plotly_script

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
        """Environment, fonts and what of the machine counts."""
        facts = {
            "renderer": "python",
            "environment": self._environment.fingerprint(),
            "build": build(self._environment.prefixes),
            "fonts": fonts_fingerprint(),
            **machine_facts(),
        }
        if _DEFERRED.search(program.source):
            browser = HTML.fingerprint(program, options)
            facts |= {"figures": f"{browser['renderer']} {browser['browser']} {distribution('vl-convert-python')}"}
        return facts

    def missing(self) -> tuple[str, ...]:
        """The plotting packages, when absent from the default environment; what contains and letters programs."""
        packages = ("python-packages",) if self._environment.name == DEFAULT else ()
        return missing((*packages, "bubblewrap", "fonts"))

    def promised(self, module: str) -> bool:
        """Whether the environment's list names the module and it is absent; a program may say so of one that is not.

        A part that a package doesn't have is nobody's promise.
        """
        return module in self._environment.missing_promises()


def _readable(environment: Environment) -> tuple[Path, ...]:
    return environment.prefixes


RENDERER = PythonRenderer()
