"""DeTikZify's ImageSim: figures as SigLIP sees them, by their pooled vectors or patch by patch."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ._embedder import cosine, embedding
from ._facts import Facts, rgb
from ._metric import Difference, Part, Values, metric
from ._pairing import assigned
from ._preprocess import HALVES, Preprocess
from ._torch import HubEmbedder, pytorch
from .clip import SIGLIP_SIDE, SigLip
from .dreamsim import squared_figure

if TYPE_CHECKING:
    from torch import Tensor

    from ._embedder import Floats
    from ._facts import Bytes

MODEL = "google/siglip-so400m-patch14-384"
ENLARGED = 426
"""What timm enlarges the 384 pixels to, of which it then takes the middle."""
CROPPED = Preprocess(ENLARGED, crop=SIGLIP_SIDE, mean=HALVES[0], std=HALVES[1], nearest=True)
WHOLE = Preprocess((SIGLIP_SIDE, SIGLIP_SIDE), mean=HALVES[0], std=HALVES[1])
PATCH_LAYER = -3
"""The block whose patches are matched, from the last."""


class SigLipPatches(HubEmbedder):
    """SigLIP's patches after the third last block, normalised as after the last; n x patches x d."""

    def load(self, transformers: Any, folder: Path) -> Any:  # noqa: ANN401  transformers' classes
        """The vision model, without the blocks that come later."""
        model = transformers.SiglipVisionModel.from_pretrained(folder, local_files_only=True)
        # Some versions of transformers keep the transformer one level further in.
        vision = getattr(model, "vision_model", model)
        depth = len(vision.encoder.layers)
        kept = max(0, depth + PATCH_LAYER) + 1
        vision.encoder.layers = pytorch().nn.ModuleList(vision.encoder.layers[:kept])
        return model

    def vectors(self, model: Any, pixels: Tensor) -> Tensor:  # noqa: ANN401
        """The patches."""
        patches: Tensor = model(pixel_values=pixels).last_hidden_state
        return patches


def _figure(facts: Facts) -> Bytes:
    return squared_figure(facts[rgb])


pooled = SigLip("imagesim", MODEL, CROPPED, own_steps=True)
pooled_whole = SigLip("imagesim_whole", MODEL, WHOLE, own_steps=True)
patches = SigLipPatches("imagesim_patches", MODEL, CROPPED, own_steps=True, batch=8)
patches_whole = SigLipPatches("imagesim_patches_whole", MODEL, WHOLE, own_steps=True, batch=8)
pooled_features, pooled_whole_features = embedding(pooled, _figure), embedding(pooled_whole, _figure)
patch_features, patch_whole_features = embedding(patches, _figure), embedding(patches_whole, _figure)


def patch_similarity(a: Floats, b: Floats) -> float:
    """2 tanh(-e) + 1, where e is the earth mover's distance of two sets of patches (n x d), by cosine distance.

    Both have as many patches, each of the same weight, so that the best matching of patches is the best transport.
    Between -1 and 1, which equal sets get.
    """
    import numpy as np

    one, other = (each.astype(np.float64) for each in (a, b))
    one /= np.linalg.norm(one, axis=1, keepdims=True)
    other /= np.linalg.norm(other, axis=1, keepdims=True)
    distances = 1 - one @ other.T
    rows, columns = assigned(distances)
    return 2 * math.tanh(-max(0.0, float(distances[rows, columns].mean()))) + 1


CROP = Difference(
    "crop",
    official="the figure is brought to 426 pixels and its middle 384 are taken: a twentieth of each side is lost",
    fixed="the model is shown the whole figure, brought to 384 pixels",
    example="figures that differ in a label at their border only: 1 against less than 1",
)


def _cos_fixed(reference: Facts, candidate: Facts) -> Values:
    return {"similarity": cosine(reference[pooled_whole_features], candidate[pooled_whole_features])}


def _emd_fixed(reference: Facts, candidate: Facts) -> Values:
    return {"similarity": patch_similarity(reference[patch_whole_features], candidate[patch_whole_features])}


@metric(
    "imagesim",
    (Part("similarity", low=-1.0),),
    needs=(pooled_features,),
    source="DeTikZify, ImageSim: SigLIP So400m/14-384, cosine of the pooled vectors",
    cost_ms=8000.0,
    family="perceptual",
    symmetric=True,
    default=False,
    fixed=_cos_fixed,
    differences=(CROP,),
)
def imagesim(reference: Facts, candidate: Facts) -> Values:
    """DeTikZify's ImageSim: cosine of SigLIP's pooled vectors of figures trimmed and padded to squares.

    There in 16 bits, here in 32.
    """
    return {"similarity": cosine(reference[pooled_features], candidate[pooled_features])}


@metric(
    "imagesim_emd",
    (Part("similarity", low=-1.0),),
    needs=(patch_features,),
    source="DeTikZify, ImageSim (EMD): SigLIP So400m/14-384, patches matched after the third last block",
    cost_ms=8000.0,
    family="perceptual",
    symmetric=True,
    default=False,
    fixed=_emd_fixed,
    differences=(CROP,),
)
def imagesim_emd(reference: Facts, candidate: Facts) -> Values:
    """DeTikZify's ImageSim by earth mover's distance: SigLIP's patches, matched wherever they are in the figure."""
    return {"similarity": patch_similarity(reference[patch_features], candidate[patch_features])}
