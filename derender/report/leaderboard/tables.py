"""The leaderboard's tables: the headline, and every figure's numbers for who would rather read them."""

from collections.abc import Iterable, Sequence

from derender.benchmarks.statistics import Verdict
from derender.benchmarks.vision2code import SOURCES, FailureClass
from derender.benchmarks.vision2code.standings import DatasetStanding, Mean, Origin, Pair, Place, Standing

from .board import Board
from .figures import DATASETS, DOMAINS
from .markup import Child, Element, el
from .measured import Spent

_MEANING = {
    Verdict.A_HIGHER: "the first is higher",
    Verdict.B_HIGHER: "the second is higher",
    Verdict.OVERLAP_ZERO: "not told apart",
}


def standings_table(board: Board) -> Element:
    """The models, best first."""
    costly = any(board.spent.values())
    heads = ["Rank", "Model", "Macro", "All ratings", "Rated", "Drawn", *(["Asked"] if costly else [])]
    rows = {each.name: _row(each, board, costly=costly) for each in board.standings}
    first = el("tbody", *(rows[each.name] for each in board.standings if each.rank is not None))
    others = [rows[each.name] for each in board.standings if each.rank is None]
    title = el("tr", el("th", "Without a rank", colspan=len(heads), scope="rowgroup"), class_="block")
    blocks = [each for each in (first, el("tbody", title, *others) if others else None) if each and each.children]
    return el("table", _head(heads), *blocks, class_="standings")


def _row(each: Standing, board: Board, *, costly: bool) -> Element:
    rate = each.render_rate
    cells = [
        el("td", str(each.rank or "–"), class_="place"),
        el("th", _named(each), _about(each), scope="row"),
        _mean_cell("Macro", each.macro, heavy=True, note=_as_zero(each)),
        _mean_cell("All ratings", each.micro),
        _cell(
            "Rated", f"{100 * each.rated / each.samples:.1f} %", f"{each.rated:,} of {each.samples:,}", *_dropped(each)
        ),
        _cell("Drawn", "–" if rate is None else f"{100 * rate:.1f} %", f"{each.rendered:,} of {each.tried:,}"),
    ]
    if costly:
        cells.append(_asked(board.spent.get(each.name, ())))
    return el("tr", *cells, class_=each.origin.value)


def _named(each: Standing) -> Element:
    tag = el("span", each.origin.value, class_=f"tag {each.origin.value}")
    return el("span", el("bdi", each.name), " ", tag, class_="model")


def _about(each: Standing) -> Element:
    judge = f"rated by {each.judge}" if each.judge else "no judge is named"
    said = (each.split or "an unnamed split", judge, f"{each.mode.value} formula")
    return el("span", " · ".join(said), class_="about")


def _as_zero(each: Standing) -> str | None:
    """How much hangs on what is not rated."""
    return f"{each.as_zero:.2f} with those as 0" if each.dropped and each.as_zero is not None else None


def _dropped(each: Standing) -> Iterable[Child]:
    for kind, count in each.dropped.items():
        yield el("span", f"{count:,} {kind.replace('_', ' ')}", class_="dropped", title=each.why.get(kind))


def _asked(spent: Sequence[Spent]) -> Element:
    if not spent:
        return el("td", "–", class_="none", data_label="Asked")
    sent, written = sum(each.input_tokens for each in spent), sum(each.output_tokens for each in spent)
    costs = [each.cost for each in spent]
    cost = f"cost {sum(filter(None, costs)):.4f}" if None not in costs and any(costs) else None
    each_one = [_small(f"{each.requests:,} of {each.model}") for each in spent] if len(spent) > 1 else []
    tokens = f"{sent:,} tokens in, {written:,} out" if sent or written else None
    uncounted = sum(each.uncounted for each in spent)
    missing = f"tokens of {uncounted:,} not told" if uncounted else None
    return el(
        "td",
        f"{sum(each.requests for each in spent):,} answers",
        *each_one,
        _small(tokens),
        _small(missing),
        _small(cost),
        data_label="Asked",
    )


def _mean_cell(label: str, mean: Mean, *, heavy: bool = False, note: str | None = None) -> Element:
    value = el("b" if heavy else "span", _number(mean.value))
    return el("td", value, _small(_ends(mean)), _small(note), data_label=label)


def _cell(label: str, text: str, note: str | None = None, *more: Child) -> Element:
    return el("td", text, _small(note), *more, data_label=label)


def _small(text: str | None) -> Element | None:
    return el("span", text, class_="small") if text else None


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"


def _ends(mean: Mean) -> str | None:
    return None if mean.low is None or mean.high is None else f"{mean.low:.3f} – {mean.high:.3f}"


def _head(names: Iterable[str]) -> Element:
    return el("thead", el("tr", *(el("th", name, scope="col") for name in names)))


