"""DeTikZify's scores of TikZ code: CrystalBLEU, the TeX edit distance, and how much sampling a result took.

Both compare tokens of Pygments' TeX lexer, comments left out. The published figures are of whole test sets: one BLEU
over all (`crystalbleu`, with lists), and the mean of the distances.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import accumulate
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING

from derender.core import Missing

from ._bleu import corpus_bleu
from ._facts import Fact, Facts, Unscorable, fact
from ._metric import Part, Values, metric
from ._weights import VARIABLE, MissingWeights, own_folder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from pygments.token import _TokenType

MOST_CHARACTERS = 100_000
MOST_CELLS = 50_000_000
"""Of the edit distance's table; a few seconds."""
SHARED, ORDERS = 500, 4
FEW_STEPS = 12
"""Places that are reached for a deletion in a row, as far as is common."""
JUMP, COVERAGE, DELETION, INSERTION = 2.0, 0.3, 0.2, 1.0
WINSORISED = 0.05
NGRAMS_FILE = "crystalbleu/datikz.json"

_ENGLISH = (
    (r"\s+", " "),
    (r"(\d) ([.,]) (\d)", r"\1\2\3"),
    (r"(Dr|Jr|Prof|Rev|Gen|Mr|Mt|Mrs|Ms) .", r"\1."),
)
_ABBREVIATIONS = (("e . g .", "e.g."), ("i . e .", "i.e."), ("U . S .", "U.S."))


def crystalbleu(
    references: Sequence[str], candidates: Sequence[str], shared: Collection[tuple[object, ...]] = frozenset()
) -> float:
    """CrystalBLEU (Eghbali and Pradel, ASE 2022) of TeX programs as one corpus, 0 to 1, higher is better.

    Args:
        references: programs.
        candidates: programs, in the same order.
        shared: n-grams that programs have in common anyway, which don't count; see `shared_ngrams`.

    Raises:
        Unscorable: a program is too long.
        Missing: sacremoses is absent.
    """
    return corpus_bleu(
        [moses_tokens(each) for each in references], [moses_tokens(each) for each in candidates], ignoring=shared
    )


def shared_ngrams(corpus: Iterable[str], most: int = SHARED, orders: int = ORDERS) -> list[tuple[str, ...]]:
    """The most frequent runs of one to four tokens in TeX programs; of equally frequent ones the shorter come first.

    DeTikZify takes the 500 of DaTikZ's training split. Keep them with `write_shared_ngrams` for the metric to find.
    """
    programs = [moses_tokens(program) for program in corpus]
    counts: Counter[tuple[str, ...]] = Counter()
    for order in range(1, orders + 1):
        for tokens in programs:
            counts.update(zip(*(tokens[skip:] for skip in range(order)), strict=False))
    return [gram for gram, _ in counts.most_common(most)]


def write_shared_ngrams(grams: Iterable[Sequence[str]], folder: Path) -> Path:
    """Write n-grams where the metric looks for them in a folder of weights; the file's path."""
    path = folder / NGRAMS_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([list(gram) for gram in grams], ensure_ascii=False), "utf-8")
    return path


def tex_edit_distance(reference: str, candidate: str) -> float:
    """TED: the Extended Edit Distance (Stanchev et al., WMT 2019) of TeX tokens, 0 to 1, lower is better.

    Raises:
        Unscorable: the programs are too long.
    """
    return extended_edit_distance(spaced_tokens(reference), spaced_tokens(candidate))


def extended_edit_distance(reference: str, candidate: str) -> float:
    """EED of two texts, character by character, 0 to 1, lower is better, with torchmetrics' costs.

    Taking out costs 0.2, putting in and replacing 1; at a space of the reference one may go on from anywhere in the
    candidate for 2; 0.3 is added for each of the candidate's places that is passed by or come back to.

    Raises:
        Unscorable: the texts are too long.
    """
    import numpy as np

    if len(reference) * len(candidate) > MOST_CELLS:
        raise Unscorable(f"texts of {len(reference)} and {len(candidate)} characters are too long for an edit distance")
    signs = np.frombuffer(candidate.encode("utf-32-le", "surrogatepass"), np.uint32)
    visits = np.full(len(candidate) + 1, -1)
    row = np.ones(len(candidate) + 1)
    row[0] = 0.0
    for sign in reference:
        below = row + INSERTION
        np.minimum(below[1:], row[:-1] + (signs != ord(sign)), out=below[1:])
        row = _with_deletions(below)
        least = int(row.argmin())
        visits[least] += 1
        if sign == " ":
            row = np.minimum(row, JUMP + row[least])
    coverage = COVERAGE * float(np.where(visits < 0, 1, visits).sum())
    return min(1.0, (float(row[-1]) + coverage) / (len(reference) + coverage))


def mean_token_efficiency(samples: Sequence[Sequence[str]]) -> float:
    """MTE: the last program's share of the characters of all that were sampled for it, as a winsorised mean, 0 to 1.

    Args:
        samples: for each picture the programs in the order they were sampled, the result last.
    """
    return winsorised_mean([len(programs[-1]) / sum(map(len, programs)) for programs in samples])


def mean_sampling_throughput(samples: Sequence[Sequence[str]]) -> float:
    """MST: how many programs were sampled for a picture in the time given, as a winsorised mean; higher is better."""
    return winsorised_mean([float(len(programs)) for programs in samples])


