"""Judges: rubrics as data, the formula and caps behind a rating, and the models that give the scores."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .formula import AppliedCap, BadScores, Outcome, Rating, rate
    from .inspection import Inspection, inspect, inspect_pixels, is_emptier
    from .ratings import Mode, Unrated, rate_line
    from .rubric import Aggregate, Rubric, Shown, get_rubric, rubric_families, rubric_names, rubric_of

_HOMES = {
    "formula": ("AppliedCap", "BadScores", "Outcome", "Rating", "rate"),
    "inspection": ("Inspection", "inspect", "inspect_pixels", "is_emptier"),
    "ratings": ("Mode", "Unrated", "rate_line"),
    "rubric": ("Aggregate", "Rubric", "Shown", "get_rubric", "rubric_families", "rubric_names", "rubric_of"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Aggregate",
    "AppliedCap",
    "BadScores",
    "Inspection",
    "Mode",
    "Outcome",
    "Rating",
    "Rubric",
    "Shown",
    "Unrated",
    "get_rubric",
    "inspect",
    "inspect_pixels",
    "is_emptier",
    "rate",
    "rate_line",
    "rubric_families",
    "rubric_names",
    "rubric_of",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the name stands for
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module 'derender.judges' has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{home}"), name)
