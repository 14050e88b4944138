"""Tables whose ratings are not public, by dataset, of the bootstrap and of scaling: what must hold inside them."""

from collections import Counter
from math import comb

from derender.benchmarks.statistics import Resampling, Verdict

from ._leaderboard_tables import (
    COSINES,
    GENERIC,
    GENERIC_BY_DATASET,
    INTERVALS,
    PAPER,
    RATINGS,
    RATINGS_BY_DATASET,
    run_of,
    single,
)
from .published import Published, Row
from .reproduction import Cell, Cells, Check, Kind, row_count
from .sources import Split, counts

FOLDER = "results/paper_outputs/main_leaderboard"
PAIRS = f"{FOLDER}/bootstrap_pairwise_diffs.csv"
RANKS = f"{FOLDER}/bootstrap_rank_stability.csv"
SCALING = "results/paper_outputs/ablations/test_time_scaling_scores.csv"

_SPLIT = (
    ("num_metric_rows", "num_missing_rows"),
    ("num_rated_final", "num_missing_rating"),
    ("num_tts_rows", "num_missing_tts_rows"),
)
_STEPS = 200
"""Of one point: weights in twentieths of ratings with one decimal."""
_SUMS = 1e-9
_NORMAL = 1.96
_NEARLY = 0.15
"""Standard deviations that skew and chance may move an end by."""


def _inside(published: Published) -> Cells:
    for table in (RATINGS_BY_DATASET, GENERIC_BY_DATASET):
        yield from single(published, table)
    yield from _pairs(published)
    yield from _ranks(published)
    yield from _scaling(published)
    for row in published.table(INTERVALS):
        where = " ".join(run_of(row))
        rows = sum(counts(Split.parse(row["split"])).values())
        missing = row.number("num_scored_samples") + row.number("num_missing_scores")
        yield Cell(INTERVALS, where, "scored and missing", missing, float(rows))
        yield from _interval(INTERVALS, row, where, row.number("mean_score"))


def _interval(table: str, row: Row, where: str, mean: float) -> Cells:
    """Of a mean of many samples the interval reaches 1.96 standard deviations to either side, or nearly so."""
    std = row.number("bootstrap_std")
    yield Cell(table, where, "ci_level", Resampling().confidence, row.number("ci_level"))
    for column, sign in (("ci_lower", -1), ("ci_upper", 1)):
        yield Cell(table, where, column, mean + sign * _NORMAL * std, row.number(column), _NEARLY * std)


def _pairs(published: Published) -> Cells:
    alone = {run_of(row): row for row in published.table(INTERVALS)}
    models = Counter(split for split, _ in alone)
    yield row_count(PAIRS, published.table(PAIRS), sum(comb(count, 2) for count in models.values()))
    for row in published.table(PAIRS):
        where = f"{row['model_a']} {row['model_b']} {row['split']}"
        for side in ("a", "b"):
            of_model = alone[row["split"], row[f"model_{side}"]]
            # Where the other model lacks no sample of this one's, it is the mean of all that this one has.
            if of_model.count("num_scored_samples") == row.count("num_paired_samples"):
                mean = of_model.number("mean_score")
                yield Cell(PAIRS, where, f"mean_{side}", mean, row.number(f"mean_{side}"))
        difference = row.number("mean_a") - row.number("mean_b")
        yield Cell(PAIRS, where, "mean_diff_a_minus_b", difference, row.number("mean_diff_a_minus_b"), _SUMS)
        shares = sum(row.number(column) for column in ("a_sample_win_rate", "b_sample_win_rate", "tie_rate"))
        yield Cell(PAIRS, where, "wins and ties", shares, 1.0, _SUMS)
        for column in ("a_sample_win_rate", "b_sample_win_rate", "tie_rate"):
            yield _whole(row, where, column, row.count("num_paired_samples"))
        yield from _interval(PAIRS, row, where, difference)
        yield Cell(PAIRS, where, "interpretation", _verdict(row), row["interpretation"])


def _verdict(row: Row) -> str:
    if row.number("ci_lower") > 0:
        return Verdict.A_HIGHER
    return Verdict.B_HIGHER if row.number("ci_upper") < 0 else Verdict.OVERLAP_ZERO


