"""A verdict as Vision2Code saves it, ``rating__<rater>.json``: what its own tools and `rate_line` read."""

from pathlib import Path
from typing import Any

from .formula import AppliedCap
from .judge import Verdict
from .reply import Marks
from .rubric import get_rubric

_REASONS = {
    "execution_failure": "the program drew nothing",
    "candidate_missing_or_unreadable": "the candidate's picture is missing or can't be read",
    "blank_or_degenerate": "the candidate's picture is blank or degenerate",
    "critical_category_floor": "a critical category is very weak",
    "multiple_critical_weaknesses": "both critical categories are weak",
    "top_score_guardrail": "a top rating needs both critical categories near the top",
}


def rating_file(
    verdict: Verdict,
    *,
    execution_status: str = "ok",
    reference: str | Path | None = None,
    candidate: str | Path | None = None,
) -> dict[str, Any]:
    """The fields of the file; of an unscored verdict only ``status`` and ``error``, by which it is left out of means.

    Args:
        verdict: of a rubric of Vision2Code's.
        execution_status: ``ok``, or why there is no candidate.
        reference: the path to name, if any.
        candidate: likewise.
    """
    rating = verdict.rating
    if rating is None:
        return {"status": "rating_failed", "error": verdict.unscored}
    rubric, marks = get_rubric(verdict.rubric), verdict.marks or Marks({})
    failed = execution_status != "ok"
    categories = {
        each.id: {
            "label": each.label,
            "description": each.description,
            "weight": each.weight,
            "score_0_to_5": rating.scores[each.id],
            "weighted_score_0_to_5": round(each.weight * rating.scores[each.id], 4),
            "rationale": marks.rationales.get(each.id, ""),
            "is_critical": each.critical,
        }
        for each in rubric.categories
    }
    return {
        "rubric_version": rubric.version,
        "rubric_dataset": rubric.name.partition("/")[2],
        "status": "render_failed" if failed else "ok",
        "execution_status": execution_status,
        "execution_detail": execution_status if failed else "",
        "execution_error_present": failed,
        "reference_image_path": str(reference) if reference else None,
        "candidate_image_path": str(candidate) if candidate else None,
        "candidate_inspection": verdict.inspection.record() if verdict.inspection else None,
        "category_scores": categories,
        "raw_score_0_to_5": round(rating.raw, 4),
        "raw_visual_score_0_to_5": round(rating.raw, 4),
        "provisional_rating_0_to_5": rating.provisional,
        "applied_caps": [_cap(each) for each in rating.caps],
        "final_rating_0_to_5": rating.final,
        "strengths": list(marks.strengths),
        "issues": list(marks.issues),
        "overall_summary": marks.summary,
    }


def _cap(cap: AppliedCap) -> dict[str, Any]:
    reason = _REASONS.get(cap.type, cap.type.replace("_", " "))
    return {"type": cap.type, "cap_to": cap.cap_to, "reason": reason, "changed_final_rating": cap.changed}
