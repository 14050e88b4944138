"""Drawing a model's program as Vision2Code does, or so that nothing of it is lost.

The official way gives the program a variable ``OUTPUT_PATH`` and takes hold of ``savefig``: every figure is brought to
the reference's size at 100 dpi, whatever the program wanted, and every save lands in the same file, the last one
counting. It is a text put before the program's own; the engine runs the two as one, so that a program finds ``plt``,
``matplotlib`` and ``Figure`` imported, and may import nothing from ``__future__``. In the other way, ``fixed``, the
program has ``OUTPUT_PATH`` too and else is drawn as it stands: its own size, and what it merely shows counts as well.

What the official way can't tell and the engine can: a file at ``OUTPUT_PATH`` that is no picture is a success there,
which breaks its run later, and is no picture here.
"""

import re
from dataclasses import dataclass, replace

from derender.core import Failure, FailureKind, Language, Picture, Program, Rendering
from derender.judges import Mode
from derender.render import Limits, RenderOptions

from .taxonomy import FailureClass, classify, classify_failure

ENVIRONMENT = "vision2code"
TIMEOUT_S = 30.0
DPI = 100
UNKNOWN_SIZE = (512, 512)
"""The size asked for where the reference's is not known."""
OPTIONS = RenderOptions(environment=ENVIRONMENT, limits=Limits.of_timeout(TIMEOUT_S))

OK = "ok"
TIMEOUT = "timeout"
NO_OUTPUT = "no_output_image"
FAILED = "execution_failed"

_OUTPUT = "rendered_image.png"
_LONGEST_STATUS = 4000
_FIRST_LINE = 40
"""Where the program's own text begins, as in the tracebacks that were published."""
_OFFICIAL = f"""\
import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.figure import Figure
OUTPUT_PATH = __import__("os").path.abspath("{_OUTPUT}")
def _force(save, bound):
    def forced(*given, **options):
        figure = given[0] if bound else plt.gcf()
        figure.set_size_inches(WIDTH / {DPI}, HEIGHT / {DPI}, forward=True)
        for name in ("fname", "filename", "filename_or_obj"):
            options.pop(name, None)
        options.update(dpi={DPI}, bbox_inches=None, pad_inches=0)
        return save(*given[:bound], OUTPUT_PATH, *given[bound + 1 :], **options)
    return forced
plt.savefig, Figure.savefig = _force(plt.savefig, 0), _force(Figure.savefig, 1)
"""
_FIXED = f"OUTPUT_PATH = {_OUTPUT!r}\n"
_FUTURE = re.compile(r"^from[ \t]+__future__[ \t]+import[ \t]+(?:\([^)]*\)|[^\n(]*)[^\n]*$", re.MULTILINE)
_PLACE = re.compile(r'(File "[^"\n]*program\.py", line )(\d+)')
_TIMED_OUT = frozenset({FailureKind.DEADLINE, FailureKind.CPU_BUDGET})


@dataclass(frozen=True, slots=True)
class Drawn:
    """What came of a program.

    Attributes:
        mode: which way it was drawn.
        status: the official runner's text: ``ok``, ``timeout``, ``no_output_image``, ``execution_failed`` or the
            beginning of a traceback; None where the machine failed and the program has no status.
        picture: None without success.
        failure: derender's own finding; lines are counted in the program as the model wrote it.
    """

    mode: Mode
    status: str | None
    picture: Picture | None
    failure: Failure | None

    @property
    def render_success(self) -> bool:
        """Whether there is a picture to rate."""
        return self.status == OK

    @property
    def unscored(self) -> str | None:
        """Why there can be no rating by no fault of the program; None where there can."""
        return self.failure.message if self.status is None and self.failure else None

    @property
    def failure_class(self) -> FailureClass | None:
        """The paper's class of the failure: from the status by its rules, or, fixed, from what derender found."""
        if self.status in {OK, None}:
            return None
        if self.mode is Mode.FIXED and self.failure is not None:
            return classify_failure(self.failure)
        return classify(self.status or "")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A program made ready for the engine.

    Attributes:
        program: to be rendered with `OPTIONS`.
        mode: which way.
        after: how many lines of the model's own text come before those put in.
        lines: how many lines were put in.
    """

    program: Program
    mode: Mode
    after: int
    lines: int

    def read(self, rendering: Rendering) -> Drawn:
        """What the engine's rendering of the program means."""
        failure = None if rendering.failure is None else self._renumbered(rendering.failure)
        if failure is not None and failure.ours:
            return Drawn(self.mode, None, None, failure)
        picture = _picture(rendering, self.mode)
        # Published tracebacks count the lines put in too.
        status = _status(rendering.failure if self.mode is Mode.OFFICIAL else failure, picture)
        if status == NO_OUTPUT and failure is None:
            failure = Failure(FailureKind.NO_PICTURE, "the program saved nothing to OUTPUT_PATH")
        return Drawn(self.mode, status, picture if status == OK else None, failure)

    def _renumbered(self, failure: Failure) -> Failure:
        """The failure with lines as the model's text counts them."""
        line = None if failure.line is None else self._line(failure.line)
        detail = _PLACE.sub(lambda found: f"{found[1]}{self._line(int(found[2]))}", failure.detail)
        return replace(failure, line=line, detail=detail)

    def _line(self, line: int) -> int:
        return line if line <= self.after else max(line - self.lines, 1)


def prepare(program: Program, mode: Mode, size: tuple[int, int] = UNKNOWN_SIZE) -> Prepared:
    """A program as it is to be drawn.

    Args:
        program: what the model wrote, in Python.
        mode: official or fixed.
        size: width and height of the reference in pixels, which the official way forces. Of some sizes Matplotlib's own
            cutting off loses a pixel.

    Raises:
        ValueError: the program is not in Python.
    """
    if program.language is not Language.PYTHON:
        raise ValueError(f"Vision2Code draws Python, not {program.language}")
    if mode is Mode.OFFICIAL:
        width, height = size
        text = _OFFICIAL.replace("WIDTH", str(int(width))).replace("HEIGHT", str(int(height)))
        text += "\n" * (_FIRST_LINE - 1 - text.count("\n"))
        return Prepared(_with_source(program, text + program.source), mode, 0, _FIRST_LINE - 1)
    # Such imports must stay in front of everything.
    ends = [found.end() for found in _FUTURE.finditer(program.source)]
    cut = ends[-1] + 1 if ends else 0
    before, behind = program.source[:cut], program.source[cut:]
    before += "" if not before or before.endswith("\n") else "\n"
    return Prepared(_with_source(program, before + _FIXED + behind), mode, before.count("\n"), 1)


def _with_source(program: Program, source: str) -> Program:
    return Program(source, program.language, program.assets, program.entry, ENVIRONMENT)


def _picture(rendering: Rendering, mode: Mode) -> Picture | None:
    named = next((picture for picture in rendering.pictures if picture.name == _OUTPUT), None)
    return named if named is not None or mode is Mode.OFFICIAL else rendering.picture


def _status(failure: Failure | None, picture: Picture | None) -> str:
    if failure is None:
        return NO_OUTPUT if picture is None else OK
    if failure.kind in _TIMED_OUT:
        return TIMEOUT
    if failure.kind in {FailureKind.NO_PICTURE, FailureKind.NO_CODE}:
        return NO_OUTPUT
    return (failure.detail or FAILED)[:_LONGEST_STATUS]
