"""How alike two programs' texts are: BLEU, ROUGE, and the BLEU that knows HTML.

Texts say little of what is drawn: two programs with nothing in common may draw the same picture.
"""

import re
from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Sequence
from statistics import fmean

from ._bleu import bleu, brevity, corpus_bleu, method_4, rouge_l, rouge_n
from ._dom import Dom, dom
from ._facts import Facts, Unscorable, fact
from ._metric import Part, Values, metric

__all__ = ["bleu", "code_tokens", "corpus_bleu", "rouge_l", "rouge_n", "sentence_bleu", "split_code", "weighted_bleu"]

MOST_CHARACTERS = 300_000
RARE = 0.2
"""What a token weighs that is no name of an element or attribute; those weigh 1."""
_TOKEN = re.compile(r"\w+|[^\w\s]")


def split_code(source: str) -> list[str]:
    """Tokens of a program in any language: runs of letters, digits and underscores, and every other sign alone."""
    return _TOKEN.findall(source)


@fact(of_program=True)
def code_tokens(facts: Facts) -> tuple[str, ...]:
    """The program's tokens in order, see `split_code`."""
    source = facts.source
    if len(source) > MOST_CHARACTERS:
        raise Unscorable(f"the program has {len(source)} characters; up to {MOST_CHARACTERS} are compared")
    return tuple(split_code(source))


def sentence_bleu(reference: tuple[str, ...], candidate: tuple[str, ...], order: int = 4) -> float:
    """BLEU of one text up to an order of n-grams, smoothed, 0 to 1, higher is better.

    Orders longer than the candidate don't count.

    Raises:
        Unscorable: the reference is empty.
    """
    if not reference:
        raise Unscorable("the reference is empty")
    order = max(1, min(order, len(candidate)))
    return bleu(reference, candidate, (1 / order,) * order, method_4)


@metric(
    "bleu",
    (Part("bleu"), Part("bleu_1"), Part("bleu_2"), Part("bleu_3")),
    needs=(code_tokens,),
    source="Papineni et al., ACL 2002; NLTK's, smoothed by Chen and Cherry's method 4",
    cost_ms=3.0,
    family="code",
    default=False,
)
def bleu_metric(reference: Facts, candidate: Facts) -> Values:
    """BLEU of the programs' tokens, up to four, one, two and three of them in a row.

    Tokens are words and single signs, in any language. Orders longer than the candidate don't count, so that a short
    program can equal itself.
    """
    wanted, given = reference[code_tokens], candidate[code_tokens]
    orders = {"bleu": 4, "bleu_1": 1, "bleu_2": 2, "bleu_3": 3}
    return {part: sentence_bleu(wanted, given, order) for part, order in orders.items()}


@metric(
    "rouge",
    (Part("rouge_1"), Part("rouge_2"), Part("rouge_l")),
    needs=(code_tokens,),
    source="Lin, ACL 2004: F1 of tokens, of pairs of them, and of the longest common subsequence",
    cost_ms=3.0,
    family="code",
    symmetric=True,
    default=False,
)
def rouge_metric(reference: Facts, candidate: Facts) -> Values:
    """ROUGE-1, ROUGE-2 and ROUGE-L of the programs' tokens: the harmonic mean of precision and recall."""
    wanted, given = reference[code_tokens], candidate[code_tokens]
    if not wanted:
        raise Unscorable("the reference is empty")
    return {
        "rouge_1": _f1(*rouge_n(wanted, given, 1)),
        "rouge_2": _f1(*rouge_n(wanted, given, 2)) if len(wanted) > 1 else None,
        "rouge_l": _f1(*rouge_l(wanted, given)),
    }


def weighted_bleu(reference: Sequence[str], candidate: Sequence[str], heavy: Collection[str]) -> float:
    """BLEU of single tokens, 0 to 1, of which those in ``heavy``, in small letters, weigh 1 and the others 0.2."""

    def weight(tokens: Counter[str]) -> float:
        return sum(count * (1.0 if token.lower() in heavy else RARE) for token, count in tokens.items())

    wanted, given = Counter(reference), Counter(candidate)
    return brevity(len(reference), len(candidate)) * weight(wanted & given) / weight(given) if given else 0.0


@metric(
    "html_bleu",
    (Part("html_bleu"), Part("bleu"), Part("weighted_bleu"), Part("dom_match"), Part("attribute_match")),
    needs=(code_tokens, dom),
    source="htmlBLEU as described by Soselia et al. 2023 (ViCT), after CodeBLEU; their code is not public",
    cost_ms=6.0,
    family="pages",
    default=False,
)
def html_bleu(reference: Facts, candidate: Facts) -> Values:
    """Mean of four: BLEU, BLEU with heavy names, elements with their children, elements with their attributes.

    The paper leaves open what is said here: in the second, which looks at single tokens, names of the reference's
    elements and attributes weigh five times as much as other tokens; the third and fourth are the shares of the
    reference's elements with children, and of its elements, that the candidate has.
    """
    wanted, given = reference[code_tokens], candidate[code_tokens]
    page, other = reference[dom], candidate[dom]
    values = {
        "bleu": sentence_bleu(wanted, given),
        "weighted_bleu": weighted_bleu(wanted, given, _names(page)),
        "dom_match": _recall(page.families(), other.families()),
        "attribute_match": _recall(page.elements(), other.elements()),
    }
    return {"html_bleu": fmean(values.values()), **values}


def _names(page: Dom) -> frozenset[str]:
    return frozenset(page.tags) | {name.lower() for attributes in page.attributes for name, _ in attributes}


def _recall(wanted: Iterable[Hashable], given: Iterable[Hashable]) -> float:
    reference = Counter(wanted)
    return (reference & Counter(given)).total() / reference.total()


def _f1(precision: float | None, recall: float | None) -> float:
    return 2 * precision * recall / (precision + recall) if precision and recall else 0.0
