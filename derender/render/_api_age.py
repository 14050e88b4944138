"""A word of advice for programs that fail because a library has changed since they were written.

Advice is no part of what is remembered of a failure: it is found anew each time, from two renderings that are each
remembered under a key of their own. So it is there as soon as the older environment is built, and costs little after.
"""

import re
from dataclasses import replace

from derender.core import Failure, FailureKind, Language, Program

from .environments import DEFAULT, find
from .options import RenderOptions

OLDER = "py2024"
"""The environment in which programs of an older age are tried."""

_BUILT_IN = "NoneType|bool|bytes|complex|dict|float|function|generator|int|list|method|range|set|str|tuple"
_PACKAGES = "altair|matplotlib|matplotlib_venn|mpl_toolkits|networkx|numpy|pandas|PIL|plotly|scipy|seaborn|sklearn"
_SMELLS = re.compile(
    rf"AttributeError: (?!'(?:{_BUILT_IN})' object )"
    r"|ImportError: cannot import name "
    rf"|No module named '(?:{_PACKAGES}|squarify|statsmodels)\."
    r"|TypeError: .*(?:unexpected keyword argument|positional argument|multiple values for argument)"
    r"|TypeError: (?:only 0-dimensional arrays|Invalid value )"
    r"|ValueError: (?:Invalid frequency|Both input arrays must be|Unable to avoid copy)"
    r"|ValueError: .*(?:no longer supported|has been removed|was removed|is not a valid )"
    r"|OverflowError: Python integer "
    r"|KeyError: .*is not a valid rc"
    # A position where pandas has come to want a label.
    r"|KeyError: -?\d+$"
)


def older_environment(program: Program, options: RenderOptions, failure: Failure) -> str | None:
    """The environment a failed program may run in; None where its failure smells of nothing old, or none is built."""
    if program.language is not Language.PYTHON or (options.environment or program.environment or DEFAULT) != DEFAULT:
        return None
    if failure.kind not in {FailureKind.RUNTIME, FailureKind.MISSING_DEPENDENCY} or not _SMELLS.match(failure.message):
        return None
    return OLDER if find(OLDER).environment() else None


def advised(failure: Failure, environment: str) -> Failure:
    """The failure with the environment that the program runs in."""
    return replace(
        failure, message=f"{failure.message} (runs in the environment {environment}: --environment {environment})"
    )
