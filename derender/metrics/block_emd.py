"""Image2Struct's block EMD: the work of making one picture of another by moving and changing patches of 8x8 pixels.

A patch moves to a place (what that costs grows with the way) and becomes another (a transport problem of its own, of
64 pixels with a grey value and a place). Background counts a thousandth.
"""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from ._canvas import padded
from ._emd import Distances, lazy_transport
from ._facts import Facts, Unscorable, rgb
from ._metric import Difference, Part, Values, metric
from ._preprocess import resized as at_size

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ._facts import Bytes

    Floats = NDArray[np.float64]
    Singles = NDArray[np.float32]
    Mask = NDArray[np.bool_]

PATCH_PX = 8
MOST_PATCHES = 100
FAINT = 0.001
"""The weight of background."""
DOMINANT = 0.5
"""The share of the most frequent colour above which patches that are background on both sides are left out."""
LUMA = 0.299, 0.587, 0.114
MOST_WORK = 3.25
"""More than any two pictures can give: 2.75 for the patches, under 0.45 for the ways."""


class BackgroundPatchWeight(StrEnum):
    """Whether a patch that is background throughout weighs a thousandth of the others."""

    INACTIVE = "inactive"
    """As published: sums of 64-bit lumas are compared, and rounding makes them differ for every colour but black, pure
    red, green, blue, cyan and magenta. White patches count in full."""
    ACTIVE = "active"
    """As meant: lumas are compared as 32-bit floats. As the greater of two patches' weights counts on both sides, a
    drawing with black and white exchanged then gets nearly the score of an equal one."""


def block_distance(
    reference: "Bytes",
    candidate: "Bytes",
    *,
    background_patch_weight: BackgroundPatchWeight | str = BackgroundPatchWeight.INACTIVE,
    fixed: bool = False,
) -> float:
    """Block EMD of two pictures of one size (height x width x 3), 0 to 3.25, lower is better.

    The background is the reference's most frequent colour, so the sides can't be swapped.

    Args:
        reference: what is wanted.
        candidate: what was made.
        background_patch_weight: see there; without meaning when ``fixed``.
        fixed: take pixels for background that have its colour, let all patches count, and the same, and compare
            pictures of any aspect ratio.

    Raises:
        Unscorable: the sizes differ, or, unless ``fixed``, the pictures are so wide that no row of patches is left.
    """
    if reference.shape != candidate.shape:
        raise Unscorable("block EMD compares pictures of one size")
    size = fitted_size(reference.shape[1], reference.shape[0], fixed=fixed)
    # At extreme ratios what Pillow makes of them depends a little on its version.
    wanted, given = at_size(reference, size), at_size(candidate, size)
    weight = BackgroundPatchWeight(background_patch_weight)
    colour, share = most_frequent(wanted)
    sides = [_patches(pixels, colour, weight, fixed) for pixels in (given, wanted)]
    places = _places(size)
    kept = sides[0].filled | sides[1].filled
    if share > DOMINANT and kept.any() and not fixed:
        sides, places = [side.only(kept) for side in sides], places[kept]
    return _work(sides, places, PATCH_PX / sum(size))


def fitted_size(width: int, height: int, *, fixed: bool = False) -> tuple[int, int]:
    """The size (width, height) at which a picture has 100 patches at most.

    Raises:
        Unscorable: there would be no row of patches, and it is not ``fixed``.
    """
    columns, rows = math.ceil(width / PATCH_PX), math.ceil(height / PATCH_PX)
    if columns * rows <= MOST_PATCHES:
        return width, height
    divider = math.sqrt(columns * rows / MOST_PATCHES)
    columns = math.ceil(width / PATCH_PX / divider)
    rows = math.floor(MOST_PATCHES / columns)
    if not rows and not fixed:
        raise Unscorable(f"a picture of {width}x{height} pixels is too wide for one row of {MOST_PATCHES} patches")
    return min(columns, MOST_PATCHES) * PATCH_PX, max(rows, 1) * PATCH_PX


def most_frequent(pixels: "Bytes") -> tuple["Bytes", float]:
    """The colour most pixels have, the darkest in red, then green, then blue of equals, and their share."""
    import numpy as np

    red, green, blue = (pixels[:, :, channel].astype(np.uint32).ravel() for channel in range(3))
    codes, counts = np.unique(red << 16 | green << 8 | blue, return_counts=True)
    code = int(codes[counts.argmax()])
    return np.array([code >> 16, code >> 8 & 255, code & 255], np.uint8), int(counts.max()) / red.size


@dataclass(frozen=True, slots=True)
class _Patches:
    """The patches of a picture, row by row.

    Attributes:
        greys: luma in 0..1, patches x 64.
        empty: which pixels are background, patches x 64.
        weights: of the patches; the sum over the whole picture is 1.
    """

    greys: "Singles"
    empty: "Mask"
    weights: "Floats"

    @property
    def filled(self) -> "Mask":
        """Which patches hold anything but background."""
        import numpy as np

        return np.asarray(~self.empty.all(axis=1))

    def only(self, kept: "Mask") -> "_Patches":
        return _Patches(self.greys[kept], self.empty[kept], self.weights[kept])


