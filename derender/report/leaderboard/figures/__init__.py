"""The leaderboard's figures, each drawn for a width."""

from .bars import failures, rendered
from .canvas import Figure
from .intervals import intervals
from .maps import DATASETS, DOMAINS, datasets, differences, ranks
from .radar import radars

__all__ = [
    "DATASETS",
    "DOMAINS",
    "Figure",
    "datasets",
    "differences",
    "failures",
    "intervals",
    "radars",
    "ranks",
    "rendered",
]
