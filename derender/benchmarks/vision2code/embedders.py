"""Who makes the vectors of the cosine baselines, by name.

``pixel`` needs no model: it is what the paper's code falls back on. Others are vision models that metrics know, whose
vectors know no words: a focus text stands behind them as its own hashed vector, as it does behind pixels. The paper's
own baseline is a model that reads the text beside the picture: ``hf/CHECKPOINT``, or ``openai/NAME`` at an endpoint.
"""

import hashlib
import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol, TypeAlias

from derender.core import DerenderError, UnknownName, UserError
from derender.models.embeddings import Encoder, OpenAIEncoder, Shown, TransformersEncoder, unit

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Vector: TypeAlias = npt.NDArray[np.float32]
    Pixels: TypeAlias = npt.NDArray[np.uint8]

PAPERS = "Qwen/Qwen3-VL-Embedding-8B"
"""The checkpoint that the published baseline was made with."""
PIXEL = "pixel"
_SIDE = 32
_WORDS = 256
_VISION = MappingProxyType(
    {
        "efficientnet": ("efficientnet", "lite0"),
        "clip_b32": ("clip", "b32"),
        "clip_l14_336": ("clip", "l14_336"),
        "siglip2": ("clip", "siglip2"),
        "dinov2_b": ("dino", "dinov2_base"),
        "dinov3_b": ("dino", "dinov3_base"),
    }
)
"""Name → module of `derender.metrics` and the embedder in it."""


def encoder_names() -> tuple[str, ...]:
    """The names there are, those of checkpoints and endpoints as patterns."""
    return (PIXEL, *_VISION, "hf/CHECKPOINT", "openai/NAME")


def load_encoder(name: str, instruction: str, base_url: str | None = None) -> Encoder:
    """An encoder by its name; loads nothing yet.

    Args:
        name: one of `encoder_names`.
        instruction: told to models that read.
        base_url: of ``openai/``.

    Raises:
        UnknownName: there is none of that name.
        UserError: an endpoint is named for what has none.
    """
    family, _, model = name.partition("/")
    if base_url is not None and family != "openai":
        raise UserError(f"{name} has no endpoint: --base-url is for openai/NAME")
    if model and family == "hf":
        return TransformersEncoder(model, instruction)
    if model and family == "openai":
        return OpenAIEncoder(model, base_url, instruction=instruction)
    if name == PIXEL:
        return Beside(Squares(), PIXEL)
    if name not in _VISION:
        raise UnknownName("embedder", name, encoder_names())
    module, attribute = _VISION[name]
    return Beside(getattr(importlib.import_module(f"derender.metrics.{module}"), attribute), name)


class Vision(Protocol):
    """A vision model of `derender.metrics`, which remembers what it was shown."""

    @property
    def fingerprint(self) -> str:
        """What its vectors depend on."""

    def ready(self) -> None:
        """Load it."""

    def embed(self, pictures: "Sequence[Pixels]") -> "Vector":
        """N pictures as n vectors."""


class Squares:
    """Pictures as 32 x 32 pixels."""

    fingerprint = "32x32 RGB, bicubic"

    def ready(self) -> None:
        """Nothing is loaded."""

    def embed(self, pictures: "Sequence[Pixels]") -> "Vector":
        """N x 3072, 0 to 255."""
        import numpy as np
        from PIL import Image

        size = (_SIDE, _SIDE)
        small = [Image.fromarray(picture).resize(size, Image.Resampling.BICUBIC) for picture in pictures]
        return np.stack([np.asarray(each, np.float32).ravel() for each in small])


@dataclass(frozen=True)
class Beside:
    """An encoder of a model that knows no words: behind its vector stands one of the text's words.

    Both have length 1, so that equal texts bring the cosine halfway to 1.

    Attributes:
        vision: the model.
        name: what messages call it.
    """

    vision: Vision
    name: str

    @property
    def fingerprint(self) -> str:
        """The model's and how words are counted."""
        return f"{self.name} {self.vision.fingerprint}, {_WORDS} signed words"

    def ready(self) -> None:
        """Load the model."""
        self.vision.ready()

    def vectors(self, shown: Sequence[Shown]) -> "list[Vector | DerenderError]":
        """Each picture once, all at once; where one fails, one by one."""
        pictures = {id(each.pixels): each.pixels for each in shown}
        seen = self._seen(pictures)
        return [self._with_words(seen[id(each.pixels)], each.text) for each in shown]

    def _seen(self, pictures: "Mapping[int, Pixels]") -> "dict[int, Vector | DerenderError]":
        try:
            return dict(zip(pictures, map(_unit, self.vision.embed([*pictures.values()])), strict=True))
        except DerenderError as error:
            if len(pictures) == 1:
                return dict.fromkeys(pictures, error)
        return {key: each for one in pictures.items() for key, each in self._seen(dict([one])).items()}

    def _with_words(self, seen: "Vector | DerenderError", text: str) -> "Vector | DerenderError":
        import numpy as np

        if isinstance(seen, DerenderError) or not text:
            return seen
        return unit(np.concatenate([seen, word_vector(text)]))


def word_vector(text: str) -> "Vector":
    """The words of a text as 256 signed counts of length 1, place and sign by each word's SHA-256; 0 without any."""
    import numpy as np

    counts = np.zeros(_WORDS)
    for word in text.lower().split():
        digest = hashlib.sha256(word.encode()).digest()
        counts[int.from_bytes(digest[:4], "little") % _WORDS] += 1 - 2 * (digest[4] % 2)
    length = float(np.linalg.norm(counts))
    return (counts / length if length else counts).astype(np.float32)


def _unit(vector: "Vector") -> "Vector | DerenderError":
    try:
        return unit(vector)
    except DerenderError as error:
        return error
