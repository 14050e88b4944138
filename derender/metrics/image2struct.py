"""Image2Struct's other scores: pixels, structure, the edit distance of the programs, and whether there is a picture.

LaTeX and LilyPond pictures are padded to one size (`image2struct`), pages of HTML resized (`image2struct_resize`).
EMS, the main one, is in `ems`; music sheets are compared by pictures alone.
"""

from collections import Counter
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from derender.core import DerenderError, Missing

from ._canvas import padded, resized
from ._facts import Facts, Unscorable, fact, rgb
from ._levenshtein import levenshtein
from ._metric import Difference, Part, Value, Values, metric
from .ssim_flavours import UNISVG_WINDOW, uniform

if TYPE_CHECKING:
    from ._facts import Bytes

DOMINANT = 0.5
"""The share above which what is frequent is background."""
TOLERANCE = 0.02
MOST_CHARACTERS = 500_000
MOST_TOKENS = 50_000
"""A second of comparing."""


def pixel_similarity(reference: "Bytes", candidate: "Bytes", *, fixed: bool = False) -> float:
    """The share of two grey pictures of one size (height x width) that is alike and no background; 0 to 1.

    As published the row takes the place of the colour: a row is alike where the length of the difference of the two is
    at most 5.1, the reference being subtracted from the candidate in 8 bits, so that what is 1 darker is 255 lighter;
    and rows found more than ``height / 2`` times in both together are not alike, not even to themselves.
    ``fixed``, pixels are alike that differ by 5 at most, and those are left out that are alike where the reference is
    of its dominant grey; 1 where there are no others.
    """
    import numpy as np

    if not fixed:
        return _row_similarity(reference, candidate)
    alike = np.abs(reference.astype(np.int16) - candidate) <= TOLERANCE * 255
    counts = np.bincount(reference.ravel(), minlength=256)
    dominant = counts > DOMINANT * reference.size
    drawn = ~(dominant[reference] & alike)
    return float(alike[drawn].mean()) if drawn.any() else 1.0


def _row_similarity(reference: "Bytes", candidate: "Bytes") -> float:
    import numpy as np

    wrapped = (candidate - reference).astype(np.float64)
    alike = np.sqrt((wrapped * wrapped).sum(axis=1)) / 255 <= TOLERANCE
    rows = [[row.tobytes() for row in side] for side in (candidate, reference)]
    counts = Counter(row for side in rows for row in side)
    frequent = DOMINANT * len(reference)
    kept = [counts[one] <= frequent and counts[other] <= frequent for one, other in zip(*rows, strict=True)]
    return float((alike & np.array(kept)).mean())


def ssim_similarity(reference: "Bytes", candidate: "Bytes", *, fixed: bool = False) -> float:
    """(1 + SSIM) / 2 of two grey pictures of one size (height x width), uniform window of 7x7; 0 to 1.

    Pictures with a side under 7 pixels get 0, as published; ``fixed``, the largest odd window that fits is taken.

    Raises:
        Unscorable: it is ``fixed`` and a side has less than 3 pixels.
    """
    side = min(reference.shape)
    if side < UNISVG_WINDOW and not fixed:
        return 0.0
    if side < 3:
        raise Unscorable(f"ssim needs at least 3x3 pixels; the pictures have {reference.shape[1]}x{reference.shape[0]}")
    window = min(UNISVG_WINDOW, side - 1 + side % 2)
    return (1 + uniform(reference[:, :, None], candidate[:, :, None], window)) / 2


def edit_similarity(reference: str, candidate: str, *, fixed: bool = False) -> float:
    """1 - edit distance of the tokens of two texts / those of the longer; 0 to 1. Tokens are the Penn Treebank's.

    As published the reference is first cut to as many characters as the candidate has, so that whatever begins like
    the reference is right, and an empty text gets 0. ``fixed``, all is compared, and two empty texts are equal.

    Raises:
        Missing: NLTK is absent.
        Unscorable: a text is too long.
    """
    wanted = reference if fixed else reference[: len(candidate)]
    return _token_similarity(treebank_tokens(wanted), treebank_tokens(candidate), fixed=fixed)


def _token_similarity(wanted: Sequence[str], given: Sequence[str], *, fixed: bool) -> float:
    if not wanted or not given:
        return float(fixed and not wanted and not given)
    return 1 - levenshtein(wanted, given) / max(len(wanted), len(given))


