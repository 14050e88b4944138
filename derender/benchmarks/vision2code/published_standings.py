"""The leaderboard that was published: nine models on either split, as far as its tables tell."""

from collections.abc import Iterable
from dataclasses import dataclass

from derender.benchmarks.statistics import Verdict
from derender.judges import Mode

from ._bootstrap_tables import PAIRS, RANKS
from ._failure_tables import BY_MODEL
from ._leaderboard_tables import INTERVALS, RATINGS, RATINGS_BY_DATASET, RENDERED_BY_DATASET, SITE, run_of
from .published import Published, Row
from .reproduction import known
from .sources import Split
from .standings import DatasetStanding, Mean, Origin, Pair, Place, Standing
from .summary import domain_means
from .taxonomy import FailureClass

JUDGE = "Qwen3.5-122B-A10B-GPTQ-Int4"
"""Who rated the published leaderboard."""


@dataclass(frozen=True, slots=True)
class PublishedLeaderboard:
    """What was published of a split.

    Attributes:
        standings: the models, best first.
        pairs: those of them that were compared sample by sample.
        places: their ranks, best first; of those models alone.
    """

    standings: tuple[Standing, ...]
    pairs: tuple[Pair, ...]
    places: tuple[Place, ...]


def published_leaderboard(split: Split, published: Published | None = None) -> PublishedLeaderboard:
    """The published leaderboard.

    Args:
        split: ``test_mini`` is a part of the run over ``test``, of which alone failures are told by class.
        published: the tables; the package's own by default.

    Raises:
        UserError: a table is missing or damaged.
    """
    tables = published or Published()
    names = {row["model_slug"]: row["model"] for row in tables.json(SITE)["rows"]}
    standings = [_standing(row, names, tables, split) for row in _of(split, tables.table(RATINGS))]
    return PublishedLeaderboard(
        tuple(sorted(standings, key=lambda each: -(each.macro.value or 0.0))),
        tuple(_pair(row, names) for row in _of(split, tables.table(PAIRS))),
        tuple(sorted((_place(row, names) for row in _of(split, tables.table(RANKS))), key=lambda each: each.rank)),
    )


def _standing(row: Row, names: dict[str, str], tables: Published, split: Split) -> Standing:
    below = {each["dataset"]: each for each in tables.table(RATINGS_BY_DATASET) if run_of(each) == run_of(row)}
    drawn = {each["dataset"]: each for each in tables.table(RENDERED_BY_DATASET) if run_of(each) == run_of(row)}
    datasets = {name: _dataset(below[name], drawn[name]) for name in below if name in drawn}
    missing = row.count("num_missing_rating")
    samples = row.count("num_filtered_samples")
    return Standing(
        name=names[row["model_slug"]],
        origin=Origin.PUBLISHED,
        mode=Mode.OFFICIAL,
        split=split.value,
        judge=JUDGE,
        macro=Mean(known(row.number("benchmark_score_0_to_5"))),
        micro=_interval(row, tables),
        as_zero=None,
        samples=samples,
        rated=row.count("num_rated_final"),
        tried=samples,
        rendered=sum(each.rendered for each in datasets.values()),
        datasets=datasets,
        domains=domain_means({name: each.mean.value for name, each in datasets.items()}),
        dropped={"missing": missing} if missing else {},
        why={"missing": "the published tables count it as missing"} if missing else {},
        failures=_failures(row["model_slug"], tables) if split is Split.TEST else None,
    )


def _interval(row: Row, tables: Published) -> Mean:
    """The micro mean; of one model no interval was published."""
    value = known(row.number("mean_final_rating_0_to_5"))
    for each in tables.table(INTERVALS):
        if run_of(each) == run_of(row):
            return Mean(value, each.number("ci_lower"), each.number("ci_upper"))
    return Mean(value)


def _dataset(rated: Row, drawn: Row) -> DatasetStanding:
    samples = drawn.count("num_filtered_samples")
    mean = Mean(known(rated.number("mean_final_rating_0_to_5")))
    return DatasetStanding(mean, samples, rated.count("num_rated_final"), samples, drawn.count("num_render_success"))


def _failures(slug: str, tables: Published) -> dict[FailureClass, int]:
    counts = {row["failure_type"]: row.count("count") for row in tables.table(BY_MODEL) if row["model_slug"] == slug}
    return {kind: counts.get(kind.value, 0) for kind in FailureClass}


def _pair(row: Row, names: dict[str, str]) -> Pair:
    return Pair(
        names[row["model_a"]],
        names[row["model_b"]],
        row.count("num_paired_samples"),
        Mean(row.number("mean_diff_a_minus_b"), row.number("ci_lower"), row.number("ci_upper")),
        row.number("a_sample_win_rate"),
        row.number("b_sample_win_rate"),
        Verdict(row["interpretation"]),
    )


def _place(row: Row, names: dict[str, str]) -> Place:
    columns = [name for name in row.cells if name.startswith("rank_") and name.endswith("_probability")]
    return Place(
        names[row["model_slug"]],
        row.count("observed_rank"),
        row.number("observed_mean_score"),
        row.number("mean_bootstrap_rank"),
        tuple(row.number(name) for name in sorted(columns, key=lambda name: int(name.split("_")[1]))),
        row.count("num_complete_samples"),
    )


def _of(split: Split, rows: Iterable[Row]) -> list[Row]:
    return [row for row in rows if row["split"] == f"filtered_{split.value}"]
