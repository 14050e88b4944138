"""The leaderboard as one page: sections of tables and figures, and below them the gallery that its script fills."""

import html
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from string import Template

from derender.benchmarks.vision2code.standings import Origin, Pair, Place
from derender.judges import Mode
from derender.report.document import asset, inert, policy, script_of, style_of

from . import tables
from .board import Board
from .figures import Figure, datasets, differences, failures, intervals, radars, ranks, rendered
from .markup import Child, Element, Value, el

WIDE, NARROW = 1120, 330
_STYLES = ("theme.css", "toolbar.css", "cards.css", "leaderboard.css")
_SCRIPTS = ("elements.js", "theme.js", "leaderboard.js")


def page_halves(title: str, board: Board, index: Mapping[str, object]) -> tuple[str, str]:
    """The page before and after its picture blocks."""
    style, script = style_of(_STYLES), script_of(_SCRIPTS)
    sections = [*_sections(board)]
    values = {
        "title": html.escape(title),
        "facts": html.escape(_facts(board)),
        "policy": policy(style, script, "data: 'self'" if index.get("beside") else "data:"),
        "style": style,
        "script": script,
        "index": inert(index),
        "places": "".join(el("a", name, href=f"#{anchor}").written() for anchor, name, _ in sections),
        "sections": "\n".join(section.written() for _, _, section in sections),
    }
    head, tail = asset("leaderboard.html").split("<!-- blocks -->\n")
    return Template(head).substitute(values), Template(tail).substitute(values)


def figures_of(board: Board, width: float) -> Iterator[Figure]:
    """Every figure that the board has something for."""
    yield intervals(board, width)
    yield datasets(board.standings, max(width, WIDE))
    yield radars(board.standings, width)
    yield rendered(board.standings, width)
    for group in _groups(board):
        yield differences(group.order, group.pairs, width, f"differences{group.suffix}")
        if group.places:
            yield ranks(group.places, width, f"ranks{group.suffix}")
    if any(each.failures is not None for each in board.standings):
        yield failures(board.standings, width)


@dataclass(frozen=True, slots=True)
class _Group:
    """Models that were compared among themselves: their order, differences and ranks, and what ends figures' names."""

    origin: Origin
    order: tuple[str, ...]
    pairs: tuple[Pair, ...]
    places: tuple[Place, ...]
    suffix: str


def _groups(board: Board) -> list[_Group]:
    found = []
    for origin in Origin:
        names = [each.name for each in board.of(origin)]
        pairs = tuple(pair for pair in board.pairs if pair.a in names)
        order = tuple(name for name in names if any(name in (pair.a, pair.b) for pair in pairs))
        if pairs:
            found.append(_Group(origin, order, pairs, board.places[origin], f"-{origin.value}"))
    return found


def _facts(board: Board) -> str:
    counted = {origin: len(board.of(origin)) for origin in Origin}
    models = [f"{count} {origin.value}" for origin, count in counted.items() if count]
    formula = "as published" if board.mode is Mode.OFFICIAL else "corrected"
    splits = dict.fromkeys(each.split or "not named" for each in board.standings)
    return f"Models: {', '.join(models)}  ·  split {', '.join(splits)}  ·  formula {formula}  ·  ratings from 0 to 5"


def _sections(board: Board) -> Iterator[tuple[str, str, Element]]:
    """Anchor, short name, and the section."""
    drawn = {
        figure.name: (figure, narrow)
        for figure, narrow in zip(figures_of(board, WIDE), figures_of(board, NARROW), strict=True)
    }
    standings = board.standings
    yield _section(
        "standings",
        "Standings",
        "Standings",
        "By the macro mean: of the datasets' means. Under each number, the 95 % interval that it has. A rank is among "
        "models that are rated on the same samples by the same formula; the others stand below, each for itself.",
        _notes(board),
        el("div", tables.standings_table(board), class_="sheet"),
    )
    yield _section(
        "intervals",
        "Intervals",
        "Means and their intervals",
        "Intervals are of resampled samples. The line on the right joins neighbours that the samples, compared one by "
        "one, don't tell apart; published and measured models are never joined.",
        _drawing(drawn["intervals"]),
        _numbers(tables.intervals_table(standings)),
    )
    yield _section(
        "datasets",
        "Datasets",
        "By dataset",
        "Mean ratings, datasets by domain. The mark at the left of a row is blue for measured models.",
        _drawing(drawn["datasets"]),
        _numbers(tables.datasets_table(standings)),
        _numbers(tables.drawn_table(standings), "Programs that give a picture, by dataset"),
    )
    yield _section(
        "domains",
        "Domains",
        "By domain",
        "The mean of the datasets' means of a domain. The pale shape is the best of all models in each.",
        _drawing(drawn["domains"]),
        _numbers(tables.domains_table(standings)),
    )
    yield _section(
        "rendered",
        "Drawn",
        "Programs that give a picture",
        "Of all programs that could be tried; failures of the machine's are no model's.",
        _drawing(drawn["rendered"]),
        _numbers(tables.rendered_table(standings)),
    )
    if board.pairs:
        yield _compared(board, drawn)
    if "failures" in drawn:
        yield _section(
            "failures",
            "Failures",
            "Why programs give no picture",
            "By the paper's classes, a timeout among the others; bars are shares of the programs that were tried.",
            _drawing(drawn["failures"]),
            _numbers(tables.failures_table(standings)),
        )
    if board.runs:
        yield "gallery", "Gallery", _gallery()