def _whole(row: Row, where: str, column: str, of: int) -> Cell:
    """A share is of whole samples."""
    share = row.number(column)
    return Cell(PAIRS, where, column, round(share * of) / of, share)


def _ranks(published: Published) -> Cells:
    rows = published.table(RANKS)
    ranked, alone = sorted(map(run_of, rows)), sorted(map(run_of, published.table(INTERVALS)))
    yield Cell(RANKS, "all rows", "models", ", ".join(map(" ".join, alone)), ", ".join(map(" ".join, ranked)))
    for row in rows:
        where = " ".join(run_of(row))
        models = sum(other["split"] == row["split"] for other in rows)
        shares = [row.number(f"rank_{rank}_probability") for rank in range(1, models + 1)]
        mean = sum(rank * share for rank, share in enumerate(shares, start=1))
        better = sum(
            other["split"] == row["split"] and other.number("observed_mean_score") > row.number("observed_mean_score")
            for other in rows
        )
        of = row.count("num_complete_samples")
        observed = row.number("observed_mean_score")
        values = {
            "observed_mean_score": (round(observed * of, 1) / of, observed),
            "mean_bootstrap_rank": (mean, row.number("mean_bootstrap_rank")),
            "probabilities": (sum(shares), 1.0),
            "top1_probability": (shares[0], row.number("top1_probability")),
            "observed_rank": (float(better + 1), row.number("observed_rank")),
        }
        for column, (ours, theirs) in values.items():
            yield Cell(RANKS, where, column, ours, theirs, _SUMS)


def _scaling(published: Published) -> Cells:
    """Test-time scaling, of which only totals are public."""
    stages = {(row["model_slug"], row["stage"]): row for row in published.table(SCALING)}
    whole = {(slug, stage) for slug, _ in stages for _, stage in stages}
    yield row_count(SCALING, published.table(SCALING), len(whole))
    yield _papers_rows(published)
    for (slug, stage), row in stages.items():
        where = f"{slug} stage {stage}"
        score = row.number("benchmark_score_0_to_5")
        samples = float(sum(counts(Split.parse(row["split"])).values()))
        yield Cell(
            SCALING, where, "macro_mean_final_rating_0_to_5", score, row.number("macro_mean_final_rating_0_to_5")
        )
        yield Cell(SCALING, where, "num_filtered_samples", samples, row.number("num_filtered_samples"))
        yield Cell(SCALING, where, "num_rated_raw", row.number("num_rated_final"), row.number("num_rated_raw"))
        for one, other in _SPLIT:
            yield Cell(SCALING, where, f"{one} and {other}", row.number(one) + row.number(other), samples)
        # A share of whole samples; of one stage not quite those that num_render_success counts.
        rate = row.number("tts_render_success_rate")
        yield Cell(SCALING, where, "tts_render_success_rate", round(rate * samples) / samples, rate)
        raw = row.number("mean_raw_score_0_to_5")
        nearest = round(raw * row.count("num_rated_raw") * _STEPS) / _STEPS / row.count("num_rated_raw")
        yield Cell(SCALING, where, "mean_raw_score_0_to_5", nearest, raw)
        macro = row.number("macro_mean_raw_score_0_to_5")
        yield Cell(SCALING, where, "macro_mean_raw_score_0_to_5", round(macro, 4), macro)
        sums = row.number("mean_final_rating_0_to_5") * row.count("num_rated_final")
        mean = round(sums, 1) / row.count("num_rated_final")
        yield Cell(SCALING, where, "mean_final_rating_0_to_5", mean, row.number("mean_final_rating_0_to_5"))
    for row in published.table(PAPER):
        if row["metric_name"] == "test_time_scaling_rating":
            where = f"{row['model_slug']} stage {row['stage']}"
            ours = stages[row["model_slug"], row["stage"]].number("benchmark_score_0_to_5")
            yield Cell(PAPER, where, row["metric_name"], ours, row.number("score"))


def _papers_rows(published: Published) -> Cell:
    """The paper's summary has a row for each of the other tables' rows, of rendering only where there are ratings."""
    tables = (RATINGS, RATINGS, GENERIC, COSINES, COSINES, SCALING)
    return row_count(PAPER, published.table(PAPER), sum(len(published.table(table)) for table in tables))


CHECKS = (
    Check("V17", "means of each dataset, differences and ranks of models, test-time scaling", Kind.IDENTITY, _inside),
)
