"""The colours of a program that ChartMimic's evaluator can't read to the end.

A colour it can't read raises in the middle of the evaluator's run, so that what follows it in the program is never
drawn. The answer is that of `chartmimic`, of a run in which this happens.
"""

from .chartmimic import Tracer as Lenient


class Tracer(Lenient):
    """Lets the program end where a colour can't be read."""

    flavours = ("original",)
    raising = True
