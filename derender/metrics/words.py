"""Agreement of words: what can be read in both pictures."""

import unicodedata
from collections import Counter

from . import ocr
from ._agreement import PARTS, agreement, share
from ._facts import Fact, Facts, rgb
from ._metric import Values, metric

_SAME_TO_A_READER = str.maketrans(
    dict.fromkeys("‐‑‒–—―−⁃", "-")
    | dict.fromkeys("‘’‚‛′´`ʹʼ", "'")
    | dict.fromkeys("“”„‟″«»", '"')
    | dict.fromkeys("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff", "")
)


def normalised(text: str) -> tuple[str, ...]:
    """The words of a text: NFKC, one hyphen for all dashes and the minus, straight quotes, split at white space.

    Case counts. What is written without spaces, such as Chinese, is one word a run.
    """
    # Twice: NFKC turns an acute accent alone into a space and a mark, and small dashes into ones of the table.
    plain = unicodedata.normalize("NFKC", text.translate(_SAME_TO_A_READER))
    return tuple(plain.translate(_SAME_TO_A_READER).split())


def _words(facts: Facts) -> Counter[str]:
    runs = ocr.read_words(facts[rgb]) if facts.texts is None else facts.texts
    return Counter(word for run in runs for word in normalised(run))


words = Fact("words", _words, at_hand=lambda facts: facts.texts is not None or ocr.installed())
"""Word → how often it can be read: from the renderer's text layer where there is one, by OCR otherwise."""


@metric(
    "words",
    PARTS,
    needs=(words,),
    source="precision and recall of the multiset of words, as in OCR evaluation",
    cost_ms=1000.0,
    family="text",
)
def word_agreement(reference: Facts, candidate: Facts) -> Values:
    """Share of the words found in the other picture, wherever they stand.

    Precision is of the candidate's words, recall of the reference's; a word counts as often as it occurs on both
    sides. Unscored when neither picture has a word. Costs 0.1 ms where the words are known from rendering and a
    second or so where they are read by OCR. OCR mistakes some, so a picture whose words are known gets less than 1
    against the same picture read.
    """
    wanted, given = reference[words], candidate[words]
    found = (wanted & given).total()
    return agreement(share(found, given.total()), share(found, wanted.total()), "a word")
