"""The table of a model scaled at test time: each stage's numbers, and how they differ from the first stage's.

It is made of rows alone, as `score_table` is, and every comparison is of the same samples of the same run.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from derender.benchmarks.statistics import Estimate, macro_mean, paired_difference
from derender.benchmarks.vision2code.score_table import score_table
from derender.benchmarks.vision2code.sources import DomainMap
from derender.judges import Mode

_Row = Mapping[str, Any]

FIRST = "stage1"


def stage_table(rows: Mapping[str, Sequence[_Row]], domains: DomainMap = DomainMap.SITE) -> dict[str, Any]:
    """The numbers of all views as JSON.

    Args:
        rows: name of `scaling.Scaling.views` → records of `scoring.Scored`, those of all views in the same order.
        domains: whose.

    Raises:
        UnknownName: a dataset is none of the fifteen.
    """
    tables = {name: score_table(own, domains) for name, own in rows.items()}
    against = {
        name: {mode.value: _difference(rows[name], rows[FIRST], mode) for mode in Mode if _means(tables, name, mode)}
        for name in rows
        if name != FIRST
    }
    return {"stages": tables, "against_stage1": against}


def _means(tables: Mapping[str, Mapping[str, Any]], name: str, mode: Mode) -> bool:
    """Whether a view and the first stage have means at all."""
    return all(tables[each][mode.value]["benchmark_score_0_to_5"] is not None for each in (name, FIRST))


def _difference(rows: Sequence[_Row], first: Sequence[_Row], mode: Mode) -> dict[str, Any] | None:
    """A view less the first stage, sample by sample; None where no sample has both ratings."""
    ratings, before = ([_final(row, mode) for row in each] for each in (rows, first))
    gains = [one - other for one, other in zip(ratings, before, strict=True)]
    if all(map(math.isnan, gains)):
        return None
    found = paired_difference(ratings, before)
    macro = macro_mean(gains, [row["dataset"] for row in rows])
    return {
        "n": found.difference.n,
        "mean": round(found.mean_a, 6),
        "mean_of_stage1": round(found.mean_b, 6),
        "micro": _numbers(found.difference),
        "macro": _numbers(macro),
        "better": round(found.a_wins, 6),
        "worse": round(found.b_wins, 6),
        "same": round(found.ties, 6),
        "verdict": found.verdict.value,
    }


def _final(row: _Row, mode: Mode) -> float:
    rating = row[mode.value]
    return math.nan if rating is None else float(rating["final_rating_0_to_5"])


def _numbers(estimate: Estimate) -> dict[str, float | None]:
    numbers = {"difference": estimate.value, "low": estimate.low, "high": estimate.high}
    return {name: None if number is None else round(number, 6) for name, number in numbers.items()}