def _compared(board: Board, drawn: Mapping[str, tuple[Figure, Figure]]) -> tuple[str, str, Element]:
    parts: list[Child] = []
    for group in _groups(board):
        origin, places = group.origin.value, group.places
        parts.append(_drawing(drawn[f"differences{group.suffix}"], f"Differences, {origin}: row minus column"))
        parts.append(_numbers(tables.pairs_table(group.pairs), f"The differences in numbers, {origin}"))
        if places:
            counted = f"{places[0].n:,} samples that all of them have ratings of"
            heading = f"Ranks, {origin}: per cent of resamples, of {counted}"
            parts.append(_drawing(drawn[f"ranks{group.suffix}"], heading))
            parts.append(_numbers(tables.ranks_table(places), f"The ranks in numbers, {origin}"))
    return _section(
        "compared",
        "Differences",
        "Differences and ranks",
        "Models are compared sample by sample, over all ratings. A difference in brackets, or ≈, has an interval that "
        "holds 0. A frame is around the rank that the samples themselves give.",
        *parts,
    )


def _section(anchor: str, short: str, title: str, lead: str, *parts: Child) -> tuple[str, str, Element]:
    children = (el("h2", title, id=f"{anchor}-title"), el("p", lead, class_="lead"), *parts)
    return anchor, short, el("section", *children, id=anchor, aria_labelledby=f"{anchor}-title")


def _notes(board: Board) -> Element | None:
    if not board.notes:
        return None
    sentences = el("ul", *(el("li", el("bdi", note)) for note in board.notes))
    return el("aside", el("h2", "Before comparing"), sentences, class_="notes")


def _drawing(drawn: tuple[Figure, Figure], title: str = "") -> Element:
    wide, narrow = drawn
    # A figure that can't be narrower scrolls in its frame.
    both = [wide.element()] if narrow.width >= wide.width else [wide.element(), narrow.element("-narrow")]
    marked = [
        Element(each.tag, each.children, tuple(_with_class(each, name)))
        for each, name in zip(both, ("wide", "narrow"), strict=False)
    ]
    heading = el("h3", title) if title else None
    frame = el("div", *marked, class_="scroller", tabindex=0, role="region", aria_label=title or wide.title)
    return el("figure", heading, frame, class_="sheet")


def _with_class(each: Element, name: str) -> Iterator[tuple[str, Value]]:
    for key, value in each.attributes:
        yield key, f"{value} {name}" if key == "class" else value


def _numbers(table: Element, title: str = "The same in numbers") -> Element:
    frame = el("div", table, class_="scroller", tabindex=0, role="region", aria_label=title)
    return el("details", el("summary", title), frame, class_="numbers")


def _gallery() -> Element:
    return el(
        "section",
        el("h2", "Gallery", id="gallery-title"),
        el("p", "What each measured model made of each sample; a card opens to what was said of it.", class_="lead"),
        el(
            "div",
            _choice("search", "Search", el("input", id="search", type="search", autocomplete="off")),
            _choice("model", "Model", el("select", id="model")),
            _choice("dataset", "Dataset", el("select", id="dataset")),
            _choice("outcome", "Outcome", el("select", id="outcome")),
            el("span", "Rating ", _bound("low", "at least"), " to ", _bound("high", "at most"), class_="choice"),
            _choice("order", "Order", el("select", id="order")),
            el("p", id="shown", role="status"),
            class_="tools",
        ),
        el("div", id="cards"),
        el("noscript", el("p", "The gallery needs JavaScript; everything above does not.")),
        id="gallery",
        aria_labelledby="gallery-title",
    )


def _choice(name: str, label: str, control: Element) -> Element:
    return el("label", el("span", label), control, class_="choice", for_=name)


def _bound(name: str, told: str) -> Element:
    return el("input", id=name, type="number", min=0, max=5, step=0.1, aria_label=f"Rating, {told}")
