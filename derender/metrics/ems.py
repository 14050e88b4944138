"""Image2Struct's earth mover's similarity (EMS): block EMD, measured against that of a plain page.

LaTeX and LilyPond pictures are padded to one size (`ems`), pages of HTML resized (`ems_resize`). As published an empty
page gets about half of the full marks, and unrelated drawings 0.8: no reward on its own. Corrected, an empty page is
what gets nothing.
"""

import math
from typing import TYPE_CHECKING, TypeAlias

from ._canvas import padded, resized
from ._facts import Facts, Unscorable, fact, rgb
from ._metric import Difference, Part, Values, metric
from .block_emd import DIFFERENCES as OF_BLOCK_EMD
from .block_emd import BackgroundPatchWeight, block_distance, most_frequent

if TYPE_CHECKING:
    from ._facts import Bytes

Bases: TypeAlias = dict[tuple[int, int, bool], float]
"""What EMS divides by: width and height of the canvas and whether corrected → block EMD of a plain page."""

DARK = 127
"""The luma below which a colour is set against white, and else against black."""


def earth_mover_similarity(
    reference: "Bytes",
    candidate: "Bytes",
    *,
    background_patch_weight: BackgroundPatchWeight | str = BackgroundPatchWeight.INACTIVE,
    fixed: bool = False,
) -> float:
    """EMS of two pictures of one size (height x width x 3): 1 for equal ones, higher is better.

    As published there is no least value; unrelated drawings have some 0.8, an empty page 0.5, and 0 is what a page of
    black, or of white where the background is dark, gets. ``fixed``, 0 is what an empty page of the reference's
    background gets, and all that is worse; unrelated drawings have 0 to 0.4.

    Args:
        reference: what is wanted.
        candidate: what was made.
        background_patch_weight: see there.
        fixed: as for `block_distance`, and measured against an empty page.

    Raises:
        Unscorable: as for `block_distance`.
    """
    work = block_distance(reference, candidate, background_patch_weight=background_patch_weight, fixed=fixed)
    base = plain_distance(reference, background_patch_weight=background_patch_weight, fixed=fixed)
    return similarity(work, base, fixed=fixed)


def plain_distance(
    reference: "Bytes",
    *,
    background_patch_weight: BackgroundPatchWeight | str = BackgroundPatchWeight.INACTIVE,
    fixed: bool = False,
) -> float:
    """Block EMD of a plain page to a picture (height x width x 3), the work that EMS counts as nothing achieved.

    As published the page is black, or white where the picture's most frequent colour is dark. ``fixed``, it is of that
    colour itself.

    Raises:
        Unscorable: as for `block_distance`.
    """
    import numpy as np

    colour = most_frequent(reference)[0]
    if fixed:
        plain = colour.tolist()
    else:
        luma = 0.299 * float(colour[0]) + 0.587 * float(colour[1]) + 0.114 * float(colour[2])
        plain = [255 if luma < DARK else 0] * 3
    page = np.broadcast_to(np.array(plain, np.uint8), reference.shape).copy()
    return block_distance(reference, page, background_patch_weight=background_patch_weight, fixed=fixed)


def similarity(work: float, base: float, *, fixed: bool = False) -> float:
    """EMS of a block EMD and that of a plain page; as published it may be negative, and is 0 where that is 0.

    ``fixed``, where a plain page is all that is wanted, that gets 1 and anything else 0.
    """
    if base <= 0:
        return float(fixed and work <= 0)
    return max(0.0, 1 - work / base) if fixed else 1 - work / base


@fact
def plain_distances(facts: Facts) -> Bases:
    """What a reference's EMS is divided by, of each size of canvas it was compared on so far."""
    return {}


def _scored(facts: Facts, pair: tuple["Bytes", "Bytes"], *, fixed: bool) -> Values:
    wanted, given = pair
    key = wanted.shape[1], wanted.shape[0], fixed
    known = facts[plain_distances]
    try:
        work = block_distance(wanted, given, fixed=fixed)
        if key not in known:
            known[key] = plain_distance(wanted, fixed=fixed)
    except Unscorable:
        # What the published code can't compare counts as 0 there; corrected, there is nothing it can't.
        return {"ems": 0.0}
    return {"ems": similarity(work, known[key], fixed=fixed)}


def _ems_fixed(reference: Facts, candidate: Facts) -> Values:
    return _scored(reference, padded(reference[rgb], candidate[rgb]), fixed=True)


def _ems_resize_fixed(reference: Facts, candidate: Facts) -> Values:
    return _scored(reference, resized(reference[rgb], candidate[rgb]), fixed=True)


DIFFERENCES = (
    Difference(
        "empty page",
        official="measured against a black page (white where the background is dark): an empty page gets about half",
        fixed="measured against an empty page in the reference's background colour, which gets 0; where the reference "
        "is one, all but the same gets 0",
        example="A drawing of 25 shapes on white, 600x300, and a white page:\nofficial 0.527, fixed 0.",
    ),
    Difference(
        "negative values",
        official="worse than the plain page is below 0, without bound",
        fixed="0",
        example="A black square of 16x16 on 80x80 white pixels, and a white page:\nofficial -0.042, fixed 0.",
    ),
    *OF_BLOCK_EMD,
)

SOURCE = "Roberts et al., Image2Struct, NeurIPS 2024; HELM's image metrics, without their cache by average hashes"


@metric(
    "ems",
    (Part("ems", low=-math.inf),),
    needs=(rgb, plain_distances),
    source=SOURCE,
    cost_ms=100.0,
    family="documents",
    default=False,
    fixed=_ems_fixed,
    differences=DIFFERENCES,
)
def ems(reference: Facts, candidate: Facts) -> Values:
    """Work of moving and changing patches of grey, against that for a plain page; padded, as for LaTeX and music.

    The smaller picture gets white to the right and below. Where the published code fails this is 0, as there. Values
    are those of the published code to 1e-6; half of full marks is what an empty page gets.
    """
    return _scored(reference, padded(reference[rgb], candidate[rgb]), fixed=False)


@metric(
    "ems_resize",
    (Part("ems", low=-math.inf),),
    needs=(rgb, plain_distances),
    source=SOURCE,
    cost_ms=100.0,
    family="documents",
    default=False,
    fixed=_ems_resize_fixed,
    differences=DIFFERENCES,
)
def ems_resize(reference: Facts, candidate: Facts) -> Values:
    """As `ems`, the candidate being brought to the reference's size by bicubic interpolation, as for pages."""
    return _scored(reference, resized(reference[rgb], candidate[rgb]), fixed=False)
