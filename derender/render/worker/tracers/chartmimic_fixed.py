"""What `chartmimic` tells, without the defects of the evaluator it follows.

Of all figures that are open at the end, or else of all that were saved: their strings without tick labels, in whatever
format they were saved; the places of their axes; and calls and colours, whatever calls raised and whatever colours
can't be read.
"""

from typing import Any

from .chartmimic import Thing, open_figures, places
from .chartmimic import Tracer as Official


class Tracer(Official):
    """Looks at all figures when the program has ended."""

    flavours = ("fixed",)

    def seen(self) -> dict[str, Any]:
        """What was noted, of figures rather than of saves."""
        figures = open_figures() or list(self.strings.figures.values())
        self.strings.written.clear()
        for figure in figures:
            _empty_ticks(figure)
            self.strings.draw(figure)
        return {**super().seen(), "axes": places([*figures])}


def _empty_ticks(figure: Thing) -> None:
    for axes in figure.axes:
        for axis in axes._axis_map.values():
            axis.set_ticks([])
            axis.set_ticks([], minor=True)
