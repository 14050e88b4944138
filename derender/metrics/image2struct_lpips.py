"""Image2Struct's LPIPS similarity, and why it is 0 nearly everywhere."""

from typing import TYPE_CHECKING

from ._canvas import padded
from ._convnets import VGG16, ConvDistance
from ._facts import Facts, rgb
from ._metric import Difference, Part, Values, metric
from ._preprocess import BILINEAR
from ._preprocess import resized as at_size
from .lpips import VGG_HEADS, symmetric, vgg_unit_features, weighted

if TYPE_CHECKING:
    from torch import Tensor

    from ._facts import Bytes

SIDE = 256
MIDDLE = 127.5
network = ConvDistance("image2struct_lpips", (VGG16, VGG_HEADS), vgg_unit_features, weighted, least=16)
pixels_for_lpips = network.fact()


def lpips_similarity(reference: "Bytes", candidate: "Bytes", *, fixed: bool = False) -> float:
    """1 - LPIPS on VGG-16 of two pictures (height x width x 3) at 256x256 pixels; 1 is best, and may be negative.

    As published pixels are brought to -1..1 and then taken for values in 0..1: any that is darker than the middle is an
    error, which counts as 0, and the others are stretched once more.

    Raises:
        Missing: weights or PyTorch are absent; not where the result is 0.
    """
    # Copies, for the network remembers what it made of an array, and the modes make different things of it.
    wanted, given = (at_size(pixels, (SIDE, SIDE), BILINEAR).copy() for pixels in (reference, candidate))
    if fixed:
        return 1 - network.between(wanted, given, scale=symmetric)
    if min(int(wanted.min()), int(given.min())) < MIDDLE:
        return 0.0
    return 1 - network.between(wanted, given, scale=_twice)


def _twice(pixels: "Tensor") -> "Tensor":
    return symmetric(symmetric(pixels))


def _fixed(reference: Facts, candidate: Facts) -> Values:
    return {"similarity": lpips_similarity(*padded(reference[rgb], candidate[rgb]), fixed=True)}


@metric(
    "image2struct_lpips",
    (Part("similarity", low=float("-inf")),),
    needs=(rgb, pixels_for_lpips),
    source="Roberts et al., Image2Struct, NeurIPS 2024; HELM's lpips_similarity on torchmetrics",
    cost_ms=500.0,
    family="documents",
    default=False,
    fixed=_fixed,
    differences=(
        Difference(
            "normalised twice",
            official="pixels in -1..1 are declared to be in 0..1: a picture with any pixel under 128 is an error, "
            "which counts as 0, and others are stretched from 0..1 to -1..1 again",
            fixed="pixels are given in -1..1 once",
            example="A black line on white and itself:\nofficially 0, fixed 1.",
        ),
    ),
)
def image2struct_lpips(reference: Facts, candidate: Facts) -> Values:
    """1 - LPIPS on VGG-16 at 256x256, as Image2Struct's: 0 wherever a pixel is dark; padded, as for LaTeX and music."""
    return {"similarity": lpips_similarity(*padded(reference[rgb], candidate[rgb]))}
