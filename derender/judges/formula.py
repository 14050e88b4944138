"""From category scores to a rating: the sum, then every cap that fires. Vision2Code, section on rating.

The official formula keeps what is odd about it: a candidate that is nearly all white is capped however white its
reference is, and a candidate nobody looked at counts as unreadable.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from derender.core import UserError

from .rubric import Aggregate, Rubric

_NUDGE = 1e-8


class BadScores(UserError):
    """Scores that the rubric can't take: one missing, out of range, or no number."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is known of a candidate without a judge.

    Attributes:
        execution_status: ``ok``, or why there is no picture.
        readable: whether its picture could be read.
        blank: whether the picture is blank or degenerate.
    """

    execution_status: str = "ok"
    readable: bool = True
    blank: bool = False

    @property
    def fired(self) -> tuple[str, ...]:
        """The guards that it sets off, in the order they are listed."""
        ran = self.execution_status == "ok"
        found = {
            "execution_failure": not ran,
            "candidate_missing_or_unreadable": ran and not self.readable,
            "blank_or_degenerate": self.blank,
        }
        return tuple(name for name, fires in found.items() if fires)


@dataclass(frozen=True, slots=True)
class AppliedCap:
    """A cap that fired; ``changed`` says whether it was lower than all before it."""

    type: str
    cap_to: float
    changed: bool


@dataclass(frozen=True, slots=True)
class Rating:
    """What the scores come to, on the rubric's scale; higher is better.

    Attributes:
        scores: category → score, rounded as the rubric wants it.
        raw: the aggregate before any cap, unrounded.
        provisional: the same, rounded.
        final: after caps, rounded.
        caps: those that fired.
        passed: whether the rubric's threshold is reached; None where it has none.
    """

    scores: Mapping[str, float]
    raw: float
    provisional: float
    final: float
    caps: tuple[AppliedCap, ...] = ()
    passed: bool | None = None


def rate(
    rubric: Rubric, scores: Mapping[str, object], outcome: Outcome | None = None, *, total: object = None
) -> Rating:
    """The rating of category scores.

    Args:
        rubric: whose formula counts.
        scores: a number, or text that is one, for every category; others are passed over.
        outcome: what is known of the candidate; None where all went well.
        total: the judge's own total, which only a holistic rubric takes.

    Raises:
        BadScores: a score, or the total that is needed, is missing, no number or out of range.
    """
    checked = {name: checked_score(rubric, name, scores) for name in rubric.ids}
    raw = _aggregate(rubric, checked, total)
    applied: list[AppliedCap] = []
    lowest = raw
    for type_, cap_to in _fired(rubric, checked, raw, outcome or Outcome()):
        applied.append(AppliedCap(type_, cap_to, cap_to < lowest))
        lowest = min(lowest, cap_to)
    final = _on_scale(rubric, lowest)
    passed = None if rubric.gate is None else final >= rubric.gate
    return Rating(checked, raw, _on_scale(rubric, raw), final, tuple(applied), passed)


def checked_score(rubric: Rubric, name: str, scores: Mapping[str, object]) -> float:
    """A category's score as the rubric takes it.

    Raises:
        BadScores: it is missing, no number or out of range; one sentence.
    """
    if name not in scores:
        raise BadScores(f"no score for {name}")
    value = _number(scores[name])
    if value is None:
        raise BadScores(f"the score for {name} is no number: {scores[name]!r:.80}")
    if not rubric.low <= value <= rubric.high:
        raise BadScores(f"the score for {name} must be from {rubric.low:g} to {rubric.high:g}, not {value:.12g}")
    if rubric.decimals == 0 and value != int(value):
        raise BadScores(f"the score for {name} must be a whole number, not {value:.12g}")
    return value if rubric.decimals is None else _rounded(value, rubric.decimals)


def _number(value: object) -> float | None:
    """A finite number; true and false are none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _aggregate(rubric: Rubric, scores: Mapping[str, float], total: object) -> float:
    if rubric.aggregate is Aggregate.WEIGHTED:
        return _weighted(rubric, scores)
    if rubric.aggregate is Aggregate.MEAN:
        return math.fsum(scores.values()) / len(scores)
    if rubric.aggregate is Aggregate.ALL_AT_LEAST:
        return float(all(score >= (rubric.every_at_least or 0.0) for score in scores.values()))
    if total is None:
        raise BadScores(f"no {rubric.total_key}, which is the judge's own to give")
    return checked_score(rubric, str(rubric.total_key), {str(rubric.total_key): total})


def _weighted(rubric: Rubric, scores: Mapping[str, float]) -> float:
    # Newer Pythons' sum() compensates for rounding, and caps compare this to the bit.
    total = 0.0
    for each in rubric.categories:
        total += each.weight * scores[each.id]
    return total


def _fired(rubric: Rubric, scores: Mapping[str, float], raw: float, outcome: Outcome) -> list[tuple[str, float]]:
    guards = [(name, rubric.guards[name]) for name in outcome.fired if name in rubric.guards]
    return guards + [(cap.type, cap.cap_to) for cap in rubric.caps if cap.fires(scores, raw)]


def _on_scale(rubric: Rubric, value: float) -> float:
    if rubric.decimals != 1:
        return value
    return _rounded(min(max(value, rubric.low), rubric.high), 1)


def _rounded(value: float, decimals: int) -> float:
    # The nudge makes Python's rounding go up at halves, as far as a float can hold a half.
    return round(value + _NUDGE, decimals)
