"""What ChartMimic's evaluator learns in four runs of a chart's program, and its port to VLMEvalKit, from one.

The answer::

    {"strings": [...], "saves": 1, "last": "chart.pdf",
     "axes": [[rows, columns, top, bottom, left, right] or null, ...],
     "types": {flavour: {function: calls}}, "colors": {flavour: [[function, colour], ...] or null}}

Strings are those drawn into PDFs; axes are the current figure's at the end, null for those outside of any grid. The
colours are null where the evaluator's own run would have ended for one it can't read, see `chartmimic_strict`.

No picture is taken of what is saved as a PDF or left open.
"""

import contextlib
from typing import Any, TypeAlias

from ..capture import replace, when_imported
from ..chart_calls import CallLog, Watch
from ..chart_strings import Strings

Thing: TypeAlias = Any
MAX_AXES = 10_000


class Tracer:
    """Notes calls and strings; looks at axes and colours when the program has ended."""

    flavours: tuple[str, ...] = ("original", "vlmevalkit")
    raising = False

    def __init__(self) -> None:
        self.logs = [CallLog(flavour, raising=self.raising) for flavour in self.flavours]
        self.strings = Strings()

    def install(self) -> None:
        """Hook plotting and saving."""
        when_imported("matplotlib.pyplot", self.strings.install)
        Watch(self.logs).install()

    def finish(self) -> dict[str, Any]:
        """What was noted, and how things stand at the end."""
        seen = self.seen()
        # What stands in its way is the program's own doing and no reason to forget what was seen.
        with contextlib.suppress(Exception):
            _leave_a_dot()
        return seen

    def seen(self) -> dict[str, Any]:
        """What was noted."""
        return {
            "strings": self.strings.written,
            "saves": self.strings.saves,
            "last": str(self.strings.last)[:200],
            "axes": places([current_figure()]),
            "types": {log.flavour: log.counts() for log in self.logs},
            "colors": {log.flavour: log.colors() for log in self.logs},
        }


def current_figure() -> Thing | None:
    """Pyplot's current figure, without making one where there is none."""
    from matplotlib._pylab_helpers import Gcf

    manager = Gcf.get_active()
    return manager.canvas.figure if manager else None


def open_figures() -> list[Thing]:
    """The figures that pyplot knows, in order of their numbers."""
    from matplotlib._pylab_helpers import Gcf

    return [Gcf.figs[number].canvas.figure for number in sorted(Gcf.figs)]


def places(figures: list[Thing | None]) -> list[list[int] | None]:
    """The place of each axes in its grid: rows, columns, first and last row, first and last column.

    None at all where one can't be told, as the evaluator has it.
    """
    try:
        return [_place(axes) for figure in figures if figure is not None for axes in figure.axes[:MAX_AXES]]
    except Exception:  # noqa: BLE001 - axes may be of the program's own making
        return []


def _place(axes: Thing) -> list[int] | None:
    spot = axes.get_subplotspec()
    if spot is None:
        return None
    rows, columns = spot.get_gridspec().get_geometry()
    down, across = spot.rowspan, spot.colspan
    return [int(n) for n in (rows, columns, down.start, down.stop - 1, across.start, across.stop - 1)]


def _leave_a_dot() -> None:
    """Leave one tiny figure in the place of those open, which would be drawn for pictures nobody looks at."""
    from matplotlib import pyplot
    from matplotlib._pylab_helpers import Gcf

    replace(Gcf, figs=type(Gcf.figs)())
    pyplot.figure(figsize=(0.1, 0.1), dpi=100)
