"""The leaderboard's tables: means and render rates out of those of each dataset, cosines, the site's own file."""

import hashlib
import json
import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from .published import Published, Row
from .reproduction import LAST_DIGIT, Cell, Cells, Check, Kind, known, row_count
from .sources import Split, counts, domain
from .summary import official_macro

FOLDER = "results/paper_outputs/main_leaderboard"
RATINGS = f"{FOLDER}/main_benchmark_ratings.csv"
RATINGS_BY_DATASET = f"{FOLDER}/main_benchmark_ratings_by_dataset.csv"
GENERIC = f"{FOLDER}/generic_rubric_ratings.csv"
GENERIC_BY_DATASET = f"{FOLDER}/generic_rubric_ratings_by_dataset.csv"
RENDERED = f"{FOLDER}/render_success_rates.csv"
RENDERED_BY_DATASET = f"{FOLDER}/render_success_rates_by_dataset.csv"
COSINES = f"{FOLDER}/cosine_similarity_scores.csv"
COSINES_BY_DATASET = f"{FOLDER}/cosine_similarity_scores_by_dataset.csv"
INTERVALS = f"{FOLDER}/bootstrap_model_score_cis.csv"
PAPER = f"{FOLDER}/paper_table_summary.csv"
ERRORS = "results/paper_outputs/render_failures/render_error_analysis_table.csv"
SITE = "landing_page/static/data/leaderboard_data.json"

_COUNTS = (
    *("num_filtered_samples", "num_metric_rows", "num_missing_rows", "num_rated_final", "num_missing_rating"),
    *("num_rated_raw", "num_render_success"),
)
_SIZED = (
    *(RATINGS, RATINGS_BY_DATASET, GENERIC, GENERIC_BY_DATASET, RENDERED, RENDERED_BY_DATASET),
    *(COSINES, COSINES_BY_DATASET, INTERVALS, PAPER),
)
_STEPS = 1000
"""Ratings have one decimal and weighted sums three, so that a rounded mean times its count tells the sum exactly."""
_OF_COSINES = 1e-9
"""What may differ where means of cosines of ten decimals are averaged again."""


def _macro(published: Published) -> Cells:
    yield from _macros(published, RATINGS, RATINGS_BY_DATASET)
    yield from _in_paper(published, "main_benchmark_rating", RATINGS_BY_DATASET, _macro_of)


def _generic(published: Published) -> Cells:
    yield from _macros(published, GENERIC, GENERIC_BY_DATASET)
    yield from _micros(published, GENERIC, GENERIC_BY_DATASET)
    yield from _in_paper(published, "generic_rubric_rating", GENERIC_BY_DATASET, _macro_of)


def _macros(published: Published, table: str, below: str) -> Cells:
    parts = by_run(published.table(below))
    for row in published.table(table):
        rows = parts.get(run_of(row), [])
        for kind in ("final_rating", "raw_score"):
            macro = official_macro([known(each.number(f"mean_{kind}_0_to_5")) for each in rows])
            yield _cell(table, row, f"macro_mean_{kind}_0_to_5", macro)
            if kind == "final_rating":
                yield _cell(table, row, "benchmark_score_0_to_5", macro)


def _micro(published: Published) -> Cells:
    yield from _sizes(published)
    for table, below in ((GENERIC, GENERIC_BY_DATASET), (RENDERED, RENDERED_BY_DATASET), (COSINES, COSINES_BY_DATASET)):
        rows = published.table(below)
        yield row_count(table, published.table(table), len(by_run(rows)))
        yield row_count(below, rows, len(published.table(table)) * len(counts(Split.TEST)))
    yield from _micros(published, RATINGS, RATINGS_BY_DATASET)
    parts = by_run(published.table(RATINGS_BY_DATASET))
    for row in published.table(INTERVALS):
        rows = parts.get(run_of(row), [])
        yield _cell(INTERVALS, row, "mean_score", _weighted(rows, "mean_final_rating_0_to_5", "num_rated_final"))
        yield _cell(INTERVALS, row, "num_scored_samples", _sum(rows, "num_rated_final"))
        yield _cell(INTERVALS, row, "num_missing_scores", _sum(rows, "num_missing_rating"))


def _sizes(published: Published) -> Cells:
    """How many samples a row is of, out of the splits' own counts."""
    for table in _SIZED:
        for row in published.table(table):
            of_split = counts(Split.parse(row["split"]))
            samples = of_split[row["dataset"]] if "dataset" in row.cells else sum(of_split.values())
            yield _cell(table, row, "num_filtered_samples", float(samples))
            if "num_metric_rows" in row.cells:
                yield _cell(table, row, "num_missing_rows", float(samples - row.count("num_metric_rows")))


def single(published: Published, table: str) -> Cells:
    """Means of one dataset: of whole steps of ratings, and the same under each of their names."""
    for row in published.table(table):
        for kind, count in (("final_rating", "num_rated_final"), ("raw_score", "num_rated_raw")):
            mean = _weighted([row], f"mean_{kind}_0_to_5", count)
            for column in (f"mean_{kind}_0_to_5", f"macro_mean_{kind}_0_to_5"):
                yield _cell(table, row, column, mean)
            if kind == "final_rating":
                yield _cell(table, row, "benchmark_score_0_to_5", mean)