def _plain(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Element:
    """A table whose first column names its rows."""
    body = (
        el("tr", el("th", el("bdi", first), scope="row"), *(el("td", text) for text in rest)) for first, *rest in rows
    )
    return el("table", _head(heads), el("tbody", *body))


def intervals_table(standings: Sequence[Standing]) -> Element:
    """Means and their ends."""
    heads = ("Model", "Macro mean", "95 % interval", "Mean of all ratings", "95 % interval")
    rows = (
        (
            each.name,
            _number(each.macro.value),
            _ends(each.macro) or "–",
            _number(each.micro.value),
            _ends(each.micro) or "–",
        )
        for each in standings
    )
    return _plain(heads, rows)


def datasets_table(standings: Sequence[Standing]) -> Element:
    """Mean ratings by dataset."""
    rows = ((each.name, *(_of_dataset(each.datasets.get(name)) for name in DATASETS)) for each in standings)
    return _plain(("Model", *DATASETS), rows)


def drawn_table(standings: Sequence[Standing]) -> Element:
    """Programs that give a picture, by dataset."""
    rows = ((each.name, *(_drawn(each.datasets.get(name)) for name in DATASETS)) for each in standings)
    return _plain(("Model", *DATASETS), rows)


def _of_dataset(of: DatasetStanding | None) -> str:
    if of is None:
        return "–"
    return _number(of.mean.value) + (f" [{of.mean.low:.2f}, {of.mean.high:.2f}]" if of.mean.low is not None else "")


def _drawn(of: DatasetStanding | None) -> str:
    return "–" if of is None or not of.tried else f"{100 * of.rendered / of.tried:.1f} %"


def domains_table(standings: Sequence[Standing]) -> Element:
    """Mean ratings by domain."""
    sizes = {name: sum(source.domain == name for source in SOURCES.values()) for name in DOMAINS}
    heads = ("Model", *(f"{name} ({sizes[name]})" for name in DOMAINS))
    return _plain(heads, ((each.name, *(_number(each.domains.get(name)) for name in DOMAINS)) for each in standings))


def rendered_table(standings: Sequence[Standing]) -> Element:
    """Programs that give a picture."""
    rows = (
        (
            each.name,
            f"{each.rendered:,}",
            f"{each.tried:,}",
            "–" if each.render_rate is None else f"{100 * each.render_rate:.2f} %",
        )
        for each in standings
    )
    return _plain(("Model", "Drawn", "Tried", "Share"), rows)


def pairs_table(pairs: Sequence[Pair]) -> Element:
    """Differences, their intervals, and what those say."""
    heads = (
        "First",
        "Second",
        "Samples",
        "Difference",
        "95 % interval",
        "First wins",
        "Second wins",
        "Ties",
        "Meaning",
    )
    return _plain(heads, map(_pair, pairs))


def _pair(pair: Pair) -> Sequence[str]:
    low, high = pair.difference.low, pair.difference.high
    ends = "–" if low is None or high is None else f"{low:+.3f} – {high:+.3f}"
    shares = (pair.a_wins, pair.b_wins, 1 - pair.a_wins - pair.b_wins)
    won = (f"{100 * abs(share):.1f} %" for share in shares)
    value = pair.difference.value or 0.0
    return (pair.a, pair.b, f"{pair.n:,}", f"{value:+.4f}", ends, *won, _MEANING[pair.verdict])


def ranks_table(places: Sequence[Place]) -> Element:
    """Ranks and how often each was taken over the resamples."""
    heads = ("Model", "Mean", "Rank", "Mean rank", *(f"P({rank})" for rank in range(1, len(places) + 1)))
    rows = (
        (
            each.name,
            f"{each.mean:.4f}",
            str(each.rank),
            f"{each.mean_rank:.3f}",
            *(f"{share:.4f}" for share in each.probabilities),
        )
        for each in places
    )
    return _plain(heads, rows)


def failures_table(standings: Sequence[Standing]) -> Element:
    """Failures by class, each model's and all."""
    known = [(each, each.failures) for each in standings if each.failures is not None]
    rows = [
        (
            each.name,
            f"{each.tried:,}",
            _shared(sum(counts.values()), each.tried),
            *(_count(each, kind, counts[kind]) for kind in FailureClass),
        )
        for each, counts in known
    ]
    totals = [sum(counts[kind] for _, counts in known) for kind in FailureClass]
    every = sum(totals)
    tried = sum(each.tried for each, _ in known)
    rows.append(("All", f"{tried:,}", _shared(every, tried), *(_shared(count, every) for count in totals)))
    return _plain(("Model", "Tried", "Failed", *(kind.label for kind in FailureClass)), rows)


def _count(each: Standing, kind: FailureClass, count: int) -> str:
    # The published tables count a timeout among the others.
    if each.origin is Origin.PUBLISHED and kind is FailureClass.TIMEOUT:
        return "in others"
    return _shared(count, sum((each.failures or {}).values()))


def _shared(count: int, of: int) -> str:
    """How many, and how large a share that is."""
    return f"{count:,} ({100 * count / of:.1f} %)" if of else f"{count:,}"
