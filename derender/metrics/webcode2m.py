"""WebCode2M's scores of what pages look like: its *Visual*, a variant of Design2Code's score, CLIP, MSE and SSIM.

Its scores of the pages' structure and words are `treebleu` and `webcode2m_text`.
"""

from typing import TYPE_CHECKING, cast

from derender.core import DerenderError, Missing

from ._design2code_background import background_vector
from ._design2code_pages import Page, drawn_reference, page_as_written, page_for_webcode2m, page_repaired_uncut
from ._embedder import cosine
from ._facts import Facts, Unscorable
from ._metric import Difference, Part, Value, Values, metric
from .clip import b32
from .design2code import BLOCK_PARTS, background_as_written, block_values
from .ssim_flavours import ssim_webcode2m

if TYPE_CHECKING:
    from ._facts import Bytes

WEIGHT = 0.2
"""Of each of the five scores in *Visual*."""
PARTS = (
    Part("visual", low=-WEIGHT),
    *(Part(name) for name in BLOCK_PARTS),
    Part("clip_background", low=-1.0),
    Part("clip", low=-1.0),
    Part("mse", high=3.0, higher_is_better=False),
    Part("ssim", low=-1.0),
)

DIFFERENCES = (
    Difference(
        "pages without text",
        official="where a page has no text block, all of Visual is 0, the likeness of what remains too",
        fixed="that likeness counts, as in Design2Code",
        example="a page of one picture against itself: visual 0; fixed: 0.2",
    ),
    Difference(
        "indented candidates",
        official="the candidate is drawn from indented text, which puts spaces between its inline elements",
        fixed="it is drawn as it was written",
        example="<b>a</b><b>b</b> against itself: drawn as 'a b'; fixed: as 'ab'",
    ),
    Difference(
        "wrapped documents",
        official="a candidate that does not begin with <html is put into a paragraph, such as one with a doctype",
        fixed="only one without <html anywhere is",
        example="<!DOCTYPE html><html>… against itself: moved by a paragraph's margins; fixed: identical",
    ),
    Difference(
        "what Design2Code has",
        official="as there: the cleaned side, 4096 colours, text of the body, masks, unseen texts, colours of elements,"
        " undrawn references",
        fixed="as there",
        example="see design2code",
    ),
)


def mse(reference: "Bytes", candidate: "Bytes") -> float:
    """Squared difference of pixels (height x width x 3, in 0..255), in 0..1 each, summed over channels: 0 to 3.

    Where the sizes differ the reference is brought to the candidate's by Lanczos interpolation over 8x8 pixels.
    """
    import cv2

    height, width = candidate.shape[:2]
    if reference.shape != candidate.shape:
        reference = cast("Bytes", cv2.resize(reference, (width, height), interpolation=cv2.INTER_LANCZOS4))
    squared = float(cv2.norm(reference, candidate, cv2.NORM_L2SQR))
    return min(3.0, squared / float(255**2 * height * width))


def _fixed(reference: Facts, candidate: Facts) -> Values:
    def clip(seen: Page, drawn: Page) -> float:
        return cosine(background_vector(seen), background_vector(drawn))

    wanted, given = drawn_reference(reference[page_repaired_uncut]), candidate[page_repaired_uncut]
    return {**_visual(block_values(wanted, given, clip)), **_of_pictures(wanted.picture, given.picture)}


@metric(
    "webcode2m",
    PARTS,
    needs=(page_as_written, page_for_webcode2m, page_repaired_uncut, background_as_written),
    source="WebCode2M (Gui et al., 2025), evaluator as in JanusCoder at 8578320",
    cost_ms=700.0,
    family="pages",
    default=False,
    fixed=_fixed,
    differences=DIFFERENCES,
)
def webcode2m(reference: Facts, candidate: Facts) -> Values:
    """WebCode2M's Visual, the mean of five scores of text blocks and the rest, and its scores of whole screenshots.

    MSE, for which 0 is best, sums the squared errors of the three channels; CLIP sees the middle square of a page.
    """

    def clip(_: Page, drawn: Page) -> float:
        return cosine(reference[background_as_written], background_vector(drawn))

    wanted, given = reference[page_as_written], candidate[page_for_webcode2m]
    both = wanted.blocks and given.blocks
    blocks = block_values(wanted, given, clip) if both else dict.fromkeys((*BLOCK_PARTS, "clip"), 0.0)
    return {**_visual(blocks), **_of_pictures(wanted.picture, given.picture)}


def _visual(blocks: Values) -> Values:
    """Visual and its five scores; where CLIP is absent, that is the reason for two parts."""
    scores = {name: blocks[name] for name in (*BLOCK_PARTS, "clip")}
    numbers = [score for score in scores.values() if isinstance(score, float)]
    clip = scores.pop("clip")
    visual = clip if isinstance(clip, DerenderError) else WEIGHT * sum(numbers)
    return {"visual": visual, **scores, "clip_background": clip}


def _of_pictures(reference: "Bytes", candidate: "Bytes") -> Values:
    try:
        one, other = b32.embed([reference, candidate])
        clip: Value = cosine(one, other)
    except (Missing, Unscorable) as why:
        clip = why
    ssim = ssim_webcode2m.compare(Facts(lambda: reference), Facts(lambda: candidate))
    return {"clip": clip, "mse": mse(reference, candidate), **ssim}
