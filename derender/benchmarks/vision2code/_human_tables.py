"""The human study: agreement of ratings with people, and what single ratings must be to hang together."""

import math
from collections.abc import Mapping

from derender.benchmarks.statistics import (
    Correlation,
    Estimate,
    Resampling,
    correlation,
    correlation_difference,
)
from derender.judges import get_rubric

from .cosine import KINDS, on_five
from .identifiers import Folder, find_sample, is_checkable, question_folder
from .published import Published, Row
from .reproduction import LAST_DIGIT, Cell, Cells, Check, Kind, known, row_count, tenth

FOLDER = "results/paper_outputs/human_validation"
JOINED = f"{FOLDER}/human_alignment_joined.csv"
RATINGS = f"{FOLDER}/human_ratings.csv"
CORRELATIONS = f"{FOLDER}/human_alignment_correlations.csv"
DELTAS = f"{FOLDER}/human_alignment_bootstrap_deltas.csv"

_HUMAN = "human_rating_0_to_5"
_METRICS = (
    "ours_final",
    "generic_final",
    *(f"cosine_{kind}_0_to_5{rows}" for kind in KINDS for rows in ("", "_all_rows")),
)
_STEPS = {"ours": 200, "generic": 40}
"""Of one point: weights in twentieths, or in quarters, of ratings with one decimal."""
_ONCE = Resampling(resamples=1)
_NORMAL_END = 0.0584
"""The normal density where 2.5 % lie outside."""
_SHARE_OUTSIDE = 0.025


def _correlations(published: Published) -> Cells:
    joined = published.table(JOINED)
    given = {(row["question_folder"], row["model_slug"]): row for row in published.table(RATINGS)}
    yield row_count(RATINGS, published.table(RATINGS), len(given))
    groups = 1 + len({row["model_slug"] for row in joined}) + len({row["completion_mode"] for row in joined})
    yield row_count(CORRELATIONS, published.table(CORRELATIONS), groups * len(_METRICS))
    for row in joined:
        rating = given[row["question_folder"], row["model_slug"]]
        yield _own(row, _HUMAN, rating.number("rating_0_to_5"))
        yield Cell(JOINED, row["task_id"], "completion_mode", rating["completion_mode"], row["completion_mode"])
    for row in published.table(CORRELATIONS):
        rows = [each for each in joined if row["group"] == "pooled" or each[row["group"]] == row["group_value"]]
        pairs = [(each.number(_HUMAN), each.number(row["metric"])) for each in rows]
        scored = [pair for pair in pairs if not math.isnan(pair[1])]
        people, metric = [pair[0] for pair in scored], [pair[1] for pair in scored]
        values: Mapping[str, float | None] = {
            "n": float(len(scored)),
            "num_missing_metric": float(len(pairs) - len(scored)),
            "pearson": correlation(people, metric, Correlation.PEARSON, _ONCE).value,
            "spearman": correlation(people, metric, Correlation.SPEARMAN, _ONCE).value,
            "mean_human": math.fsum(people) / len(people) if people else None,
            "mean_metric": math.fsum(metric) / len(metric) if metric else None,
        }
        for column, ours in values.items():
            where = f"{row['group_value']} {row['metric']}"
            yield Cell(CORRELATIONS, where, column, ours, known(row.number(column)))


def _deltas(published: Published) -> Cells:
    joined = published.table(JOINED)
    # Each metric but the first against it, by Pearson's and by Spearman's.
    yield row_count(DELTAS, published.table(DELTAS), 2 * (len(_METRICS) - 1))
    for row in published.table(DELTAS):
        columns = (_HUMAN, row["baseline_metric"], row["comparison_metric"])
        people, ours, other = ([each.number(column) for each in joined] for column in columns)
        found = correlation_difference(people, ours, other, Correlation(row["correlation"]))
        values = {
            "n": (float(found.n), 0.0),
            "delta": (found.value, LAST_DIGIT),
            "ci_low": (found.low, _chance_of_end(found)),
            "ci_high": (found.high, _chance_of_end(found)),
            "bootstrap_mean_delta": (found.mean, _chance_of_mean(found)),
            "prob_delta_gt_0": (found.positive, _chance_of_share(found)),
        }
        for column, (mine, tolerance) in values.items():
            where = f"{row['comparison_metric']} {row['correlation']}"
            yield Cell(DELTAS, where, column, mine, row.number(column), tolerance)


