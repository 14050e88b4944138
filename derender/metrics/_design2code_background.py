"""What a page looks like without its texts, as Design2Code shows it to CLIP."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from ._design2code_blocks import Block
from ._design2code_pages import Page
from ._facts import Unscorable

if TYPE_CHECKING:
    from ._embedder import Floats
    from ._facts import Bytes

RADIUS_PX = 3
MOST_MASKED = 5_000_000
"""Pixels under texts; filling in half a million of them takes a second."""


def background(picture: "Bytes", blocks: Sequence[Block]) -> "Bytes":
    """A page (height x width x 3) with its text blocks painted over from around them, pressed into a square.

    The boxes are filled in by Telea's method; the square is as wide as the page's shorter side.

    Raises:
        Unscorable: the blocks cover too much to be filled in.
    """
    import numpy as np
    from PIL import Image

    side = min(picture.shape[:2])
    square = Image.fromarray(_painted_over(picture, blocks)).resize((side, side), Image.Resampling.LANCZOS)
    return np.asarray(square)


def background_vector(page: Page) -> "Floats":
    """CLIP ViT-B/32's vector of a page's background.

    Raises:
        Missing: the weights are not on this machine.
        Unscorable: the blocks cover too much to be filled in.
    """
    from .clip import b32

    # Said before the work that would be in vain.
    for weights in b32.weights:
        weights.find()
    return cast("Floats", b32.embed([background(page.picture, page.blocks)])[0])


def _painted_over(picture: "Bytes", blocks: Sequence[Block]) -> "Bytes":
    import cv2
    import numpy as np

    height, width = picture.shape[:2]
    mask = np.zeros((height, width), np.uint8)
    for block in blocks:
        left, top = int(block.bbox[0] * width), int(block.bbox[1] * height)
        mask[top : top + int(block.bbox[3] * height), left : left + int(block.bbox[2] * width)] = 255
    masked = cv2.countNonZero(mask)
    if masked > MOST_MASKED:
        raise Unscorable(f"the page's texts cover {masked} pixels; up to {MOST_MASKED} are painted over")
    return np.asarray(cv2.inpaint(picture, mask, RADIUS_PX, cv2.INPAINT_TELEA), np.uint8) if masked else picture
