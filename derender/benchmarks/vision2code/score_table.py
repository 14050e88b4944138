"""The table of a run of scored predictions, made of the rows that were written: both formulas side by side.

It is made of rows alone, so that a run that was killed and taken up again has the same table to the byte.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from statistics import fmean
from typing import Any

from derender.benchmarks.statistics import Estimate, macro_mean, micro_mean
from derender.judges import Mode

from .sources import DomainMap, domain
from .summary import Rated, Summary, official_macro, summarise
from .taxonomy import FailureClass

_Row = Mapping[str, Any]

_ZEROS = "zeros_alone"
_ZEROS_WHY = "nothing that was drawn is rated, and the zeros of failed programs alone are no mean"


def score_table(rows: Sequence[_Row], domains: DomainMap = DomainMap.SITE) -> dict[str, Any]:
    """The numbers of a run as JSON.

    Args:
        rows: records of `scoring.Scored`, in the order of the samples.
        domains: whose.

    Raises:
        UnknownName: a dataset is none of the fifteen.
    """
    zeros = zeros_alone(rows)
    rated = {mode: [rated_of(row, mode, zeros=zeros) for row in rows] for mode in Mode}
    summaries = {mode: summarise(samples, domains) for mode, samples in rated.items()}
    official = summaries[Mode.OFFICIAL].all
    return {
        "samples": official.n,
        "rated": official.rated,
        "render_success": {"tried": official.drawn, "ok": official.rendered, "rate": round(official.render_rate, 6)},
        "dropped": dict(sorted(summaries[Mode.OFFICIAL].unscored.items())),
        "why": _examples(rows) | ({_ZEROS: _ZEROS_WHY} if zeros else {}),
        **{mode.value: _headline(summaries[mode], rated[mode]) for mode in Mode},
        "datasets": _datasets(summaries, rated, domains),
        "domains": _domains(summaries, rated, domains),
        "failures": _failures(rows),
    }


def zeros_alone(rows: Sequence[_Row]) -> bool:
    """Whether something was drawn and nothing of that is rated: means would be of failed programs alone."""
    drawn = [row for row in rows if row["render_success"]]
    return bool(drawn) and not any(row["official"] for row in drawn)


def rated_of(row: _Row, mode: Mode, *, zeros: bool = False) -> Rated:
    """A row's rating by one of the formulas; none where zeros of failed programs are all there is."""
    rating = row[mode.value]
    if rating is None or zeros:
        return Rated(row["dataset"], row["render_success"], None, unscored=row["dropped"] or _ZEROS)
    final, raw = rating["final_rating_0_to_5"], rating["raw_score_0_to_5"]
    return Rated(row["dataset"], row["render_success"], final, raw, row["category_scores"])


def _headline(summary: Summary, samples: Sequence[Rated]) -> dict[str, Any]:
    as_zero = [sample if sample.final is not None else replace(sample, final=0.0) for sample in samples]
    return {
        "benchmark_score_0_to_5": summary.score,
        "macro_mean_raw_score_0_to_5": summary.raw_score,
        "mean_final_rating_0_to_5": summary.all.final,
        "mean_raw_score_0_to_5": summary.all.raw,
        "macro": _interval(summary.macro),
        "micro": _interval(summary.micro),
        # How much could hang on what was left out: published tables leave it out too.
        "benchmark_score_if_dropped_were_0": official_macro([*_means_of(as_zero).values()]),
        "bins": dict(summary.bins),
    }


def _means_of(samples: Iterable[Rated]) -> dict[str, float]:
    finals: dict[str, list[float]] = {}
    for sample in samples:
        finals.setdefault(sample.dataset, []).append(sample.final or 0.0)
    return {name: fmean(values) for name, values in finals.items()}


def _interval(estimate: Estimate) -> dict[str, float | int | None]:
    numbers = {"value": estimate.value, "low": estimate.low, "high": estimate.high}
    return {name: None if number is None else round(number, 6) for name, number in numbers.items()} | {"n": estimate.n}


def _datasets(
    summaries: Mapping[Mode, Summary], rated: Mapping[Mode, Sequence[Rated]], domains: DomainMap
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, means in summaries[Mode.OFFICIAL].datasets.items():
        found[name] = {
            "domain": domain(name, domains),
            "n": means.n,
            "rated": means.rated,
            "tried": means.drawn,
            "rendered": means.rendered,
            "mean_raw_score_0_to_5": means.raw,
        }
        for mode, summary in summaries.items():
            finals = [each.final for each in rated[mode] if each.dataset == name and each.final is not None]
            found[name] |= {
                mode.value: summary.datasets[name].final,
                f"{mode.value}_interval": _interval(micro_mean(finals)),
            }
        found[name]["category_means_0_to_5"] = dict(means.categories)
    return found


def _domains(
    summaries: Mapping[Mode, Summary], rated: Mapping[Mode, Sequence[Rated]], domains: DomainMap
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in dict.fromkeys(domain(each.dataset, domains) for each in rated[Mode.OFFICIAL]):
        own = {mode: [each for each in rated[mode] if domain(each.dataset, domains) == name] for mode in rated}
        samples = own[Mode.OFFICIAL]
        found[name] = {
            "n": len(samples),
            "rated": sum(each.final is not None for each in samples),
            "tried": sum(each.rendered is not None for each in samples),
            "rendered": sum(each.rendered is True for each in samples),
        }
        for mode, summary in summaries.items():
            scored = [(each.final, each.dataset) for each in own[mode] if each.final is not None]
            finals, names = [final for final, _ in scored], [dataset for _, dataset in scored]
            macro = summary.domains.get(name)
            found[name] |= {
                f"{mode.value}_macro": None if macro is None else round(macro, 4),
                f"{mode.value}_micro": round(fmean(finals), 4) if finals else None,
                f"{mode.value}_macro_interval": _interval(macro_mean(finals, names)),
                f"{mode.value}_micro_interval": _interval(micro_mean(finals)),
            }
    return found


def _failures(rows: Sequence[_Row]) -> dict[str, dict[str, int]]:
    """Failures by the paper's classes, by its rules and by what derender found, and by derender's own kinds."""
    columns = {"official": "failure_class", "fixed": "failure_class_fixed"}
    counts = {name: Counter(row[column] for row in rows if row[column]) for name, column in columns.items()}
    kinds = Counter(row["failure_kind"] for row in rows if row["failure_kind"])
    classes = {name: {kind.value: count[kind.value] for kind in FailureClass} for name, count in counts.items()}
    return {**classes, "kinds": dict(sorted(kinds.items()))}


def _examples(rows: Sequence[_Row]) -> dict[str, str]:
    """The first sentence of each reason why samples are dropped."""
    found: dict[str, str] = {}
    for row in rows:
        if row["dropped"]:
            found.setdefault(row["dropped"], row["why"])
    return dict(sorted(found.items()))
