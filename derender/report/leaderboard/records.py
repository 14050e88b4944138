"""The leaderboard for programs: JSON records and CSV, a line a model."""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

from derender.benchmarks.vision2code.standings import Mean, Pair, Place, Standing

from .board import Board
from .figures import DATASETS, DOMAINS


def records(board: Board) -> Iterator[dict[str, Any]]:
    """One record for each model, best first, then for each pair, then for each place, then the notes."""
    for each in board.standings:
        yield {"kind": "standing", **_standing(each, board)}
    for pair in board.pairs:
        yield {"kind": "pair", **_pair(pair)}
    for origin, places in board.places.items():
        for place in places:
            yield {"kind": "place", "origin": origin.value, **_place(place)}
    yield {"kind": "notes", "mode": board.mode.value, "split": board.split.value, "notes": list(board.notes)}


def csv_text(board: Board) -> str:
    """The standings as CSV, a row each, with every dataset's and domain's mean in a column."""
    rows = [_flat(each) for each in board.standings]
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def text_lines(board: Board) -> Iterator[str]:
    """The standings as people read them in a terminal."""
    names = [_printable(each.name) for each in board.standings]
    wide = max(map(len, names))
    yield f"{'':>3} {'':<{wide}}  {'':<9}  macro   all ratings            rated   drawn"
    for name, each in zip(names, board.standings, strict=True):
        place = each.rank or "–"
        rate = "–" if each.render_rate is None else f"{100 * each.render_rate:.1f} %"
        rated = f"{each.rated}/{each.samples}"
        macro, micro = _number(each.macro.value), _ended(each.micro)
        yield f"{place:>3} {name:<{wide}}  {each.origin.value:<9}  {macro:<6}  {micro:<21}  {rated:>9}  {rate:>7}"


def _printable(name: str) -> str:
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in name)


def _cell(text: str) -> str:
    """A text that neither a terminal obeys nor a spreadsheet computes."""
    shown = _printable(text)
    return f"'{shown}" if shown.startswith(("=", "+", "-", "@")) else shown


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _ended(mean: Mean) -> str:
    return _number(mean.value) + ("" if mean.low is None else f" [{mean.low:.3f}, {mean.high:.3f}]")


def _standing(each: Standing, board: Board) -> dict[str, Any]:
    return {
        "model": each.name,
        "rank": each.rank,
        "origin": each.origin.value,
        "mode": each.mode.value,
        "split": each.split,
        "judge": each.judge,
        "macro": _mean(each.macro),
        "micro": _mean(each.micro),
        "macro_if_dropped_were_0": each.as_zero,
        "samples": each.samples,
        "rated": each.rated,
        "dropped": dict(each.dropped),
        "tried": each.tried,
        "rendered": each.rendered,
        "domains": dict(each.domains),
        "datasets": {
            name: {**_mean(of.mean), "n": of.n, "rated": of.rated, "tried": of.tried, "rendered": of.rendered}
            for name, of in each.datasets.items()
        },
        "failures": None if each.failures is None else {kind.value: count for kind, count in each.failures.items()},
        "asked": [
            {
                "model": spent.model,
                "requests": spent.requests,
                "input_tokens": spent.input_tokens,
                "output_tokens": spent.output_tokens,
                "uncounted": spent.uncounted,
                "cost": spent.cost,
            }
            for spent in board.spent.get(each.name, ())
        ],
    }


def _pair(pair: Pair) -> dict[str, Any]:
    return {
        "a": pair.a,
        "b": pair.b,
        "n": pair.n,
        "difference": _mean(pair.difference),
        "a_wins": pair.a_wins,
        "b_wins": pair.b_wins,
        "meaning": pair.verdict.value,
    }


def _place(place: Place) -> dict[str, Any]:
    return {
        "model": place.name,
        "rank": place.rank,
        "mean": place.mean,
        "mean_rank": place.mean_rank,
        "probabilities": list(place.probabilities),
        "n": place.n,
    }


def _mean(mean: Mean) -> dict[str, float | None]:
    return {"value": mean.value, "low": mean.low, "high": mean.high}


def _flat(each: Standing) -> Mapping[str, Any]:
    return {
        "rank": each.rank,
        "model": _cell(each.name),
        "origin": each.origin.value,
        "mode": each.mode.value,
        "split": _cell(each.split or ""),
        "judge": _cell(each.judge or ""),
        **{f"macro{suffix}": value for suffix, value in zip(("", "_low", "_high"), _ends(each.macro), strict=True)},
        **{f"micro{suffix}": value for suffix, value in zip(("", "_low", "_high"), _ends(each.micro), strict=True)},
        "samples": each.samples,
        "rated": each.rated,
        "tried": each.tried,
        "rendered": each.rendered,
        **{name: each.domains.get(name) for name in DOMAINS},
        **{name: each.datasets[name].mean.value if name in each.datasets else None for name in DATASETS},
    }


def _ends(mean: Mean) -> tuple[float | None, float | None, float | None]:
    return mean.value, mean.low, mean.high
