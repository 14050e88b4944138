"""From a picture to its scene."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import cv2
import numpy as np

from ._arrays import Bytes, Flags
from .bars import find_bars
from .budget import worth_drawing
from .ocr import Reader
from .outlines import outlined
from .photos import is_photo, patches
from .regions import Region, regions_of, rounded, shape_of
from .scale import scaled
from .scene import Color, Look, Rect, Scene, Shape
from .setting import Line
from .strays import overlooked
from .strokes import split_inks, trace_layer
from .texts import cover, erase, fit_lines, fit_more, text_of
from .zones import Zones, cut

_SMALLEST_TO_READ = 12
_THINNEST = 4
_MOST_STRETCHES = 1000
_MOST_PIXELS = 2_400_000


def trace_scene(image: Bytes, reader: Reader) -> Scene:
    """The scene a picture shows; `image` is RGB or RGBA."""
    height, width = image.shape[:2]
    factor = min(1.0, (_MOST_PIXELS / (height * width)) ** 0.5)
    if factor < 0.98:
        size = (max(1, round(width * factor)), max(1, round(height * factor)))
        smaller = cv2.resize(np.ascontiguousarray(image), size, interpolation=cv2.INTER_AREA)
        return scaled(trace_scene(smaller, reader), width, height)
    opaque, empty = flattened(image)
    if min(height, width) < _THINNEST:
        return _sliver(opaque, empty)
    lines = _words(opaque, reader)
    clean = _without(opaque, lines)
    texts = tuple(text_of(line) for line in lines)
    if is_photo(clean):
        background = rounded(np.median(clean.reshape(-1, 3), axis=0).astype(np.float32))
        return Scene(width, height, None if empty is not None else background, tuple(patches(clean)), texts)
    zones = cut(clean)
    grounds = _grounds(zones, empty)
    background = rounded(np.median(zones.painted[grounds[zones.labels]].astype(np.float32), axis=0))
    shapes = _shapes(clean, zones, grounds)
    return Scene(width, height, None if empty is not None else background, tuple(shapes), texts)


def _sliver(image: Bytes, empty: Flags | None) -> Scene:
    """A picture too thin to hold shapes: stretches of one colour."""
    height, width = image.shape[:2]
    shapes = []
    for row in range(height):
        steps = np.flatnonzero((image[row, 1:] != image[row, :-1]).any(axis=1)) + 1
        for begin, end in pairwise([0, *steps.tolist(), width]):
            if empty is None or not empty[row, begin]:
                shapes.append(
                    Rect(begin, row, end - begin, 1, Look(fill=rounded(image[row, begin].astype(np.float32))))
                )
    if height > width:
        turned = _sliver(np.swapaxes(image, 0, 1), None if empty is None else empty.T)
        upright = (shape for shape in turned.shapes if isinstance(shape, Rect))
        shapes = [Rect(shape.y, shape.x, shape.height, shape.width, shape.look) for shape in upright]
    return Scene(width, height, None, tuple(shapes[:_MOST_STRETCHES]))


def _words(image: Bytes, reader: Reader) -> list[Line]:
    """Lines of text, those the detector overlooks among them."""
    if min(image.shape[:2]) < _SMALLEST_TO_READ:
        return []
    lines = fit_lines(image, reader.read(image, reader.find(image)))
    boxes = overlooked(_without(image, lines), lines)
    if boxes:
        lines += fit_more(image, reader.read(image, boxes), lines)
    return lines


def _without(image: Bytes, lines: Sequence[Line]) -> Bytes:
    words = np.zeros(image.shape[:2], bool)
    for line in lines:
        cover(words, line)
    return erase(image, words)


def flattened(image: Bytes) -> tuple[Bytes, Flags | None]:
    """The picture laid on a colour it does not hold, and which pixels were empty; None when none were."""
    if image.shape[2] == 3:
        return np.ascontiguousarray(image), None
    alpha = image[:, :, 3]
    if int(alpha.min()) > 8:
        return np.ascontiguousarray(image[:, :, :3]), None
    opaque = image[alpha > 250][:, :3].astype(np.int32)
    papers: tuple[Color, ...] = ((255, 255, 255), (0, 0, 0), (255, 0, 255), (0, 255, 0), (128, 128, 128))
    sample = opaque[:: max(1, len(opaque) // 20_000)]
    apart = [float(np.percentile(np.abs(sample - paper).sum(axis=1), 1)) if len(sample) else 0.0 for paper in papers]
    paper = next((paper for paper, gap in zip(papers, apart, strict=True) if gap > 60), papers[int(np.argmax(apart))])
    share = alpha[:, :, None].astype(np.float32) / 255
    mixed = image[:, :, :3] * share + np.array(paper, np.float32) * (1 - share)
    return np.round(mixed).astype(np.uint8), alpha < 8


def _grounds(zones: Zones, empty: Flags | None) -> Flags:
    """By label: the zones that are empty, or else the one that most of the picture's rim belongs to."""
    labels = zones.labels
    count = int(labels.max()) + 1
    if empty is not None:
        share = np.bincount(labels[empty], minlength=count) / np.maximum(np.bincount(labels.ravel()), 1)
        return share > 0.5
    rim = np.concatenate((labels[0], labels[-1], labels[:, 0], labels[:, -1]))
    return np.asarray(np.arange(count) == int(np.bincount(rim).argmax()))


def _shapes(clean: Bytes, zones: Zones, grounds: Flags) -> list[Shape]:
    """Panels, lines that things lie on, fills with their outlines, then all other strokes."""
    strokes = zones.strokes.copy()
    fills: list[tuple[int, Shape]] = []
    for region, shape in _fills(zones, grounds):
        found = outlined(shape, clean, strokes)
        if found:
            shape, band = found
            strokes &= ~band
        fills.append((region.area, shape))
    bars, left = find_bars(clean, zones, strokes)
    thin = [shape for layer in split_inks(clean, zones.painted, left) for shape in trace_layer(layer)]
    panel = 0.2 * zones.labels.size
    small = [shape for area, shape in fills if area <= panel]
    over = [bar.shape() for bar in bars if not bar.below]
    drawn = set(map(id, worth_drawing([*small, *thin, *over], zones.painted)))
    return [
        *(shape for area, shape in fills if area > panel),
        *(bar.shape() for bar in bars if bar.below),
        *(shape for shape in (*small, *thin, *over) if id(shape) in drawn),
    ]


def _fills(zones: Zones, grounds: Flags) -> Iterator[tuple[Region, Shape]]:
    regions = regions_of(zones, grounds)
    later: Flags = np.zeros(int(zones.labels.max()) + 1, bool)
    later[[region.label for region in regions]] = True
    for region in regions:
        later[region.label] = False
        shape = shape_of(region, zones, later)
        if shape is not None:
            yield region, shape
