"""Tables whose ratings are not public, by dataset, of the bootstrap and of scaling: what must hold inside them."""

from derender.benchmarks.statistics import Verdict

from ._leaderboard_tables import GENERIC_BY_DATASET, INTERVALS, PAPER, RATINGS_BY_DATASET, run_of, single
from .published import Published, Row
from .reproduction import Cell, Cells, Check, Kind
from .sources import Split, counts

FOLDER = "results/paper_outputs/main_leaderboard"
PAIRS = f"{FOLDER}/bootstrap_pairwise_diffs.csv"
RANKS = f"{FOLDER}/bootstrap_rank_stability.csv"
SCALING = "results/paper_outputs/ablations/test_time_scaling_scores.csv"

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
    for column, sign in (("ci_lower", -1), ("ci_upper", 1)):
        yield Cell(table, where, column, mean + sign * _NORMAL * std, row.number(column), _NEARLY * std)


def _pairs(published: Published) -> Cells:
    for row in published.table(PAIRS):
        where = f"{row['model_a']} {row['model_b']} {row['split']}"
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
    for (slug, stage), row in stages.items():
        where = f"{slug} stage {stage}"
        score = row.number("benchmark_score_0_to_5")
        samples = float(sum(counts(Split.parse(row["split"])).values()))
        yield Cell(
            SCALING, where, "macro_mean_final_rating_0_to_5", score, row.number("macro_mean_final_rating_0_to_5")
        )
        for one, other in (("num_rated_final", "num_missing_rating"), ("num_tts_rows", "num_missing_tts_rows")):
            yield Cell(SCALING, where, f"{one} and {other}", row.number(one) + row.number(other), samples)
        sums = row.number("mean_final_rating_0_to_5") * row.count("num_rated_final")
        mean = round(sums, 1) / row.count("num_rated_final")
        yield Cell(SCALING, where, "mean_final_rating_0_to_5", mean, row.number("mean_final_rating_0_to_5"))
    for row in published.table(PAPER):
        if row["metric_name"] == "test_time_scaling_rating":
            where = f"{row['model_slug']} stage {row['stage']}"
            ours = stages[row["model_slug"], row["stage"]].number("benchmark_score_0_to_5")
            yield Cell(PAPER, where, row["metric_name"], ours, row.number("score"))


CHECKS = (
    Check("V17", "means of each dataset, differences and ranks of models, test-time scaling", Kind.IDENTITY, _inside),
)
