"""WebCode2M's scores of what a page says: BLEU-1 and ROUGE-1 recall of its visible words."""

from collections.abc import Sequence

from ._bleu import bleu, method_4
from ._facts import Facts, Unscorable
from ._metric import Difference, Part, Values, metric
from .dom import visible_words


def bleu_1(reference: Sequence[str], candidate: Sequence[str]) -> float:
    """NLTK's BLEU of single words, 0 to 1, higher is better."""
    return bleu(reference, candidate, (1.0, 0.0, 0.0, 0.0), method_4)


def rouge_1_recall(reference: Sequence[str], candidate: Sequence[str]) -> float:
    """Share of the reference's distinct words that the candidate has, as the package ``rouge`` counts them.

    Words are cut at full stops too, which are left out; 0 to 1, higher is better.

    Raises:
        Unscorable: one has nothing but full stops, which is an error there.
    """
    wanted, given = _cut_at_stops(reference), _cut_at_stops(candidate)
    if not wanted or not given:
        raise Unscorable(f"the {'candidate' if wanted else 'reference'} has no words; WebCode2M drops such pairs")
    return len(wanted & given) / len(wanted)


def _fixed(reference: Facts, candidate: Facts) -> Values:
    wanted, given = reference[visible_words], candidate[visible_words]
    if not wanted:
        raise Unscorable("the reference has no words")
    return {"bleu_1": bleu_1(wanted, given), "rouge_1": len({*wanted} & {*given}) / len({*wanted})}


@metric(
    "webcode2m_text",
    (Part("bleu_1"), Part("rouge_1")),
    needs=(visible_words,),
    source="WebCode2M (Gui et al. 2025), evaluator: NLTK's sentence BLEU, ROUGE-1 recall of the package rouge",
    cost_ms=4.0,
    family="text",
    default=False,
    fixed=_fixed,
    differences=(
        Difference(
            "no words",
            official="a page without words is an error, and left out of the mean",
            fixed="a candidate without words gets 0",
            example="<html><p></p></html> against <html><p>hi</p></html>: official unscored, fixed 0",
        ),
        Difference(
            "full stops",
            official="for ROUGE words are cut at full stops: 3.14 is a 3 and a 14",
            fixed="words are what stands between white space",
            example="'3.14' against '14.3': official ROUGE-1 1.0, fixed 0.0",
        ),
    ),
)
def webcode2m_text(reference: Facts, candidate: Facts) -> Values:
    """BLEU-1 and ROUGE-1 recall of the words in the pages' text, as WebCode2M's.

    Pairs with a page without words, where its code fails, are unscored. So is nothing else: that code also fails on
    texts of thousands of words without a full stop, by its recursion limit, which is not imitated.
    """
    wanted, given = reference[visible_words], candidate[visible_words]
    rouge_1 = rouge_1_recall(wanted, given)
    return {"bleu_1": bleu_1(wanted, given), "rouge_1": rouge_1}


def _cut_at_stops(words: Sequence[str]) -> set[str]:
    """Distinct words; what lies between two stops with but white space between them is the word of no letters."""
    pieces = [" ".join(piece.split()) for piece in " ".join(words).split(".") if piece]
    return {word for piece in pieces for word in piece.split(" ")}