def treebank_tokens(text: str) -> Sequence[str]:
    """The tokens of a text by the Penn Treebank's rules, as NLTK splits it.

    Raises:
        Missing: NLTK is absent.
        Unscorable: there are too many.
    """
    try:
        treebank = import_module("nltk.tokenize.treebank")
    except ImportError:
        raise Missing("NLTK", "pip install 'derender[metrics]'") from None
    tokens = treebank.TreebankWordTokenizer().tokenize(text) if len(text) <= MOST_CHARACTERS else ()
    if len(text) > MOST_CHARACTERS or len(tokens) > MOST_TOKENS:
        raise Unscorable(f"a program of more than {MOST_CHARACTERS} characters or {MOST_TOKENS} tokens isn't compared")
    return tuple(tokens)


@fact(of_program=True, tools=("nltk",))
def source_tokens(facts: Facts) -> Sequence[str] | None:
    """The program's tokens by the Penn Treebank's rules; None where only a picture is known."""
    return None if facts.program is None else treebank_tokens(facts.source)


def _luma(pixels: "Bytes") -> "Bytes":
    import numpy as np
    from PIL import Image

    return np.asarray(Image.fromarray(pixels).convert("L"))


def _edit(reference: Facts, candidate: Facts, fixed: bool) -> float:
    beginning = reference.source[: len(candidate.source)]
    whole, given = reference[source_tokens], candidate[source_tokens]
    return _token_similarity(whole or () if fixed else treebank_tokens(beginning), given or (), fixed=fixed)


def _scored(sides: tuple[Facts, Facts], pair: tuple["Bytes", "Bytes"], *, fixed: bool = False) -> Values:
    wanted, given = (_luma(pixels) for pixels in pair)
    values: dict[str, Value] = {"pixel": pixel_similarity(wanted, given, fixed=fixed), "compile": 1.0}
    try:
        values["ssim"] = ssim_similarity(wanted, given, fixed=fixed)
    except Unscorable as why:
        values["ssim"] = why
    try:
        values["edit"] = _edit(*sides, fixed)
    except DerenderError as why:
        values["edit"] = why
    return values


def _padded_fixed(reference: Facts, candidate: Facts) -> Values:
    return _scored((reference, candidate), padded(reference[rgb], candidate[rgb]), fixed=True)


def _resized_fixed(reference: Facts, candidate: Facts) -> Values:
    return _scored((reference, candidate), resized(reference[rgb], candidate[rgb]), fixed=True)


PARTS = (Part("ssim"), Part("pixel"), Part("edit"), Part("compile"))
SOURCE = "Roberts et al., Image2Struct, NeurIPS 2024; HELM's image metrics, without their cache by average hashes"
DIFFERENCES = (
    Difference(
        "pixel: rows for colours",
        official="rows of grey values are compared as if they were colours, differences wrap around in 8 bits, and "
        "rows that make up more than a quarter of both pictures are unlike themselves",
        fixed="pixels are compared; where both sides have the reference's dominant grey they are left out",
        example="A black square of 40x40 on 100x100 white pixels and itself:\n"
        "officially 0, for both kinds of rows are frequent; fixed 1.",
    ),
    Difference(
        "edit: a beginning is enough",
        official="the reference is cut to the candidate's length in characters, and an empty text gets 0",
        fixed="all of the reference counts, and two empty texts are equal",
        example="\\begin against \\begin{equation} E = mc^2 \\end{equation}:\nofficially 1, fixed 0.091.",
    ),
    Difference(
        "ssim: small pictures",
        official="a side under 7 pixels is an error, which counts as 0",
        fixed="the largest odd window that fits is taken; under 3 pixels there is no score",
        example="Any picture of 9x6 pixels and itself:\nofficially 0, fixed 1.",
    ),
)


@metric(
    "image2struct",
    PARTS,
    needs=(rgb, source_tokens),
    source=SOURCE,
    cost_ms=12.0,
    family="documents",
    default=False,
    fixed=_padded_fixed,
    differences=DIFFERENCES,
)
def image2struct(reference: Facts, candidate: Facts) -> Values:
    """Image2Struct's similarities of structure, of grey pixels and of the programs; padded, as for LaTeX and music.

    Whatever has a picture compiled; a program that failed gets 0 in every part. ``edit`` needs both programs.
    """
    return _scored((reference, candidate), padded(reference[rgb], candidate[rgb]))


@metric(
    "image2struct_resize",
    PARTS,
    needs=(rgb, source_tokens),
    source=SOURCE,
    cost_ms=12.0,
    family="documents",
    default=False,
    fixed=_resized_fixed,
    differences=DIFFERENCES,
)
def image2struct_resize(reference: Facts, candidate: Facts) -> Values:
    """As `image2struct`, the candidate being brought to the reference's size by bicubic interpolation, as for pages."""
    return _scored((reference, candidate), resized(reference[rgb], candidate[rgb]))
