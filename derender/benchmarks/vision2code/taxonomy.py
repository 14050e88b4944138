"""Why programs give no picture, as Vision2Code's error analysis sorts it, and what derender says of the same.

The paper's classes are told from the text that its runner leaves: ``timeout``, ``no_output_image``, or a traceback.
Quirks are kept: "timeout" anywhere wins, any ValueError is of shapes, an IndentationError is "other".
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from derender.core import Failure, FailureKind


class FailureClass(StrEnum):
    """The paper's classes, by the names its tables have."""

    HALLUCINATED_API_ARGUMENT = "hallucinated_api_argument"
    """A name or argument that there is not."""
    SHAPE_3D_GEOMETRY = "shape_3d_geometry"
    """Values that don't fit: shapes, keys, indices."""
    OTHER_RUNTIME = "other_runtime"
    """Whatever else, a program that saved nothing among it."""
    SYNTAX_TRUNCATION = "syntax_truncation"
    """No program, or half of one."""
    MISSING_DEPENDENCY_FILE = "missing_dependency_file"
    """A module or file that there is not."""
    TIMEOUT = "timeout"
    """Not done in time; plots show it among the others."""

    @property
    def label(self) -> str:
        """As tables and plots show it."""
        return _LABELS[self]

    @property
    def plotted(self) -> "FailureClass":
        """Under which class the plots count it."""
        return FailureClass.OTHER_RUNTIME if self is FailureClass.TIMEOUT else self


_LABELS = {
    FailureClass.HALLUCINATED_API_ARGUMENT: "Hallucinated API/argument",
    FailureClass.SHAPE_3D_GEOMETRY: "Shape/3D/geometry",
    FailureClass.OTHER_RUNTIME: "Other runtime",
    FailureClass.SYNTAX_TRUNCATION: "Syntax/truncation",
    FailureClass.MISSING_DEPENDENCY_FILE: "Missing dependency/file",
    FailureClass.TIMEOUT: "Timeout",
}
_ERROR = re.compile(r"([A-Za-z_]+Error):")
_OF_ERROR = {
    "SyntaxError": FailureClass.SYNTAX_TRUNCATION,
    **dict.fromkeys(("ModuleNotFoundError", "ImportError", "FileNotFoundError"), FailureClass.MISSING_DEPENDENCY_FILE),
    **dict.fromkeys(
        ("ValueError", "IndexError", "KeyError", "RuntimeError", "AxisError", "_UFuncNoLoopError"),
        FailureClass.SHAPE_3D_GEOMETRY,
    ),
    **dict.fromkeys(("AttributeError", "NameError"), FailureClass.HALLUCINATED_API_ARGUMENT),
}
_WRONG_CALLS = (
    "got multiple values",
    "required positional argument",
    "positional arguments but",
    "got both",
    "col must",
    "must be an instance",
    "add_line()",
    "pathpatch_2d_to_3d()",
)


def classify(status: str) -> FailureClass:
    """The paper's class of a failure, from the text its runner leaves of it."""
    lower = status.lower()
    if "timeout" in lower or "timed out" in lower:
        return FailureClass.TIMEOUT
    if "no_output_image" in lower or "no output" in lower:
        return FailureClass.OTHER_RUNTIME
    return _of_exception(status)


def _of_exception(text: str) -> FailureClass:
    """The class of the last exception that a text names."""
    errors = _ERROR.findall(text)
    error = errors[-1] if errors else ""
    if error == "TypeError" and any(words in text.lower() for words in _WRONG_CALLS):
        return FailureClass.HALLUCINATED_API_ARGUMENT
    return _OF_ERROR.get(error, FailureClass.OTHER_RUNTIME)


_KINDS = {
    FailureKind.NO_CODE: FailureClass.SYNTAX_TRUNCATION,
    FailureKind.SYNTAX: FailureClass.SYNTAX_TRUNCATION,
    FailureKind.MISSING_DEPENDENCY: FailureClass.MISSING_DEPENDENCY_FILE,
    FailureKind.CPU_BUDGET: FailureClass.TIMEOUT,
    FailureKind.DEADLINE: FailureClass.TIMEOUT,
}


def classify_failure(failure: Failure) -> FailureClass | None:
    """The paper's class that derender's own finding means; None where the failure is ours and the program's none.

    The kind decides where it says more than the text does: an IndentationError is a matter of syntax, and a program
    whose message speaks of a timeout has not run out of time.
    """
    if failure.ours:
        return None
    if failure.kind in _KINDS:
        return _KINDS[failure.kind]
    return _of_exception(failure.message) if failure.kind is FailureKind.RUNTIME else FailureClass.OTHER_RUNTIME


@dataclass(frozen=True, slots=True)
class FailureTable:
    """How often models fail, and of what.

    Attributes:
        counts: model → class → failures; a model's classes in the order of `FailureClass`, those of none too.
    """

    counts: Mapping[str, Mapping[FailureClass, int]]

    @property
    def plotted(self) -> Mapping[str, Mapping[FailureClass, int]]:
        """The same as the plots have it, where a timeout counts among the others."""
        found: dict[str, dict[FailureClass, int]] = {}
        for model, counts in self.counts.items():
            row = found.setdefault(model, {kind: 0 for kind in FailureClass if kind.plotted is kind})
            for kind, count in counts.items():
                row[kind.plotted] += count
        return found

    def total(self, kind: FailureClass) -> int:
        """Failures of a class, of all models."""
        return sum(counts[kind] for counts in self.counts.values())


def count_failures(classes: Iterable[tuple[str, FailureClass]]) -> FailureTable:
    """The table of failures, each a model and a class."""
    counts: dict[str, dict[FailureClass, int]] = {}
    for model, kind in classes:
        counts.setdefault(model, dict.fromkeys(FailureClass, 0))[kind] += 1
    return FailureTable(counts)
