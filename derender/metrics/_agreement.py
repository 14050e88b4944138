"""Precision, recall and F1, as every metric that matches things gives them."""

from ._facts import Unscorable
from ._metric import Part, Values

PARTS = (Part("f1"), Part("precision"), Part("recall"))


def share(part: int, whole: int) -> float | None:
    """How much of a whole; None of nothing."""
    return part / whole if whole else None


def agreement(precision: float | None, recall: float | None, thing: str) -> Values:
    """The values of `PARTS` from the share of the candidate's things and that of the reference's that were matched.

    A side without such things has no share: that part is None and, the other side having some, F1 is 0.

    Raises:
        Unscorable: neither side has ``thing``.
    """
    if precision is None and recall is None:
        raise Unscorable(f"neither picture has {thing}")
    matched = 2 * precision * recall / (precision + recall) if precision and recall else 0.0
    return {"f1": matched, "precision": precision, "recall": recall}
