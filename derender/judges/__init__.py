"""Judges: rubrics as data, the formula and caps behind a rating, and the models that give the scores."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .agreement import Flips, Level, cost_per_thousand, flips, krippendorff_alpha, majority, mean_rating
    from .endpoint import load_judge_model
    from .formula import AppliedCap, BadScores, Outcome, Rating, rate
    from .inspection import Inspection, inspect, inspect_pixels, is_emptier
    from .judge import Case, Judge, Verdict
    from .ratings import Mode, Unrated, rate_line
    from .reply import BadReply, Marks, read_reply
    from .rubric import Aggregate, Rubric, Shown, get_rubric, rubric_families, rubric_names, rubric_of
    from .saved import rating_file

_HOMES = {
    "agreement": ("Flips", "Level", "cost_per_thousand", "flips", "krippendorff_alpha", "majority", "mean_rating"),
    "endpoint": ("load_judge_model",),
    "formula": ("AppliedCap", "BadScores", "Outcome", "Rating", "rate"),
    "inspection": ("Inspection", "inspect", "inspect_pixels", "is_emptier"),
    "judge": ("Case", "Judge", "Verdict"),
    "ratings": ("Mode", "Unrated", "rate_line"),
    "reply": ("BadReply", "Marks", "read_reply"),
    "rubric": ("Aggregate", "Rubric", "Shown", "get_rubric", "rubric_families", "rubric_names", "rubric_of"),
    "saved": ("rating_file",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Aggregate",
    "AppliedCap",
    "BadReply",
    "BadScores",
    "Case",
    "Flips",
    "Inspection",
    "Judge",
    "Level",
    "Marks",
    "Mode",
    "Outcome",
    "Rating",
    "Rubric",
    "Shown",
    "Unrated",
    "Verdict",
    "cost_per_thousand",
    "flips",
    "get_rubric",
    "inspect",
    "inspect_pixels",
    "is_emptier",
    "krippendorff_alpha",
    "load_judge_model",
    "majority",
    "mean_rating",
    "rate",
    "rate_line",
    "rating_file",
    "read_reply",
    "rubric_families",
    "rubric_names",
    "rubric_of",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the name stands for
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module 'derender.judges' has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{home}"), name)
