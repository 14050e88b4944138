"""ChartMimic's low-level scores, as functions of what two charts hold.

Yang et al., ChartMimic: Evaluating LMM's Cross-Modal Reasoning Capability via Chart-to-Code Generation, 2024.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ._ciede2000 import color_similarity
from ._facts import Unscorable
from ._pairing import assigned

Entry = tuple[str, str]
"""A plotting function and a colour it drew in: ``#RRGGBB`` or the name of a colormap."""
MANY_COLORS = 10
"""Above as many entries, those like earlier ones are left out."""
ALIKE = 0.7
MAX_PAIRS = 4_000_000
"""Pairs of colours of one function that can be assigned in a second or two."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How much of the candidate's things, and of the reference's, the other side has; all in 0..1."""

    precision: float = 0.0
    recall: float = 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean; 0 where nothing agrees."""
        if self.precision + self.recall == 0:
            return 0.0
        return 2 * self.precision * self.recall / (self.precision + self.recall)


def multiset_scores(reference: Iterable[Hashable], candidate: Iterable[Hashable]) -> Agreement:
    """Agreement of strings, or of places of axes: equal ones match, each once; 0 where either side has none."""
    wanted, given = Counter(reference), Counter(candidate)
    if not wanted or not given:
        return Agreement()
    matched = (wanted & given).total()
    return Agreement(matched / given.total(), matched / wanted.total())


def type_scores(
    reference: Mapping[str, int], candidate: Mapping[str, int], *, previous: Agreement | None = None
) -> Agreement:
    """Agreement of chart types: function → how often it was called.

    Args:
        reference: of the reference.
        candidate: of the candidate.
        previous: the agreement that the published evaluator computed last. It returns that again, which may be any
            other chart's, for a candidate that calls nothing it knows; by default nothing came before.
    """
    if not candidate:
        return previous or Agreement()
    matched = sum(min(count, reference.get(name, 0)) for name, count in candidate.items())
    recall = matched / sum(reference.values()) if reference else 0.0
    return Agreement(matched / sum(candidate.values()), recall)


def color_scores(
    reference: Sequence[Entry], candidate: Sequence[Entry], *, none_may_be_wanted: bool = False
) -> Agreement:
    """Agreement of colours: those of the same function are assigned to each other so that they are most alike.

    Two colours are alike by 1 - dE2000 / 100, at least 0; two colormaps if their names are the same; nothing else is.

    Args:
        reference: of the reference, without repetitions.
        candidate: likewise.
        none_may_be_wanted: whether a reference without colours scores 0; the published evaluator ends with a division
            by zero unless its path says ``box``.

    Raises:
        Unscorable: the reference has no colours, or a function drew in more than 2 000 on both sides,
            or as many pairs otherwise.
    """
    if not reference and not none_may_be_wanted:
        raise Unscorable("the reference draws in no colour that is read: the published evaluator divides by zero")
    wanted, given = _by_function(reference), _by_function(candidate)
    alike = sum(_assigned(wanted[name], given[name]) for name in given if name in wanted)
    return Agreement(*(alike / len(side) if side else 0.0 for side in (candidate, reference)))


def thinned(entries: Sequence[Entry], *, order: Sequence[int] | None = None) -> list[Entry]:
    """The entries that are compared: all up to ten; of more, those like none kept before, whatever function drew them.

    The published evaluator goes through them in the order of a set, another in every process unless PYTHONHASHSEED is
    given, and so do its scores differ from run to run.

    Args:
        entries: without repetitions, in the order drawn.
        order: indices of ``entries`` in the order to go through them; by default as drawn.
    """
    ordered = [entries[index] for index in order] if order is not None else list(entries)
    if len(ordered) <= MANY_COLORS:
        return ordered
    kept: dict[str, int] = {}
    shades = []
    for index, entry in enumerate(ordered):
        if _color(entry).startswith("#"):
            shades.append(index)
        else:
            kept.setdefault(_color(entry), index)
    return [ordered[index] for index in sorted([*kept.values(), *_unlike(ordered, shades)])]


def _unlike(entries: Sequence[Entry], indices: Sequence[int]) -> list[int]:
    """The indices of colours unlike all that are taken before them."""
    import numpy as np

    left, kept = np.array(indices, int), []
    rgb = np.array([_rgb(_color(entries[index])) for index in indices]).reshape(-1, 3)
    while left.size:
        kept.append(int(left[0]))
        unlike = color_similarity(rgb, rgb[:1]) <= ALIKE
        # The first is like itself, so that there is one less each time.
        left, rgb = left[unlike], rgb[unlike]
    return kept


def _by_function(entries: Sequence[Entry]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for entry in entries:
        groups.setdefault(entry[0], []).append(_color(entry))
    return groups


def _color(entry: Entry) -> str:
    # Function and colour travel as one text with two dashes between, so that a name ends at two dashes of its own.
    return entry[1].partition("--")[0]


def _assigned(reference: list[str], candidate: list[str]) -> float:
    """The sum of similarities under the best assignment."""
    wanted, given = ([_rgb(color) for color in side if color.startswith("#")] for side in (reference, candidate))
    named = [Counter(color for color in side if not color.startswith("#")) for side in (reference, candidate)]
    same_names = (named[0] & named[1]).total()
    if not wanted or not given:
        return float(same_names)
    if len(wanted) * len(given) > MAX_PAIRS:
        raise Unscorable(f"{len(wanted)} and {len(given)} colours of one function are more than can be compared")
    import numpy as np

    alike = color_similarity(np.array(wanted)[:, None], np.array(given)[None])
    return float(alike[assigned(alike, maximize=True)].sum()) + same_names


def _rgb(color: str) -> tuple[int, int, int]:
    red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    return red, green, blue
