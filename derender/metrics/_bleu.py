"""BLEU and ROUGE over tokens; pure functions, any tokens that can be hashed."""

import math
import sys
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Sequence
from typing import TypeAlias

Tokens: TypeAlias = "Sequence[Hashable]"
Smoothing: TypeAlias = "Callable[[list[tuple[int, int]], int], list[float]]"
"""(matches and n-grams of each order, the candidates' tokens together) → precision of each order."""

UNIFORM = (0.25, 0.25, 0.25, 0.25)


def ngrams(tokens: Tokens, order: int) -> Counter[tuple[Hashable, ...]]:
    """Runs of ``order`` tokens → how often each occurs."""
    return Counter(zip(*(tokens[skip:] for skip in range(order)), strict=False))


def no_smoothing(precisions: list[tuple[int, int]], _: int) -> list[float]:
    """Matches by n-grams; where there is no match, the least number there is, as NLTK has it."""
    return [matches / count if matches else sys.float_info.min for matches, count in precisions]


def method_4(precisions: list[tuple[int, int]], length: int) -> list[float]:
    """Chen and Cherry's method 4 (WMT 2014), as NLTK has it: orders without a match get less the longer the text is."""
    smoothed, misses = [], 0
    for matches, count in precisions:
        if matches == 0 and length > 1:
            misses += 1
            smoothed.append(1 / (2**misses * 5 / math.log(length)) / count)
        else:
            smoothed.append(matches / count)
    return smoothed


def bleu(
    reference: Tokens,
    candidate: Tokens,
    weights: Sequence[float] = UNIFORM,
    smoothing: Smoothing = no_smoothing,
) -> float:
    """BLEU of one text (Papineni et al., ACL 2002), 0 to 1, higher is better; see `corpus_bleu`."""
    return corpus_bleu([reference], [candidate], weights, smoothing)


def corpus_bleu(
    references: Sequence[Tokens],
    candidates: Sequence[Tokens],
    weights: Sequence[float] = UNIFORM,
    smoothing: Smoothing = no_smoothing,
    *,
    ignoring: Collection[tuple[Hashable, ...]] = frozenset(),
) -> float:
    """BLEU of many texts with a reference each, 0 to 1, higher is better, equal to NLTK's.

    Args:
        references: tokens of each.
        candidates: tokens of each, in the same order.
        weights: of the orders of n-grams, from single tokens on.
        smoothing: what is made of orders without a match.
        ignoring: n-grams that count nowhere, as in CrystalBLEU (Eghbali and Pradel, ASE 2022).

    Raises:
        ValueError: not as many references as candidates.
    """
    precisions = []
    for order in range(1, len(weights) + 1):
        counts = [_matches(*pair, order, ignoring) for pair in zip(references, candidates, strict=True)]
        precisions.append((sum(matches for matches, _ in counts), sum(count for _, count in counts)))
    if not precisions or precisions[0][0] == 0:
        return 0.0
    length = sum(map(len, candidates))
    shares = smoothing(precisions, length)
    logs = [weight * math.log(share) for weight, share in zip(weights, shares, strict=True) if share > 0]
    return brevity(sum(map(len, references)), length) * math.exp(math.fsum(logs))


def rouge_n(reference: Tokens, candidate: Tokens, order: int) -> tuple[float | None, float | None]:
    """ROUGE-N (Lin, ACL 2004): precision and recall of n-grams, each as often as it occurs; None of no n-grams."""
    wanted, given = ngrams(reference, order), ngrams(candidate, order)
    matched = (wanted & given).total()
    return _share(matched, given.total()), _share(matched, wanted.total())


def rouge_l(reference: Tokens, candidate: Tokens) -> tuple[float | None, float | None]:
    """ROUGE-L (Lin, ACL 2004): the longest common subsequence's share of the candidate and of the reference."""
    common = common_subsequence(reference, candidate)
    return _share(common, len(candidate)), _share(common, len(reference))


def common_subsequence(one: Tokens, other: Tokens) -> int:
    """Length of the longest common subsequence, one row of the table at a time as the bits of a number (Hyyrö 2004)."""
    places: dict[Hashable, int] = {}
    for place, token in enumerate(one):
        places[token] = places.get(token, 0) | 1 << place
    full = (1 << len(one)) - 1
    row = full
    for token in other:
        matched = row & places.get(token, 0)
        row = (row + matched | row - matched) & full
    return len(one) - row.bit_count()


def brevity(wanted: int, given: int) -> float:
    """What BLEU takes off for being shorter than the reference, from their numbers of tokens; 1 for nothing."""
    if given > wanted:
        return 1.0
    return math.exp(1 - wanted / given) if given else 0.0


def _matches(
    reference: Tokens, candidate: Tokens, order: int, ignoring: Collection[tuple[Hashable, ...]]
) -> tuple[int, int]:
    """How many n-grams of the candidate the reference has, and how many there are, 1 at least."""
    wanted, given = ngrams(reference, order), ngrams(candidate, order)
    if ignoring:
        given = Counter({gram: count for gram, count in given.items() if gram not in ignoring})
    return (wanted & given).total(), max(1, given.total())


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
