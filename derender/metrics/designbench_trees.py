"""DesignBench's scores of edits by syntax trees: whether the same places were edited (CMLS), and to the same (CMCS).

Trees are nested dicts and lists as JSON has them: of pages parse5's, which `cmls` makes itself; of React, Vue and
Angular those of their own parsers, which callers bring to `edits`.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from ._bleu import ngrams
from ._facts import Facts, Unscorable, fact
from ._metric import Part, Values, metric
from ._parse5 import Json, parse5_tree
from ._soup import page_source

MOST_STEPS = 500_000
LEVELS = 3
"""Steps of the way to an edited place that are compared."""
_PLACES = frozenset({"loc", "start", "end", "range", "tokens", "comments"})
_KEYWORDS = frozenset(
    {
        "function",
        "const",
        "let",
        "var",
        "return",
        "if",
        "else",
        "className",
        "onClick",
        "useState",
        "useEffect",
        "import",
        "export",
        "class",
        "extends",
        "render",
        "props",
        "state",
    }
)


class Edit(NamedTuple):
    """One difference of two trees.

    Attributes:
        kind: insert, delete or update.
        way: the first three steps from the root to its place, dotted.
        content: what was put in or taken out, or both sides of an update, each cut off.
    """

    kind: str
    way: str
    content: str


def edits(before: Json, after: Json) -> list[Edit]:
    """The differences of two trees, place by place: what stands at one index of both lists is compared.

    Keys are gone through in the order of ``before``, then of ``after``; in the published code in no fixed one.

    Raises:
        Unscorable: the trees are too large.
    """
    found: list[Edit] = []
    waiting: list[tuple[Json, Json, tuple[str, ...]]] = [(before, after, ())]
    for _ in range(MOST_STEPS):
        if not waiting:
            return found
        old, new, way = waiting.pop()
        if isinstance(old, dict) and isinstance(new, dict):
            if old.get("type") != new.get("type"):
                found.append(Edit("update", _dotted(way), f"{old.get('type')} {new.get('type')}"))
            keys = [key for key in dict.fromkeys((*old, *new)) if key not in _PLACES]
            waiting += [(old.get(key), new.get(key), (*way, key)) for key in reversed(keys)]
        elif isinstance(old, list) and isinstance(new, list):
            waiting += reversed([(*pair, (*way, step)) for *pair, step in _paired(old, new)])
        elif old is None or new is None or old != new:
            found += _edit(old, new, _dotted(way))
    raise Unscorable(f"the trees have over {MOST_STEPS} places to compare")


def cmls(reference: Sequence[Edit], candidate: Sequence[Edit]) -> float:
    """Code match location score: edits of one kind at the same place, of the longer list, 0 to 1, higher is better.

    1 where there is no edit on either side; rounded to four digits.
    """
    if not reference and not candidate:
        return 1.0
    return round(len(matched(reference, candidate)) / max(len(reference), len(candidate)), 4)


def matched(reference: Sequence[Edit], candidate: Sequence[Edit]) -> list[tuple[Edit, Edit]]:
    """Pairs of edits of one kind at the same place, each edit in one pair at most, in the reference's order."""
    places: defaultdict[tuple[str, str], list[Edit]] = defaultdict(list)
    for edit in reversed(candidate):
        places[edit.kind, edit.way].append(edit)
    return [(edit, places[edit.kind, edit.way].pop()) for edit in reference if places[edit.kind, edit.way]]


def cmcs(reference: Sequence[Edit], candidate: Sequence[Edit], syntax_match: float = 1.0) -> float:
    """Code match content score: CMLS times the CodeBLEU of what matched edits hold, 0 to 1, higher is better.

    Args:
        reference: its edits.
        candidate: its edits.
        syntax_match: overlap of the kinds of nodes in both trees after the edit, see `type_overlap`.
    """
    if not reference and not candidate:
        return 1.0
    pairs = matched(reference, candidate)
    wanted, given = (" ".join(pair[side].content for pair in pairs) for side in (0, 1))
    content = codebleu(wanted, given, syntax_match) if wanted and given else 0.0
    return cmls(reference, candidate) * content


def codebleu(reference: str, candidate: str, syntax_match: float) -> float:
    """DesignBench's own CodeBLEU: a quarter each BLEU, tokens with keywords twice, syntax, and names; 0 to 1."""
    wanted, given = _tokens(reference), _tokens(candidate)
    parts = (round(_bleu(wanted, given), 4), _weighted(wanted, given), syntax_match, _names_match(reference, candidate))
    return round(0.25 * parts[0] + 0.25 * parts[1] + 0.25 * parts[2] + 0.25 * parts[3], 4)


def type_overlap(one: Json, other: Json) -> float:
    """Overlap of two trees' kinds of nodes, each as often as it occurs, 0 to 1; 1 where neither has any, as in HTML."""
    ours, theirs = Counter(_types(one)), Counter(_types(other))
    return (ours & theirs).total() / (ours | theirs).total() if ours or theirs else 1.0