def _micros(published: Published, table: str, below: str) -> Cells:
    parts = by_run(published.table(below))
    for row in published.table(table):
        rows = parts.get(run_of(row), [])
        for kind, count in (("final_rating", "num_rated_final"), ("raw_score", "num_rated_raw")):
            yield _cell(table, row, f"mean_{kind}_0_to_5", _weighted(rows, f"mean_{kind}_0_to_5", count))
        for column in _COUNTS:
            yield _cell(table, row, column, _sum(rows, column))


def _rendered(published: Published) -> Cells:
    counted = {(*run_of(row), row["dataset"]): row for row in published.table(RATINGS_BY_DATASET)}
    rows = published.table(RENDERED_BY_DATASET)
    for row in rows:
        rated = counted.get((*run_of(row), row["dataset"]))
        # Of one model only its renders were counted, never its ratings: that count has nothing to be held against.
        success = row.count("num_render_success") if rated is None else rated.count("num_render_success")
        if rated is not None:
            yield _cell(RENDERED_BY_DATASET, row, "num_render_success", success)
        rate = success / row.count("num_filtered_samples")
        yield _cell(RENDERED_BY_DATASET, row, "render_success_rate", rate)
    parts = by_run(rows)
    for row in published.table(RENDERED):
        below = parts.get(run_of(row), [])
        yield _cell(RENDERED, row, "num_render_success", _sum(below, "num_render_success"))
        yield _cell(RENDERED, row, "render_success_rate", _rate(below))
    yield from _in_paper(published, "render_success_rate", RENDERED_BY_DATASET, _rate)
    yield from _error_table(published, parts)


def _error_table(published: Published, parts: dict[tuple[str, str], list[Row]]) -> Cells:
    for row in published.table(ERRORS):
        for split in ("test_mini", "test"):
            below = parts.get((f"filtered_{split}", row["model_slug"]), [])
            rate = _rate(below)
            values = {
                f"num_filtered_{split}": _sum(below, "num_filtered_samples"),
                f"num_render_success_{split}": _sum(below, "num_render_success"),
                f"render_success_rate_{split}": rate,
                f"render_success_pct_{split}": None if rate is None else round(100 * rate, 1),
            }
            for column, ours in values.items():
                yield _cell(ERRORS, row, column, ours)


def _site(published: Published) -> Cells:
    ours = leaderboard_json(published)
    text = published.text(SITE)
    theirs = published.json(SITE)
    for mine, other in zip(ours["rows"], theirs["rows"], strict=False):
        where = f"{mine['model_slug']} {mine['split']}"
        for key in ("samples", "rated", "missing_ratings", "score", "mean_final_rating", "mean_raw_score"):
            yield Cell(SITE, where, key, mine[key], other.get(key))
        for one, two in zip(mine["datasets"], other["datasets"], strict=False):
            yield Cell(SITE, f"{where} {one['dataset']}", "score", one["score"], two.get("score"))
    mine = json.dumps(ours, indent=2) + "\n"
    yield Cell(SITE, "the file", "characters", float(len(mine)), float(len(text)))
    yield Cell(SITE, "the file", "sha256", _sha256(mine), _sha256(text))


def leaderboard_json(published: Published) -> dict[str, Any]:
    """The site's leaderboard as its own file has it, out of the ratings of each dataset."""
    rates = {run_of(row): row for row in published.table(RENDERED)}
    parts = by_run(published.table(RATINGS_BY_DATASET))
    names = _names(published)
    rows = [_site_row(row, parts[run_of(row)], names, rates[run_of(row)]) for row in published.table(RATINGS)]
    return {"default_split": "filtered_test", "splits": ["filtered_test", "filtered_test_mini"], "rows": rows}


def _site_row(row: Row, below: list[Row], names: dict[str, str], rendered: Row) -> dict[str, Any]:
    split, slug = run_of(row)
    samples, success = _sum(below, "num_filtered_samples"), rendered.count("num_render_success")
    datasets = [
        {
            "dataset": each["dataset"],
            "domain": domain(each["dataset"]),
            "score": each.number("mean_final_rating_0_to_5"),
            "samples": each.count("num_filtered_samples"),
            "render_success_rate": each.count("num_render_success") / each.count("num_filtered_samples"),
        }
        for each in below
    ]
    return {
        "split": split,
        "model_slug": slug,
        "model": names[slug],
        "samples": int(samples),
        "rated": int(_sum(below, "num_rated_final")),
        "missing_ratings": int(_sum(below, "num_missing_rating")),
        "score": _macro_of(below),
        "mean_final_rating": _rounded(_weighted(below, "mean_final_rating_0_to_5", "num_rated_final")),
        "mean_raw_score": _rounded(_weighted(below, "mean_raw_score_0_to_5", "num_rated_raw")),
        "render_success_rate": success / samples,
        "render_success_count": success,
        "datasets": sorted(datasets, key=lambda each: (str(each["domain"]), str(each["dataset"]))),
    }


