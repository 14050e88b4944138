"""Likeness as DINO models see it, which learnt from pictures alone: layout and form more than names of things."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ._embedder import cosine, embedding
from ._facts import Facts
from ._metric import Part, Values, metric
from ._preprocess import BILINEAR, Preprocess
from ._torch import HubEmbedder

if TYPE_CHECKING:
    from torch import Tensor

DINOV2_STEPS = Preprocess(256, crop=224)
DINOV3_STEPS = Preprocess((224, 224), resample=BILINEAR)
TILE_BATCH = 16


class Dino(HubEmbedder):
    """A DINOv2 or DINOv3 model.

    Args:
        name: what to call it.
        model: its name on the hub.
        steps: how a picture is prepared, where the model's folder doesn't say.
        token: ``first`` is the CLS token after the last normalisation, ``raw`` the same before it, ``mean`` the mean
            over all tokens after it, the CLS token among them.
        rounded: whether pixels are rounded to bfloat16 first; then ``steps`` are insisted on.
    """

    def __init__(
        self,
        name: str,
        model: str,
        steps: Preprocess,
        *,
        token: Literal["first", "raw", "mean"] = "first",
        rounded: bool = False,
    ) -> None:
        super().__init__(name, model, steps, own_steps=rounded, batch=TILE_BATCH)
        self._token = token
        self._rounded = rounded

    def load(self, transformers: Any, folder: Path) -> Any:  # noqa: ANN401  transformers' classes
        """The model, without its last normalisation where that isn't wanted."""
        model = transformers.AutoModel.from_pretrained(folder, local_files_only=True)
        if self._token == "raw":
            import torch

            model.layernorm = torch.nn.Identity()
        return model

    def rounded(self, pixels: Tensor) -> Tensor:
        """Rounded to bfloat16 where the published code does so; the model itself is as precise as before."""
        import torch

        return pixels.to(torch.bfloat16).to(torch.float32) if self._rounded else pixels

    def vectors(self, model: Any, pixels: Tensor) -> Tensor:  # noqa: ANN401
        """The token wanted: n x d."""
        tokens: Tensor = model(pixel_values=pixels).last_hidden_state
        return tokens.mean(dim=1) if self._token == "mean" else tokens[:, 0]


dinov2_base = Dino("dinov2_b", "facebook/dinov2-base", DINOV2_STEPS)
dinov2_large = Dino("dinov2_l", "facebook/dinov2-large", DINOV2_STEPS)
dinov3_base = Dino("dinov3_b", "facebook/dinov3-vitb16-pretrain-lvd1689m", DINOV3_STEPS)
dinov3_large = Dino("dinov3_l", "facebook/dinov3-vitl16-pretrain-lvd1689m", DINOV3_STEPS)
starvector_base = Dino("dino_starvector", "facebook/dinov2-base", DINOV2_STEPS, token="mean")
dinov2_b, dinov2_l = embedding(dinov2_base), embedding(dinov2_large)
dinov3_b, dinov3_l = embedding(dinov3_base), embedding(dinov3_large)
dino_tokens = embedding(starvector_base)

COSINE = (Part("cosine", low=-1.0),)


@metric(
    "dinov2_b",
    COSINE,
    needs=(dinov2_b,),
    source="DINOv2 ViT-B/14 (Oquab et al., 2023): cosine of the class token",
    cost_ms=450.0,
    family="perceptual",
    symmetric=True,
    default=False,
)
def dinov2_b_likeness(reference: Facts, candidate: Facts) -> Values:
    """Cosine of DINOv2-B's class tokens; the middle square of each picture, 224 pixels."""
    return {"cosine": cosine(reference[dinov2_b], candidate[dinov2_b])}


@metric(
    "dinov2_l",
    COSINE,
    needs=(dinov2_l,),
    source="DINOv2 ViT-L/14 (Oquab et al., 2023): cosine of the class token",
    cost_ms=1700.0,
    family="perceptual",
    symmetric=True,
    default=False,
)
def dinov2_l_likeness(reference: Facts, candidate: Facts) -> Values:
    """Cosine of DINOv2-L's class tokens; the middle square of each picture, 224 pixels."""
    return {"cosine": cosine(reference[dinov2_l], candidate[dinov2_l])}


@metric(
    "dinov3_b",
    COSINE,
    needs=(dinov3_b,),
    source="DINOv3 ViT-B/16 (Siméoni et al., 2025): cosine of the class token",
    cost_ms=400.0,
    family="perceptual",
    symmetric=True,
    default=False,
)
def dinov3_b_likeness(reference: Facts, candidate: Facts) -> Values:
    """Cosine of DINOv3-B's class tokens; each picture whole, brought to 224x224."""
    return {"cosine": cosine(reference[dinov3_b], candidate[dinov3_b])}


@metric(
    "dinov3_l",
    COSINE,
    needs=(dinov3_l,),
    source="DINOv3 ViT-L/16 (Siméoni et al., 2025): cosine of the class token",
    cost_ms=1400.0,
    family="perceptual",
    symmetric=True,
    default=False,
)
def dinov3_l_likeness(reference: Facts, candidate: Facts) -> Values:
    """Cosine of DINOv3-L's class tokens; each picture whole, brought to 224x224."""
    return {"cosine": cosine(reference[dinov3_l], candidate[dinov3_l])}


@metric(
    "dino_starvector",
    (Part("dino"),),
    needs=(dino_tokens,),
    source="StarVector, DinoScore: DINOv2-B, mean of all tokens, (1 + cosine) / 2",
    cost_ms=450.0,
    family="perceptual",
    symmetric=True,
    default=False,
)
def dino_starvector(reference: Facts, candidate: Facts) -> Values:
    """StarVector's DinoScore: (1 + cosine) / 2 of the mean of all of DINOv2-B's tokens, the class token included."""
    return {"dino": (1 + cosine(reference[dino_tokens], candidate[dino_tokens])) / 2}
