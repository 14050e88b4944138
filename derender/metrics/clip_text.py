"""How well a picture fits a text: CLIPScore as StarVector and as DeTikZify compute it.

A text is no side of a comparison, so these are functions: `starvector_clip_score` and `detikzify_clip_score`.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ._embedder import cosine, unload
from ._preprocess import BICUBIC, HALVES, Preprocess
from ._torch import chosen_device, pytorch, transformers_quiet
from ._weights import HubModel
from .clip import B32_SIDE, SIGLIP_SIDE, Clip, SigLip, openai_steps
from .dreamsim import squared_figure
from .imagesim import MODEL as SIGLIP

if TYPE_CHECKING:
    from ._embedder import Floats
    from ._facts import Bytes

CLIP = "openai/clip-vit-base-patch32"


class TextEmbedder:
    """The caption's half of a CLIP or SigLIP model. Safe to share between threads.

    Args:
        model: its name on the hub.
        kind: which of the two it is.
    """

    def __init__(self, model: str, kind: Literal["clip", "siglip"]) -> None:
        self._weights = HubModel(model)
        self._kind = kind
        self._lock = threading.Lock()

    def embed(self, texts: Sequence[str]) -> Floats:
        """The vectors of texts, n x d; words beyond what the model takes are left out.

        Raises:
            Missing: weights or what runs them are absent.
        """
        import numpy as np

        torch = pytorch()
        rows = []
        with self._lock, torch.inference_mode():
            model = self._model if self._kind == "clip" else self._model.text_model
            longest = int(model.config.max_position_embeddings)
            for text in texts:
                given = self._tokenizer(text, truncation=True, max_length=longest, return_tensors="pt")
                found = model(input_ids=given["input_ids"].to(chosen_device()))
                vector = found.text_embeds if self._kind == "clip" else found.pooler_output
                rows.append(vector[0].float().cpu().numpy())
        return np.stack(rows)

    def release(self) -> None:
        """Give back the memory that the model takes; asked again, it loads again."""
        with self._lock:
            unload(self)

    @property
    def scale_and_bias(self) -> tuple[float, float]:
        """SigLIP's logit is this scale times the cosine plus this bias."""
        return math.exp(self._model.logit_scale.item()), self._model.logit_bias.item()

    @cached_property
    def _folder(self) -> Path:
        return self._weights.find()

    @cached_property
    def _tokenizer(self) -> Any:  # noqa: ANN401  transformers' classes
        with transformers_quiet() as transformers:
            return transformers.AutoTokenizer.from_pretrained(self._folder, local_files_only=True)

    @cached_property
    def _model(self) -> Any:  # noqa: ANN401  transformers' classes
        with transformers_quiet() as transformers:
            kinds = {"clip": transformers.CLIPTextModelWithProjection, "siglip": transformers.SiglipModel}
            model = kinds[self._kind].from_pretrained(self._folder, local_files_only=True)
        return model.to(chosen_device()).eval()


clip_pictures = Clip("clip_b32_starvector", CLIP, openai_steps(B32_SIDE, nearest=False))
clip_texts = TextEmbedder(CLIP, "clip")
siglip_pictures = SigLip(
    "siglip_detikzify",
    SIGLIP,
    Preprocess((SIGLIP_SIDE, SIGLIP_SIDE), resample=BICUBIC, mean=HALVES[0], std=HALVES[1]),
)
siglip_texts = TextEmbedder(SIGLIP, "siglip")


def starvector_clip_score(pictures: Sequence[Bytes], texts: Sequence[str]) -> list[float]:
    """StarVector's CLIPScore, picture by picture: 100 times the cosine of CLIP ViT-B/32's two vectors.

    Args:
        pictures: height x width x 3 each.
        texts: one for each.

    Raises:
        Missing: weights or what runs them are absent.
    """
    pairs = zip(clip_pictures.embed(pictures), clip_texts.embed(texts), strict=True)
    return [100 * cosine(picture, text) for picture, text in pairs]


def detikzify_clip_score(pictures: Sequence[Bytes], texts: Sequence[str]) -> list[float]:
    """DeTikZify's CLIPScore, picture by picture: the probability SigLIP gives that text and picture belong together.

    Args:
        pictures: height x width x 3 each; trimmed and padded to squares as DeTikZify does.
        texts: one for each; not padded, as there, though SigLIP learnt with padded ones.

    Raises:
        Missing: weights or what runs them are absent.
        Unscorable: a picture is too large.
    """
    seen = siglip_pictures.embed([squared_figure(picture) for picture in pictures])
    scale, bias = siglip_texts.scale_and_bias
    pairs = zip(seen, siglip_texts.embed(texts), strict=True)
    return [1 / (1 + math.exp(-(scale * cosine(picture, text) + bias))) for picture, text in pairs]
