"""A sample's rating as the paper's runner saves it, made of the row that a run has of the sample."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from derender.judges import AppliedCap, Inspection, Marks, Mode, Rating, Verdict, rating_file, rubric_of

_FAILED = "render_failed"


def rating_of(row: Mapping[str, Any], reference: str, candidate: str) -> dict[str, Any]:
    """The fields of ``rating__<rater>.json``; of a sample without a rating only that it failed, and why.

    Args:
        row: a record of `scoring.Scored` whose program was tried.
        reference: the path to name.
        candidate: likewise.
    """
    verdict = _verdict(row)
    if verdict.rating is None:
        return rating_file(verdict)
    if row["render_success"]:
        return rating_file(verdict, reference=reference, candidate=candidate)
    failed = rating_file(verdict, execution_status=row["render_status"], reference=reference, candidate=candidate)
    # There, this cap is always said to have changed the rating, and what wasn't looked at was not inspected.
    caps = [{**cap, "changed_final_rating": True} for cap in failed["applied_caps"]]
    return failed | {"execution_status": _FAILED, "applied_caps": caps, "candidate_inspection": {}}


def rating_status(rating: Mapping[str, Any]) -> str:
    """What tables say of a rating: ``ok``, ``render_failed`` or ``error``."""
    return "error" if rating["status"] == "rating_failed" else str(rating["status"])


def _verdict(row: Mapping[str, Any]) -> Verdict:
    """What the judge said, as far as the row tells."""
    rubric = rubric_of("vision2code", row["dataset"])
    said: Mapping[str, Any] = row.get("verdict") or {}
    official = row["official"]
    seen = row["candidate_inspection"]
    verdict = Verdict(rubric.name, rubric.digest, "", str(said.get("judge") or ""), Mode.OFFICIAL, swapped=False)
    if official is None:
        return replace(verdict, unscored=row["why"])
    rating = Rating(
        row["category_scores"],
        official["raw_score_0_to_5"],
        official["provisional_rating_0_to_5"],
        official["final_rating_0_to_5"],
        tuple(AppliedCap(*cap) for cap in official["applied_caps"]),
    )
    inspection = Inspection.of_record(seen) if seen else None
    return replace(verdict, rating=rating, marks=_marks(row, said), inspection=inspection)


def _marks(row: Mapping[str, Any], said: Mapping[str, Any]) -> Marks:
    if not row["render_success"]:
        why = f"there was no picture to look at: {row['render_status']}"
        rationales = dict.fromkeys(row["category_scores"], why)
        return Marks(row["category_scores"], rationales, (), (why,), "The program gave no picture, which is rated 0.")
    return Marks(
        row["category_scores"],
        said.get("rationales", {}),
        tuple(said.get("strengths", ())),
        tuple(said.get("issues", ())),
        said.get("overall_summary", ""),
    )