def _chance_of_end(found: Estimate) -> float:
    """Three standard errors of the difference of two bootstraps' ends, which differ by their random numbers alone."""
    share = math.sqrt(_SHARE_OUTSIDE * (1 - _SHARE_OUTSIDE))
    return _of_two((found.std or 0.0) * share / _NORMAL_END)


def _chance_of_mean(found: Estimate) -> float:
    return _of_two(found.std or 0.0)


def _chance_of_share(found: Estimate) -> float:
    share = found.positive or 0.0
    # Of a share that is 0 or 1 in one of the two, the other may still have a few.
    return max(_of_two(math.sqrt(share * (1 - share))), 5e-4)


def _of_two(deviation: float) -> float:
    return 3 * math.sqrt(2) * deviation / math.sqrt(Resampling().resamples)


def _scaling(published: Published) -> Cells:
    for row in published.table(JOINED):
        yield _own(row, "generic_final", _generic_final(row))
        yield _own(row, "generic_raw", _on_step(row, "generic"))
        status = "scored" if _drawn(row, "generic_render_success") else "missing_render"
        yield Cell(JOINED, row["task_id"], "cosine_status", status, row["cosine_status"])
        for kind in KINDS:
            scaled = on_five(known(row.number(f"cosine_{kind}_raw")))
            yield _own(row, f"cosine_{kind}_0_to_5", scaled)
            everywhere = 0.0 if row["cosine_status"] == "missing_render" else scaled
            yield _own(row, f"cosine_{kind}_0_to_5_all_rows", everywhere)


def _generic_final(row: Row) -> float | None:
    raw = known(row.number("generic_raw"))
    return None if raw is None else tenth(raw)


def _on_step(row: Row, rubric: str) -> float | None:
    """The nearest that a rubric's weighted sum can be, and 0 without a picture."""
    raw = known(row.number(f"{rubric}_raw"))
    if raw is None or _drawn(row, f"{rubric}_render_success"):
        return None if raw is None else round(raw * _STEPS[rubric]) / _STEPS[rubric]
    return 0.0


def _drawn(row: Row, column: str) -> bool:
    return {"True": True, "False": False}[row[column]]


def _caps(published: Published) -> Cells:
    for row in published.table(JOINED):
        raw, final = row.number("ours_raw"), row.number("ours_final")
        yield _own(row, "ours_raw", _on_step(row, "ours"))
        allowed = {tenth(raw), *(cap for cap in _caps_of(row["question_folder"]) if cap < raw)}
        # Which cap fired, category scores would tell, which are not public.
        yield _own(row, "ours_final", min(allowed, key=lambda value: abs(value - final)))


def _caps_of(folder: str) -> set[float]:
    """Every value that the dataset's rubric caps ratings of readable pictures at."""
    rubric = get_rubric(f"vision2code/{Folder.parse(folder).dataset}")
    return {cap.cap_to for cap in rubric.caps} | {rubric.guards["blank_or_degenerate"]}


def _identifiers(published: Published) -> Cells:
    for row in published.table(RATINGS):
        name = row["question_folder"]
        folder = Folder.parse(name)
        if is_checkable(folder.dataset):
            sample = find_sample(folder)
            ours = None if sample is None else question_folder(folder.dataset, folder.split, folder.line, sample)
            yield Cell(RATINGS, f"{row['task_id']} {sample}", "question_folder", ours, name)


def _own(row: Row, column: str, ours: float | None, tolerance: float = LAST_DIGIT) -> Cell:
    return Cell(JOINED, row["task_id"], column, ours, known(row.number(column)), tolerance)


CHECKS = (
    Check("V5", "agreement with people", Kind.RECOMPUTED, _correlations),
    Check("V6", "differences of agreement, intervals as far as chance lets them", Kind.RECOMPUTED, _deltas),
    Check("V7", "cosines on the ratings' scale, the generic rubric's roundings", Kind.RECOMPUTED, _scaling),
    Check("V8", "ratings below their sums lie at a cap of their rubric", Kind.IDENTITY, _caps),
    Check("V9", "names of samples, of the nine datasets whose files are known", Kind.RECOMPUTED, _identifiers),
)
