"""Letters the detector overlooks: small lone shapes of the size of the picture's other words."""

from collections import Counter
from collections.abc import Sequence

import cv2
import numpy as np

from ._arrays import Bytes
from .ocr import Box
from .setting import Line
from .zones import connected

_MOST = 24
_ALIKE = 7


def overlooked(clean: Bytes, lines: Sequence[Line]) -> list[Box]:
    """Boxes around shapes that may be letters, in a picture whose known words are taken out."""
    heights = [line.ink.box[3] - line.ink.box[1] for line in lines]
    low, high = (0.55 * min(heights), 1.5 * max(heights)) if heights else (6.0, 40.0)
    parts = _parts(clean, max(5.0, low), min(60.0, high))
    sizes = Counter((round(wide / 2), round(tall / 2)) for _, _, wide, tall in parts)
    # Many of one size are markers.
    parts = [part for part in parts if sizes[round(part[2] / 2), round(part[3] / 2)] < _ALIKE]
    boxes = [_box(group) for group in _rows(parts)]
    return boxes if len(boxes) <= _MOST else []


def _parts(clean: Bytes, low: float, high: float) -> list[tuple[int, int, int, int]]:
    """Left, top, width and height of what stands alone on a large even ground and is as high as letters."""
    labels = connected(clean, 3)
    large = np.bincount(labels.ravel()) > max(150, 0.002 * labels.size)
    _, _, stats, _ = cv2.connectedComponentsWithStats((~large[labels]).astype(np.uint8), connectivity=8)
    found = []
    for left, top, wide, tall, area in stats[1:]:
        inside = left > 0 and top > 0 and left + wide < clean.shape[1] and top + tall < clean.shape[0]
        if inside and low <= tall <= high and wide <= 1.6 * tall and area > 0.12 * wide * tall and area > 8:
            found.append((int(left), int(top), int(wide), int(tall)))
    return found


def _rows(parts: list[tuple[int, int, int, int]]) -> list[list[tuple[int, int, int, int]]]:
    """Parts side by side, as letters of a word are."""
    rows: list[list[tuple[int, int, int, int]]] = []
    for part in sorted(parts):
        home = next((row for row in rows if _follows(row[-1], part)), None)
        if home is None:
            rows.append([part])
        else:
            home.append(part)
    return rows


def _follows(before: tuple[int, int, int, int], after: tuple[int, int, int, int]) -> bool:
    gap = after[0] - before[0] - before[2]
    tall = max(before[3], after[3])
    level = abs(before[1] + before[3] - after[1] - after[3]) < 0.45 * tall
    return -2 <= gap < 0.45 * tall and level


def _box(group: list[tuple[int, int, int, int]]) -> Box:
    left, top = min(part[0] for part in group), min(part[1] for part in group)
    right, bottom = max(part[0] + part[2] for part in group), max(part[1] + part[3] for part in group)
    margin = 0.28 * (bottom - top)
    return Box((left + right) / 2, (top + bottom) / 2, right - left + 2 * margin, bottom - top + 2 * margin)