@fact(of_program=True, tools=("selectolax",))
def parse5(facts: Facts) -> dict[str, Json]:
    """The page's tree as parse5 gives it."""
    return parse5_tree(page_source(facts))


@fact(of_program=True, tools=("selectolax",))
def original_parse5(facts: Facts) -> dict[str, Json] | None:
    """The tree of the page before the edit, where it is known."""
    return None if facts.original is None else parse5_tree(facts.original)


@metric(
    "cmls",
    (Part("cmls"), Part("cmcs")),
    needs=(parse5, original_parse5),
    source="DesignBench (Xiao et al. 2025), metric_ast.py, for pages in plain HTML",
    cost_ms=10.0,
    family="pages",
    default=False,
)
def cmls_metric(reference: Facts, candidate: Facts) -> Values:
    """Whether two edits of a page changed the same places of its tree (CMLS), and to the same (CMCS), as DesignBench's.

    Needs the page before the edit, as the original of either side. Places are told apart by three steps from the root
    and list elements by their index, so that most edits of a page are at one place. CMCS depends on the order of a
    set there and differs from run to run; here it has one order.
    """
    before = reference[original_parse5] or candidate[original_parse5]
    if before is None:
        raise Unscorable("cmls compares two edits of one page, and the page before the edit was not given")
    wanted, given = (edits(before, side[parse5]) for side in (reference, candidate))
    overlap = type_overlap(reference[parse5], candidate[parse5])
    return {"cmls": cmls(wanted, given), "cmcs": cmcs(wanted, given, overlap)}


def _paired(old: list[Json], new: list[Json]) -> Iterator[tuple[Json, Json, str]]:
    """What of two lists is compared with what, and the step there; None stands for nothing."""
    if not all(map(_plain, (*old, *new))):
        both = min(len(old), len(new))
        yield from ((old[index], new[index], str(index)) for index in range(both))
        yield from ((_something(old[index]), None, str(index)) for index in range(both, len(old)))
        yield from ((None, _something(new[index]), str(index)) for index in range(both, len(new)))
    elif old and new:
        # Lists of plain values are aligned first; if one is empty the other goes unseen, as there.
        for tag, i, i_end, j, j_end in SequenceMatcher(None, old, new).get_opcodes():
            if tag == "replace":
                yield from ((old[a], new[b], str(a)) for a, b in zip(range(i, i_end), range(j, j_end), strict=False))
            elif tag != "equal":
                yield from ((_something(old[a]), None, str(a)) for a in range(i, i_end))
                yield from ((None, _something(new[b]), str(b)) for b in range(j, j_end))


def _edit(old: Json, new: Json, way: str) -> list[Edit]:
    if old is None and new is None:
        return []
    if old is None:
        return [Edit("insert", way, _written(new)[:100])]
    if new is None:
        return [Edit("delete", way, _written(old)[:100])]
    return [Edit("update", way, f"{_written(old)[:50]} {_written(new)[:50]}")]


def _written(value: Json) -> str:
    try:
        return str(value)
    except RecursionError:
        raise Unscorable("a tree is nested too deeply to be written down") from None


def _dotted(way: tuple[str, ...]) -> str:
    return ".".join(way[:LEVELS])


def _plain(value: Json) -> bool:
    return not isinstance(value, dict | list)


def _something(value: Json) -> Json:
    """The value; of a null, which is put in or taken out like any other, its name."""
    return "None" if value is None else value


def _types(tree: Json) -> Iterator[str]:
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if "type" in node:
                yield str(node["type"])
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node


def _tokens(code: str) -> list[str]:
    return re.findall(r"\w+|[^\w\s]", code)


def _bleu(reference: list[str], candidate: list[str]) -> float:
    logs = []
    for order in (1, 2, 3, 4):
        wanted, given = ngrams(reference, order), ngrams(candidate, order)
        found = (wanted & given).total()
        if not found:
            return 0.0
        logs.append(math.log(found / given.total()))
    brevity = 1.0 if len(candidate) > len(reference) else math.exp(1 - len(reference) / len(candidate))
    return brevity * math.exp(sum(logs) / len(logs))


def _weighted(reference: list[str], candidate: list[str]) -> float:
    wanted, given = (_heavy(tokens) for tokens in (reference, candidate))
    return (wanted & given).total() / given.total() if given else 0.0


def _heavy(tokens: list[str]) -> Counter[str]:
    return Counter({token: count * (2 if token in _KEYWORDS else 1) for token, count in Counter(tokens).items()})


def _names_match(reference: str, candidate: str) -> float:
    """Mean overlap of the names declared, called, and read as properties."""
    overlaps = []
    for pattern in (r"(?:const|let|var)\s+(\w+)", r"(\w+)\s*\(", r"\.(\w+)"):
        wanted, given = (set(re.findall(pattern, code)) for code in (reference, candidate))
        overlaps.append(len(wanted & given) / len(wanted | given) if wanted or given else 1.0)
    return (overlaps[0] + overlaps[1] + overlaps[2]) / 3.0
