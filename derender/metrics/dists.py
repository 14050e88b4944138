"""DISTS (Ding et al., 2020): structure and texture, as means and covariances of VGG-16's features."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ._convnets import VGG16, ConvDistance, vgg_features
from ._facts import Facts
from ._metric import Part, Values, metric
from ._preprocess import IMAGENET
from ._torch import pytorch
from ._weights import PackageFile

if TYPE_CHECKING:
    from torch import Tensor

    from ._convnets import State

HEADS = PackageFile("DISTS_pytorch", "weights.pt", "pip install --no-deps dists-pytorch")
C1 = C2 = 1e-6
FLOOR = 1e-12
"""Keeps a square root away from 0."""


def _pooled(values: Tensor) -> Tensor:
    """Half the resolution: the root of squares, weighted by a Hann window of 3x3."""
    functional = pytorch().nn.functional
    line = values.new_tensor((0.5, 1.0, 0.5))
    window = line[:, None] * line / line.sum() ** 2
    channels = values.shape[1]
    filters = window.expand(channels, 1, 3, 3)
    squares: Tensor = functional.conv2d(values.square(), filters, stride=2, padding=1, groups=channels)
    return (squares + FLOOR).sqrt()


def _features(states: Sequence[State], pixels: Tensor) -> list[Tensor]:
    mean, std = (pixels.new_tensor(values)[:, None, None] for values in IMAGENET)
    return [pixels, *vgg_features(states[0], (pixels - mean) / std, _pooled)]


def _distance(states: Sequence[State], one: list[Tensor], other: list[Tensor]) -> Tensor:
    """1 minus the weighted sum, over all channels of all layers, of how alike means and covariances are."""
    alpha, beta = states[1]["alpha"].flatten(), states[1]["beta"].flatten()
    texture, structure = [], []
    for a, b in zip(one, other, strict=True):
        mean_a, mean_b = a.mean(dim=(2, 3)), b.mean(dim=(2, 3))
        spread_a = (a - mean_a[..., None, None]).square().mean(dim=(2, 3))
        spread_b = (b - mean_b[..., None, None]).square().mean(dim=(2, 3))
        together = (a * b).mean(dim=(2, 3)) - mean_a * mean_b
        texture.append((2 * mean_a * mean_b + C1) / (mean_a.square() + mean_b.square() + C1))
        structure.append((2 * together + C2) / (spread_a + spread_b + C2))
    torch = pytorch()
    alike = (alpha * torch.cat(texture, dim=1)).sum() + (beta * torch.cat(structure, dim=1)).sum()
    distance: Tensor = 1 - alike / (alpha.sum() + beta.sum())
    return distance


network = ConvDistance("dists", (VGG16, HEADS), _features, _distance, least=16)
dists_pixels = network.fact()


@metric(
    "dists",
    (Part("distance", high=2.0, higher_is_better=False),),
    needs=(dists_pixels,),
    source="DISTS (Ding et al., 2020), on VGG-16",
    cost_ms=4600.0,
    family="perceptual",
    same_size=True,
    symmetric=True,
    default=False,
)
def dists(reference: Facts, candidate: Facts) -> Values:
    """DISTS: unlikeness of structure and texture in VGG-16's features; 0 is best, and noise of one kind is alike."""
    found = network.between(reference[dists_pixels], candidate[dists_pixels], scale=lambda pixels: pixels)
    # Equal pictures may come out a rounding below 0.
    return {"distance": max(0.0, found)}