def winsorised_mean(numbers: Sequence[float], share: float = WINSORISED) -> float:
    """The mean, the lowest and the highest 5 % being put in line with their neighbours.

    Raises:
        ValueError: there are no numbers.
    """
    if not numbers:
        raise ValueError("there are no numbers to take the mean of")
    ranked, cut = sorted(numbers), int(share * len(numbers))
    return fmean(min(max(number, ranked[cut]), ranked[-1 - cut]) for number in numbers)


def moses_tokens(source: str) -> list[str]:
    """A TeX program's tokens for BLEU: the lexer's, of which text and names are cut as Moses cuts English."""
    from pygments.token import Comment, Name, Text

    cut = _moses()
    tokens: list[str] = []
    for kind, value in _lexed(source):
        text = value.strip()
        if text and kind in (Text, Name.Attribute, Name.Builtin):
            tokens += cut(text)
        elif text and kind is not Comment:
            tokens.append(text)
    return tokens


def spaced_tokens(source: str) -> str:
    """A TeX program's tokens for the edit distance, spaces between and around them; stops and commas stand apart."""
    from pygments.token import Comment, Text

    tokens: list[str] = []
    for kind, value in _lexed(source):
        if kind is Text:
            tokens += _english(value).split()
        elif kind is not Comment:
            tokens += value.split()
    return f" {' '.join(tokens)} "


@fact(of_program=True, tools=("sacremoses",))
def tex_tokens(facts: Facts) -> tuple[str, ...]:
    """What `moses_tokens` gives."""
    return tuple(moses_tokens(facts.source))


@fact(of_program=True)
def tex_text(facts: Facts) -> str:
    """What `spaced_tokens` gives."""
    return spaced_tokens(facts.source)


def _found_ngrams(_: Facts) -> frozenset[tuple[str, ...]]:
    places = [folder / NGRAMS_FILE for folder in own_folder()]
    for place in places:
        if place.is_file():
            return frozenset(map(tuple, json.loads(place.read_text("utf-8"))))
    raise MissingWeights(
        NGRAMS_FILE,
        places or [Path(f"${VARIABLE}") / NGRAMS_FILE],
        "python -c 'from derender.metrics.detikzify import *; write_shared_ngrams(shared_ngrams(CORPUS), FOLDER)'",
    )


datikz_ngrams = Fact("datikz_ngrams", _found_ngrams, of_program=True, weights=(NGRAMS_FILE,))
"""The n-grams that TikZ programs share anyway, from ``crystalbleu/datikz.json`` in the folder of weights."""


@metric(
    "crystalbleu",
    (Part("crystalbleu"),),
    needs=(tex_tokens, datikz_ngrams),
    source="DeTikZify (Belouadi et al. 2024), CrystalBLEU without the 500 commonest n-grams of DaTikZ's training split",
    cost_ms=20.0,
    family="documents",
    default=False,
)
def crystalbleu_metric(reference: Facts, candidate: Facts) -> Values:
    """BLEU of TeX tokens, n-grams that TikZ programs share anyway left out, as DeTikZify's.

    That is one figure for a whole test set; of a single pair it is about 0 unless four tokens in a row agree.
    """
    wanted, given, shared = reference[tex_tokens], candidate[tex_tokens], reference[datikz_ngrams]
    return {"crystalbleu": corpus_bleu([wanted], [given], ignoring=shared)}


@metric(
    "ted",
    (Part("ted", higher_is_better=False),),
    needs=(tex_text,),
    source="DeTikZify (Belouadi et al. 2024), Extended Edit Distance of torchmetrics on TeX tokens",
    cost_ms=40.0,
    family="documents",
    default=False,
)
def ted_metric(reference: Facts, candidate: Facts) -> Values:
    """Extended Edit Distance of TeX tokens, as DeTikZify's.

    Equal programs get a little more than 0: the place before the first sign is passed by, which costs 0.3.
    """
    return {"ted": extended_edit_distance(reference[tex_text], candidate[tex_text])}


def _with_deletions(below: "NDArray[np.float64]") -> "NDArray[np.float64]":
    """The row, where each place may be reached from the one before it for a deletion.

    Step by step, not as a running minimum of differences: sums of 0.2 are not multiples of it, and ties decide.
    """
    import numpy as np

    row = below
    for _ in range(FEW_STEPS):
        reached = row.copy()
        np.minimum(reached[1:], row[:-1] + DELETION, out=reached[1:])
        if (reached == row).all():
            return row
        row = reached
    # Where texts have no spaces ways may lead through the whole row, which would take as many rounds.
    return np.array([*accumulate(row.tolist(), lambda last, own: min(own, last + DELETION))])


def _english(text: str) -> str:
    text = text.rstrip()
    for stop in ".!?,":
        text = text.replace(stop, f" {stop}")
    for pattern, replacement in _ENGLISH:
        text = re.sub(pattern, replacement, text)
    for apart, together in _ABBREVIATIONS:
        text = text.replace(apart, together)
    return text


def _lexed(source: str) -> "Iterable[tuple[_TokenType, str]]":
    from pygments.lexers.markup import TexLexer

    if len(source) > MOST_CHARACTERS:
        raise Unscorable(f"the program has {len(source)} characters; up to {MOST_CHARACTERS} are compared")
    return TexLexer().get_tokens(source)


def _moses() -> "Callable[[str], list[str]]":
    try:
        from sacremoses import MosesTokenizer  # type: ignore[import-untyped]
    except ImportError:
        raise Missing("sacremoses", "pip install 'derender[metrics]'") from None
    cut: Callable[[str], list[str]] = MosesTokenizer().tokenize
    return cut
