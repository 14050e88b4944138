"""What is done to a picture before a vision model sees it, by Pillow and NumPy.

The steps are those of the models' own processors, which work on Pillow images: resizing in 8 bits, cropping the middle,
then scaling to 0..1 and subtracting mean and dividing by spread of each channel.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ._facts import Unscorable

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from ._facts import Bytes

    Floats = NDArray[np.float32]

IMAGENET = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
OPENAI = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
HALVES = (0.5, 0.5, 0.5), (0.5, 0.5, 0.5)
BILINEAR, BICUBIC = 2, 3
"""Pillow's numbers for ways of resampling, which processors' configurations use."""
MOST_PIXELS = 1 << 26
"""How large a picture may become on the way: a strip whose short side grows to 224 pixels may become a mile long."""


@dataclass(frozen=True, slots=True)
class Preprocess:
    """The steps, with their numbers.

    Attributes:
        size: the shorter side in pixels (the other follows, rounded down), or width and height; None: left as it is.
        crop: side of the square cut from the middle; None: none.
        resample: Pillow's number of the filter.
        mean: subtracted, per channel, in 0..1.
        std: divided by, per channel.
        nearest: whether a crop with an odd rest begins at the nearest pixel, ties to even, as torchvision's does,
            instead of the one before.
    """

    size: int | tuple[int, int] | None
    crop: int | None = None
    resample: int = BICUBIC
    mean: tuple[float, ...] = IMAGENET[0]
    std: tuple[float, ...] = IMAGENET[1]
    nearest: bool = False

    def __call__(self, pixels: Bytes) -> Floats:
        """Pixels (height x width x 3) as the model takes them: 3 x height x width."""
        import numpy as np

        shown = self._cropped(self._resized(pixels))
        mean, std = (np.asarray(values, np.float32) for values in (self.mean, self.std))
        values = (shown.astype(np.float32) / np.float32(255) - mean) / std
        return np.ascontiguousarray(values.transpose(2, 0, 1), np.float32)

    def _resized(self, pixels: Bytes) -> Bytes:
        if self.size is None:
            return pixels
        height, width = pixels.shape[:2]
        if isinstance(self.size, int):
            short, long = min(width, height), max(width, height)
            grown = int(self.size * long / short)
            wanted = (self.size, grown) if width <= height else (grown, self.size)
        else:
            wanted = self.size
        return resized(pixels, wanted, self.resample)

    def _cropped(self, pixels: Bytes) -> Bytes:
        if self.crop is None:
            return pixels
        top, left = (
            round((side - self.crop) / 2) if self.nearest else (side - self.crop) // 2 for side in pixels.shape[:2]
        )
        return pixels[top : top + self.crop, left : left + self.crop]


def resized(pixels: Bytes, wanted: tuple[int, int], resample: int = BICUBIC) -> Bytes:
    """Pixels at another size (width, height), by Pillow; the same array where it has that size.

    Raises:
        Unscorable: it would take more than `MOST_PIXELS`.
    """
    import numpy as np
    from PIL import Image

    if (pixels.shape[1], pixels.shape[0]) == wanted:
        return pixels
    if wanted[0] * wanted[1] > MOST_PIXELS:
        raise Unscorable(f"a picture of {pixels.shape[1]}x{pixels.shape[0]} pixels is too long and narrow for this")
    return np.asarray(Image.fromarray(pixels).resize(wanted, Image.Resampling(resample)))


def letterboxed(pixels: Bytes, side: int) -> Bytes:
    """The whole picture as large as it fits in the middle of a white square; ``side`` in pixels."""
    import numpy as np

    height, width = pixels.shape[:2]
    scale = side / max(height, width)
    shown = resized(pixels, (max(1, round(width * scale)), max(1, round(height * scale))))
    square = np.full((side, side, 3), 255, np.uint8)
    top, left = (side - shown.shape[0]) // 2, (side - shown.shape[1]) // 2
    square[top : top + shown.shape[0], left : left + shown.shape[1]] = shown
    return square


def from_folder(folder: Path, default: Preprocess) -> Preprocess:
    """The steps that a model's folder asks for in ``preprocessor_config.json``; the default's where it says nothing."""
    file = folder / "preprocessor_config.json"
    if not file.is_file():
        return default
    return _from_config(json.loads(file.read_text("utf-8")), default)


def _from_config(config: Mapping[str, Any], default: Preprocess) -> Preprocess:
    said = {name: value for name, value in config.items() if value is not None}
    size = _size(said["size"]) if "size" in said else default.size
    crop = _size(said["crop_size"]) if "crop_size" in said else default.crop
    return Preprocess(
        size=size if said.get("do_resize", True) else None,
        crop=(crop[0] if isinstance(crop, tuple) else crop) if said.get("do_center_crop", crop is not None) else None,
        resample=int(said.get("resample", default.resample)),
        mean=tuple(said.get("image_mean", default.mean)),
        std=tuple(said.get("image_std", default.std)),
        nearest=default.nearest,
    )


def _size(value: int | Mapping[str, int]) -> int | tuple[int, int]:
    if isinstance(value, int):
        return value
    return value["shortest_edge"] if "shortest_edge" in value else (value["width"], value["height"])
