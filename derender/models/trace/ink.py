"""Separating a line of text from what it stands on."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from ._arrays import Bytes, Flags, Floats

_SEEN = 0.25


@dataclass(frozen=True, slots=True)
class Ink:
    """The ink of one upright crop.

    Attributes:
        coverage: 0..1 per pixel; other drawings in the crop are taken out.
        paper: colour behind the ink.
        color: colour of the ink at full coverage.
        box: left, top, right, bottom of the ink in the crop, to parts of a pixel.
    """

    coverage: Floats
    paper: Floats
    color: Floats
    box: tuple[float, float, float, float]


def find_ink(crop: Bytes, margin: float) -> Ink | None:
    """The text's ink in an upright crop whose outer `margin` pixels are probably beside the text, or None."""
    pixels = crop.astype(np.float32)
    middle = _middle(pixels, margin)
    paper = _commonest(middle)
    distance = np.abs(middle - paper).sum(axis=2)
    strongest = float(distance.max())
    if strongest < 24:
        return None
    color = np.median(middle[distance >= 0.85 * strongest], axis=0)
    coverage = _share(pixels, paper, color)
    coverage = _without_strangers(coverage, margin)
    if coverage.max() < _SEEN:
        return None
    return Ink(coverage, paper, color, ink_box(coverage))


def _middle(pixels: Floats, margin: float) -> Floats:
    height, width = pixels.shape[:2]
    down, across = int(min(margin * 1.5, height * 0.28)), int(min(margin * 0.7, width * 0.2))
    return pixels[down : height - down or None, across : width - across or None]


def _commonest(pixels: Floats) -> Floats:
    """The colour most pixels have, averaged over its near neighbours."""
    coarse = (pixels.reshape(-1, 3) / 8).astype(np.int32)
    keys = coarse[:, 0] << 16 | coarse[:, 1] << 8 | coarse[:, 2]
    values, counts = np.unique(keys, return_counts=True)
    chosen = keys == values[counts.argmax()]
    return np.asarray(np.median(pixels.reshape(-1, 3)[chosen], axis=0))


def _share(pixels: Floats, paper: Floats, color: Floats) -> Floats:
    """How much ink each pixel holds, 0 where its colour is no blend of paper and ink."""
    axis = color - paper
    length = float(axis @ axis)
    offset = pixels - paper
    share = offset @ axis / length
    stray = np.linalg.norm(offset - share[..., None] * axis, axis=2)
    share[stray > 0.3 * length**0.5 + 10] = 0
    return np.asarray(np.clip(share, 0, 1).astype(np.float32))


def _without_strangers(coverage: Floats, margin: float) -> Floats:
    """Take out what runs over the crop's edge or lies wholly in its margin: ticks, frames, neighbours."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats((coverage > 0.3).astype(np.uint8), connectivity=8)
    height, width = coverage.shape
    inner = max(1.0, margin * 0.6)
    left, top = stats[:, 0], stats[:, 1]
    right, bottom = left + stats[:, 2], top + stats[:, 3]
    outside = (bottom <= inner) | (top >= height - inner) | (right <= inner) | (left >= width - inner)
    over = (top == 0) | (bottom == height) | (left == 0) | (right == width)
    for strange in (outside | over, outside):
        strange[0] = True
        if stats[~strange, cv2.CC_STAT_AREA].sum() > max(4, 0.02 * coverage.size):
            break
    kept: Flags = ~strange[labels]
    # Soft edges below the threshold belong to what they touch.
    near = cv2.dilate(kept.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return np.where(near & (kept | (labels == 0)), coverage, 0).astype(np.float32)


def trim_side(ink: Ink, *, left: bool) -> Ink | None:
    """The ink without its first (or last) stroke, when a gap sets that apart."""
    columns = np.flatnonzero(ink.coverage.max(axis=0) > _SEEN)
    gaps = np.flatnonzero(np.diff(columns) > 1)
    if not len(gaps):
        return None
    cut = int(columns[gaps[0]]) + 1 if left else int(columns[gaps[-1] + 1]) - 1
    coverage = ink.coverage.copy()
    if left:
        coverage[:, : cut + 1] = 0
    else:
        coverage[:, cut:] = 0
    return replace(ink, coverage=coverage, box=ink_box(coverage)) if coverage.max() > _SEEN else None


def ink_box(coverage: Floats) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of what can be seen, to parts of a pixel."""
    columns, rows = coverage.max(axis=0), coverage.max(axis=1)
    left, right = _ends(columns)
    top, bottom = _ends(rows)
    return left, top, right, bottom


def _ends(profile: Floats) -> tuple[float, float]:
    """Where a profile begins and ends; the first and last pixel count by how dark they are."""
    seen = np.flatnonzero(profile > min(_SEEN, 0.5 * float(profile.max())))
    first, last = int(seen[0]), int(seen[-1])
    before = float(profile[first - 1]) if first else 0.0
    after = float(profile[last + 1]) if last + 1 < len(profile) else 0.0
    begin = first + 1 - min(1.0, float(profile[first])) - before
    end = last + min(1.0, float(profile[last])) + after
    return begin, end
