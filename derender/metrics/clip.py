"""Likeness as CLIP and SigLIP see it, which learnt pictures and their captions: what a picture is of, and its words.

In the papers' setting a screenshot is prepared as CLIP's own code prepares photographs: of a picture that is not square
the model is shown the middle square alone. The corrected mode shows it the whole, on a white square.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ._embedder import cosine, embedding
from ._facts import Facts, rgb
from ._metric import Difference, Part, Values, metric
from ._preprocess import BILINEAR, HALVES, OPENAI, Preprocess, letterboxed
from ._torch import HubEmbedder

if TYPE_CHECKING:
    from torch import Tensor

    from ._facts import Bytes

COSINE = (Part("cosine", low=-1.0),)
B32_SIDE, L14_SIDE, SIGLIP_SIDE = 224, 336, 384
"""What the models are shown, in pixels."""


class Clip(HubEmbedder):
    """The picture's half of a CLIP model: its projection into the space that captions share; n x d."""

    def load(self, transformers: Any, folder: Path) -> Any:  # noqa: ANN401  transformers' classes
        """The vision model and its projection."""
        return transformers.CLIPVisionModelWithProjection.from_pretrained(folder, local_files_only=True)

    def vectors(self, model: Any, pixels: Tensor) -> Tensor:  # noqa: ANN401
        """The projected class token."""
        projected: Tensor = model(pixel_values=pixels).image_embeds
        return projected


class SigLip(HubEmbedder):
    """The picture's half of a SigLIP model: what its attention pools; n x d."""

    def load(self, transformers: Any, folder: Path) -> Any:  # noqa: ANN401  transformers' classes
        """The vision model."""
        return transformers.SiglipVisionModel.from_pretrained(folder, local_files_only=True)

    def vectors(self, model: Any, pixels: Tensor) -> Tensor:  # noqa: ANN401
        """The pooled vector."""
        pooled: Tensor = model(pixel_values=pixels).pooler_output
        return pooled


def openai_steps(side: int, *, nearest: bool) -> Preprocess:
    """CLIP's preparation: the shorter side to ``side`` by bicubic interpolation, and the middle square."""
    return Preprocess(side, crop=side, mean=OPENAI[0], std=OPENAI[1], nearest=nearest)


b32 = Clip("clip_b32", "openai/clip-vit-base-patch32", openai_steps(B32_SIDE, nearest=True), own_steps=True)
"""CLIP ViT-B/32, prepared as by OpenAI's own package: what Design2Code, DesignBench and InteractScience use."""
l14_336 = Clip("clip_l14_336", "openai/clip-vit-large-patch14-336", openai_steps(L14_SIDE, nearest=False))
"""CLIP ViT-L/14 at 336 pixels with the preparation of transformers, as UniSVG uses it."""
siglip2 = SigLip(
    "siglip2",
    "google/siglip2-so400m-patch14-384",
    Preprocess((SIGLIP_SIDE, SIGLIP_SIDE), resample=BILINEAR, mean=HALVES[0], std=HALVES[1]),
)


def _whole(side: int) -> Any:  # noqa: ANN401  a function of Facts
    def seen(facts: Facts) -> Bytes:
        return letterboxed(facts[rgb], side)

    return seen


b32_features = embedding(b32)
b32_whole = embedding(b32, _whole(B32_SIDE), name="clip_b32_whole")
l14_features = embedding(l14_336)
l14_whole = embedding(l14_336, _whole(L14_SIDE), name="clip_l14_336_whole")
siglip2_features = embedding(siglip2)

TALL_PAGE = Difference(
    "middle square",
    official="of a picture that is not square, the model is shown the middle square alone",
    fixed="it is shown the whole picture, as large as it fits on a white square",
    example="two pages of 1280x5000 that differ in their first screen only: 1 against less than 1",
)


def _b32_fixed(reference: Facts, candidate: Facts) -> Values:
    return {"cosine": cosine(reference[b32_whole], candidate[b32_whole])}


def _l14_fixed(reference: Facts, candidate: Facts) -> Values:
    return {"cosine": cosine(reference[l14_whole], candidate[l14_whole])}


@metric(
    "clip_b32",
    COSINE,
    needs=(b32_features,),
    source="CLIP ViT-B/32 (Radford et al., 2021) on screenshots, as DesignBench and InteractScience",
    cost_ms=120.0,
    family="perceptual",
    symmetric=True,
    default=False,
    fixed=_b32_fixed,
    differences=(TALL_PAGE,),
)
def clip_b32(reference: Facts, candidate: Facts) -> Values:
    """Cosine of CLIP ViT-B/32's vectors of the middle squares of both pictures, 224 pixels."""
    return {"cosine": cosine(reference[b32_features], candidate[b32_features])}


@metric(
    "clip_l14_336",
    COSINE,
    needs=(l14_features,),
    source="CLIP ViT-L/14-336 (Radford et al., 2021), as UniSVG",
    cost_ms=4000.0,
    family="perceptual",
    symmetric=True,
    default=False,
    fixed=_l14_fixed,
    differences=(TALL_PAGE,),
)
def clip_l14_336(reference: Facts, candidate: Facts) -> Values:
    """Cosine of CLIP ViT-L/14-336's vectors of the middle squares of both pictures, 336 pixels."""
    return {"cosine": cosine(reference[l14_features], candidate[l14_features])}


@metric(
    "siglip2",
    COSINE,
    needs=(siglip2_features,),
    source="SigLIP 2 So400m/14-384 (Tschannen et al., 2025): cosine of the pooled vectors",
    cost_ms=8000.0,
    family="perceptual",
    symmetric=True,
    default=False,
)
def siglip2_likeness(reference: Facts, candidate: Facts) -> Values:
    """Cosine of SigLIP 2's pooled vectors; each picture whole, brought to 384x384."""
    return {"cosine": cosine(reference[siglip2_features], candidate[siglip2_features])}