def _names(published: Published) -> dict[str, str]:
    """Model slug → name, which no table but the site's own has in full."""
    return {row["model_slug"]: row["model"] for row in published.json(SITE)["rows"]}


def _cosines(published: Published) -> Cells:
    rows = published.table(COSINES_BY_DATASET)
    for row in rows:
        yield from _scaled(COSINES_BY_DATASET, row)
    parts = by_run(rows)
    for row in published.table(COSINES):
        below = parts.get(run_of(row), [])
        for kind in ("image_only", "image_plus_text"):
            mean = _mean_of(below, f"mean_cosine_{kind}", "scored_rows")
            yield _cell(COSINES, row, f"mean_cosine_{kind}", mean, _OF_COSINES)
        for column in ("scored_rows", "missing_render_rows", "embed_error_rows"):
            yield _cell(COSINES, row, column, _sum(below, column))
        yield from _scaled(COSINES, row)
    for kind in ("image_only", "image_plus_text"):
        over_all = partial(_mean_of, column=f"mean_cosine_{kind}_0_to_5_all_rows", count="num_metric_rows")
        yield from _in_paper(published, f"cosine_{kind}_0_to_5_all_rows", COSINES_BY_DATASET, over_all)


def _scaled(table: str, row: Row) -> Cells:
    """The columns that follow from a row's own cosines: on 0 to 5, and with missing pictures as 0."""
    share = row.count("scored_rows") / row.count("num_metric_rows")
    for kind in ("image_only", "image_plus_text"):
        cosine = row.number(f"mean_cosine_{kind}")
        scaled = min(max((cosine + 1) / 2 * 5, 0.0), 5.0)
        # Half the cosine's last digit is 1.25 of the scaled one's.
        yield _cell(table, row, f"mean_cosine_{kind}_0_to_5", scaled, 2.5e-10)
        yield _cell(table, row, f"mean_cosine_{kind}_0_to_5_all_rows", scaled * share, 2.5e-10)


def _in_paper(published: Published, metric: str, below: str, statistic: Callable[[list[Row]], float | None]) -> Cells:
    """The paper's summary of a metric, out of the table by dataset."""
    parts = by_run(published.table(below))
    for row in published.table(PAPER):
        if row["metric_name"] == metric:
            ours = statistic(parts.get(run_of(row), []))
            yield Cell(PAPER, f"{row['model_slug']} {row['split']}", metric, ours, row.number("score"), _OF_COSINES)


def by_run(rows: list[Row]) -> dict[tuple[str, str], list[Row]]:
    """Rows by split and model."""
    found: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        found.setdefault(run_of(row), []).append(row)
    return found


def run_of(row: Row) -> tuple[str, str]:
    """Split and model of a row."""
    return row["split"], row["model_slug"]


def _cell(table: str, row: Row, column: str, ours: float | None, tolerance: float = LAST_DIGIT) -> Cell:
    where = " ".join([row["model_slug"], *([row["split"]] if "split" in row.cells else [])])
    where += f" {row['dataset']}" if "dataset" in row.cells else ""
    return Cell(table, where, column, ours, known(row.number(column)), tolerance)


def _macro_of(rows: list[Row]) -> float | None:
    return official_macro([known(row.number("mean_final_rating_0_to_5")) for row in rows])


def _sum(rows: list[Row], column: str) -> float:
    return float(sum(row.count(column) for row in rows))


def _rate(rows: list[Row]) -> float | None:
    return _sum(rows, "num_render_success") / _sum(rows, "num_filtered_samples") if rows else None


def _weighted(rows: list[Row], column: str, count: str) -> float | None:
    """The mean of all ratings, out of means by dataset, whose sums it puts back on their steps."""
    total = sum(round(row.number(column) * row.count(count) * _STEPS) for row in _with(rows, column))
    n = _sum(rows, count)
    return total / _STEPS / n if n else None


def _mean_of(rows: list[Row], column: str, count: str) -> float | None:
    n = _sum(rows, count)
    return math.fsum(row.number(column) * row.count(count) for row in _with(rows, column)) / n if n else None


def _with(rows: list[Row], column: str) -> Iterator[Row]:
    return (row for row in rows if not math.isnan(row.number(column)))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 10)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


CHECKS = (
    Check("V1", "macro means: the headline", Kind.RECOMPUTED, _macro),
    Check("V2", "micro means and counts", Kind.RECOMPUTED, _micro),
    Check("V3", "render rates", Kind.RECOMPUTED, _rendered),
    Check("V4", "the site's leaderboard file", Kind.RECOMPUTED, _site),
    Check("V13", "the generic rubric's means", Kind.RECOMPUTED, _generic),
    Check("V14", "cosine baselines", Kind.RECOMPUTED, _cosines),
)