def _patches(pixels: "Bytes", colour: "Bytes", weight: BackgroundPatchWeight, fixed: bool) -> _Patches:
    import numpy as np

    height, width = (-side % PATCH_PX + side for side in pixels.shape[:2])
    whole = np.empty((height, width, 3), np.uint8)
    whole[:] = colour
    whole[: pixels.shape[0], : pixels.shape[1]] = pixels
    tiles = whole.reshape(height // PATCH_PX, PATCH_PX, width // PATCH_PX, PATCH_PX, 3).swapaxes(1, 2)
    cut = tiles.reshape(-1, PATCH_PX**2, 3)
    lumas = _luma(cut.astype(np.float32) / np.float32(255))
    background = _luma(colour.astype(np.float64)) / 255
    greys = lumas.astype(np.float32)
    empty = (cut == colour).all(axis=2) if fixed else greys == np.float32(background)
    faint = np.zeros(len(cut), bool)
    if not fixed:
        faint = (lumas == background if weight is BackgroundPatchWeight.INACTIVE else empty).all(axis=1)
    weights = np.where(faint, FAINT, 1.0)
    return _Patches(greys, empty, weights / weights.sum())


def _luma(colours: "Singles | Floats") -> "Floats":
    """Luma in 64 bits, summed from red to blue: the order decides the last bit, and with it what equals what."""
    import numpy as np

    wide = colours.astype(np.float64)
    return np.asarray(LUMA[0] * wide[..., 0] + LUMA[1] * wide[..., 1] + LUMA[2] * wide[..., 2])


def _places(size: tuple[int, int]) -> "Floats":
    """Where patches stand, as shares of the picture's height and width; patches x 2."""
    import numpy as np

    columns, rows = (math.ceil(side / PATCH_PX) for side in size)
    down, across = np.divmod(np.arange(rows * columns), columns)
    return np.stack([down / rows, across / columns], axis=1)


def _work(sides: list[_Patches], places: "Floats", per_way: float) -> float:
    import numpy as np

    distances = Distances(*(_clouds(side) for side in sides))
    weights = np.maximum(sides[0].weights, sides[1].weights)
    ways = np.abs(places[:, None] - places[None]).sum(axis=2)
    return lazy_transport(weights / weights.sum(), per_way * ways, distances)


def _clouds(patches: _Patches) -> "Singles":
    """The pixels of each patch as points (weight, grey, x, y)."""
    import numpy as np

    weights = np.where(patches.empty, FAINT, 1.0)
    clouds = np.empty((*weights.shape, 4), np.float32)
    clouds[..., 0] = weights / weights.sum(axis=1, keepdims=True)
    clouds[..., 1] = patches.greys
    clouds[..., 3], clouds[..., 2] = np.mgrid[:PATCH_PX, :PATCH_PX].reshape(2, -1) / PATCH_PX
    return clouds


DIFFERENCES = (
    Difference(
        "weight of background patches",
        official="on black and on pure red, green, blue, cyan or magenta a patch of background weighs a thousandth of "
        "a drawn one; on any other colour, such as white, as much, for rounding makes the lumas differ",
        fixed="patches weigh the same on every background",
        example="A grey square of 16x16 and, elsewhere, a grey bar of 32x16, on 80x80 pixels:\n"
        "officially 0.181 on white and 0.028 on black, fixed 0.022 on both.",
    ),
    Difference(
        "patches left out",
        official="where one colour covers more than half of the reference, patches of it on both sides are left out "
        "and the mean is over the others: a page with a tint, none of which is background, thins out what it lacks",
        fixed="the mean is over all patches",
        example="A drawing of 25 shapes on white, 600x300, and a plain page of 255 or of 254:\n"
        "EMS officially 0.527 and 0.748, fixed 0 and 0.001.",
    ),
    Difference(
        "background by luma",
        official="a pixel is background by its luma in 32-bit floats: rounding tells a quarter of all colours from "
        "themselves, and other colours of the same luma count as background too",
        fixed="a pixel is background that has its colour",
        example="A black square of 16x16 at two places on 80x80 pixels of (255, 250, 240):\n"
        "officially 0.0016, and on white 0.02, where alone empty patches are left out; fixed 0.0016 on both.",
    ),
    Difference(
        "very wide pictures",
        official="a picture some 100 times as wide as high leaves no row of patches; the error counts as 0, the best "
        "block EMD and a bad EMS",
        fixed="it is brought to one row of 100 patches",
        example="White pixels, 12000x10, and as many a third of which are black: block EMD officially 0, fixed 0.342;\n"
        "EMS of the latter with itself officially 0, fixed 1.",
    ),
)


@metric(
    "block_emd",
    (Part("block_emd", high=MOST_WORK, higher_is_better=False),),
    needs=(rgb,),
    source="Roberts et al., Image2Struct, NeurIPS 2024; HELM's image metrics, without their cache by average hashes",
    cost_ms=100.0,
    family="documents",
    default=False,
    fixed=lambda reference, candidate: _measured(reference, candidate, fixed=True),
    differences=DIFFERENCES,
)
def block_emd(reference: Facts, candidate: Facts) -> Values:
    """Work of turning the candidate into the reference by moving and changing patches of 8x8 pixels, in grey.

    The smaller picture gets white to the right and below, then both are brought to 100 patches at most. Values are
    those of the published code to 1e-6. The background is the reference's. A program that failed gets the greatest
    value; the published code gives it 0, the best.
    """
    return _measured(reference, candidate, fixed=False)


def _measured(reference: Facts, candidate: Facts, *, fixed: bool) -> Values:
    wanted, given = padded(reference[rgb], candidate[rgb])
    try:
        return {"block_emd": block_distance(wanted, given, fixed=fixed)}
    except Unscorable:
        # What the published code can't compare counts as 0 there; corrected, there is nothing it can't.
        return {"block_emd": 0.0}
