"""Two pictures of one size, as Image2Struct makes them: padded for LaTeX and music, resized for pages."""

from typing import TYPE_CHECKING

from ._facts import Unscorable
from ._preprocess import resized as at_size

if TYPE_CHECKING:
    from ._facts import Bytes

MOST_PIXELS = 64_000_000
"""Of a canvas that holds both pictures."""


def padded(one: "Bytes", other: "Bytes") -> tuple["Bytes", "Bytes"]:
    """Both pictures on a canvas as wide and as high as either, white to the right and below.

    Raises:
        Unscorable: a wide and a high picture make a canvas too large to look at.
    """
    height, width = common_size(one, other)
    return _on_canvas(one, height, width), _on_canvas(other, height, width)


def common_size(one: "Bytes", other: "Bytes") -> tuple[int, int]:
    """Height and width of the least canvas that holds either picture.

    Raises:
        Unscorable: a wide and a high picture make a canvas too large to look at.
    """
    height, width = (max(sides) for sides in zip(one.shape[:2], other.shape[:2], strict=True))
    if height * width > MOST_PIXELS:
        raise Unscorable(f"a canvas of {width}x{height} pixels, which holds both pictures, is too large")
    return height, width


def resized(one: "Bytes", other: "Bytes") -> tuple["Bytes", "Bytes"]:
    """The first picture and the second at its size, by Pillow's bicubic filter."""
    return one, at_size(other, (one.shape[1], one.shape[0]))


def _on_canvas(pixels: "Bytes", height: int, width: int) -> "Bytes":
    import numpy as np

    if pixels.shape[:2] == (height, width):
        return pixels
    canvas = np.full((height, width, 3), 255, np.uint8)
    canvas[: pixels.shape[0], : pixels.shape[1]] = pixels
    return canvas
