"""LPIPS (Zhang et al., 2018), version 0.1: weighted differences of a network's unit-length features.

Written anew on torchvision's weights of AlexNet or VGG-16 and the linear heads inside the package ``lpips``, for that
package itself needs torchvision. `alex` and `vgg` are the distances; `between` is what they take.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ._convnets import ALEXNET, VGG16, ConvDistance, alexnet_features, vgg_features
from ._facts import Facts
from ._metric import Difference, Part, Values, metric
from ._preprocess import IMAGENET
from ._weights import PackageFile

if TYPE_CHECKING:
    from torch import Tensor

    from ._convnets import State
    from ._facts import Bytes

SHIFT, SCALE = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)
"""Mean and spread of the pixels the networks learnt from, in -1..1."""
EPSILON = 1e-10
INSTALL = "pip install --no-deps lpips"
ALEX_HEADS, VGG_HEADS = (PackageFile("lpips", f"weights/v0.1/{net}.pth", INSTALL) for net in ("alex", "vgg"))
DISTANCE = (Part("distance", high=float("inf"), higher_is_better=False),)


def _shifted(pixels: Tensor) -> Tensor:
    return (pixels - pixels.new_tensor(SHIFT)[:, None, None]) / pixels.new_tensor(SCALE)[:, None, None]


def _alex_unit_features(states: Sequence[State], pixels: Tensor) -> list[Tensor]:
    return [_unit(found) for found in alexnet_features(states[0], _shifted(pixels))]


def vgg_unit_features(states: Sequence[State], pixels: Tensor) -> list[Tensor]:
    """VGG-16's features of pixels in -1..1, each place's scaled to length 1."""
    return [_unit(found) for found in vgg_features(states[0], _shifted(pixels))]


def _unit(features: Tensor) -> Tensor:
    """Each place's values over the channels, scaled to length 1."""
    lengths = features.square().sum(dim=1, keepdim=True).sqrt()
    return features / (lengths + EPSILON)


def weighted(states: Sequence[State], one: list[Tensor], other: list[Tensor]) -> Tensor:
    """Squared differences, weighted channel by channel, meant over the places and summed over the layers."""
    layers = enumerate(zip(one, other, strict=True))
    heads = states[1]
    terms = [((a - b).square() * heads[f"lin{layer}.model.1.weight"]).sum(dim=1).mean() for layer, (a, b) in layers]
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total


alex = ConvDistance("lpips_alex", (ALEXNET, ALEX_HEADS), _alex_unit_features, weighted, least=31)
"""LPIPS on AlexNet."""
vgg = ConvDistance("lpips_vgg", (VGG16, VGG_HEADS), vgg_unit_features, weighted, least=16)
"""LPIPS on VGG-16."""
vgg_starvector = ConvDistance("lpips_starvector", (VGG16, VGG_HEADS), vgg_unit_features, weighted, least=16)
alex_pixels, vgg_pixels, starvector_pixels = alex.fact(), vgg.fact(), vgg_starvector.fact()


def lpips(net: ConvDistance, reference: Bytes, candidate: Bytes) -> float:
    """LPIPS of two pictures of one size (height x width x 3), pixels in -1..1 as the package wants them; 0 is best.

    Raises:
        Missing: weights or PyTorch are absent.
        Unscorable: the sizes differ, or are too small or too large.
    """
    return net.between(reference, candidate, scale=symmetric)


def symmetric(pixels: Tensor) -> Tensor:
    """Pixels of 0..1 in -1..1."""
    return pixels * 2 - 1


def _imagenet(pixels: Tensor) -> Tensor:
    mean, std = (pixels.new_tensor(values)[:, None, None] for values in IMAGENET)
    return (pixels - mean) / std


@metric(
    "lpips_alex",
    DISTANCE,
    needs=(alex_pixels,),
    source="LPIPS 0.1 on AlexNet (Zhang et al., 2018), as UniSVG",
    cost_ms=150.0,
    family="perceptual",
    same_size=True,
    symmetric=True,
    default=False,
)
def lpips_alex(reference: Facts, candidate: Facts) -> Values:
    """LPIPS on AlexNet: how far apart the features are, 0 being best; about 0.7 for unrelated pictures."""
    return {"distance": lpips(alex, reference[alex_pixels], candidate[alex_pixels])}


@metric(
    "lpips_vgg",
    DISTANCE,
    needs=(vgg_pixels,),
    source="LPIPS 0.1 on VGG-16 (Zhang et al., 2018)",
    cost_ms=4100.0,
    family="perceptual",
    same_size=True,
    symmetric=True,
    default=False,
)
def lpips_vgg(reference: Facts, candidate: Facts) -> Values:
    """LPIPS on VGG-16: how far apart the features are, 0 being best; about 0.7 for unrelated pictures."""
    return {"distance": lpips(vgg, reference[vgg_pixels], candidate[vgg_pixels])}


def _starvector_fixed(reference: Facts, candidate: Facts) -> Values:
    return {"distance": lpips(vgg, reference[starvector_pixels], candidate[starvector_pixels])}


@metric(
    "lpips_starvector",
    DISTANCE,
    needs=(starvector_pixels,),
    source="StarVector, LPIPS: VGG-16, fed ImageNet-normalised pixels",
    cost_ms=4100.0,
    family="perceptual",
    same_size=True,
    symmetric=True,
    default=False,
    fixed=_starvector_fixed,
    differences=(
        Difference(
            "normalised twice",
            official="pixels are normalised by ImageNet's mean and spread before LPIPS normalises them again",
            fixed="pixels are given in -1..1, as LPIPS wants them",
            example="a white pixel's red comes to the network as 4.98 against 2.25",
        ),
    ),
)
def lpips_starvector(reference: Facts, candidate: Facts) -> Values:
    """StarVector's LPIPS: on VGG-16, its pixels normalised twice."""
    pixels = reference[starvector_pixels], candidate[starvector_pixels]
    return {"distance": vgg_starvector.between(*pixels, scale=_imagenet)}
