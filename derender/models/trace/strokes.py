"""Thin things that run any way: one layer per ink, traced along the middle."""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from ._arrays import Bytes, Flags, Floats
from .regions import rounded
from .scene import Look, Polyline, Rect, Shape

_SAMPLE = 5000


@dataclass(frozen=True, slots=True)
class InkLayer:
    """Strokes of one colour: how much of each pixel they cover."""

    color: Floats
    coverage: Floats


def split_inks(image: Bytes, painted: Bytes, strokes: Flags) -> list[InkLayer]:
    """Strokes sorted by colour; every stroke pixel goes to the ink that, mixed with what is below, explains it."""
    rows, columns = np.nonzero(strokes)
    if not len(rows):
        return []
    here, ground = image[rows, columns].astype(np.float32), painted[rows, columns].astype(np.float32)
    step = max(1, len(rows) // _SAMPLE)
    inks = _inks(here[::step], ground[::step])
    if not inks:
        return []
    errors, shares = zip(*(_explained(here, ground, ink) for ink in inks), strict=True)
    owner = np.argmin(np.stack(errors), axis=0)
    layers = []
    for index, ink in enumerate(inks):
        coverage = np.zeros(strokes.shape, np.float32)
        mine = owner == index
        coverage[rows[mine], columns[mine]] = np.clip(shares[index][mine], 0, 1)
        layers.append(InkLayer(ink, coverage))
    return layers


def _inks(here: Floats, ground: Floats) -> list[Floats]:
    """Few colours that explain most of the strokes' contrast, found greedily."""
    contrast = np.linalg.norm(here - ground, axis=1)
    open_ = contrast > 12
    keys = (here / 6).astype(np.int32)
    packed = keys[:, 0] << 16 | keys[:, 1] << 8 | keys[:, 2]
    inks: list[Floats] = []
    while open_.sum() >= 6 and len(inks) < 12:
        values, counts = np.unique(packed[open_], return_counts=True)
        weight = [float(counts[i]) * float(contrast[packed == values[i]].mean()) for i in np.argsort(-counts)[:24]]
        order = np.argsort(-counts)[:24]
        gains = []
        for place, index in enumerate(order):
            color = np.median(here[packed == values[index]], axis=0)
            error, _ = _explained(here, ground, color)
            gains.append((float(contrast[open_ & (error < 16)].sum()) + weight[place], color))
        gain, color = max(gains, key=lambda one: one[0])
        error, _ = _explained(here, ground, color)
        taken = open_ & (error < 22)
        if not taken.any() or gain < 150:
            break
        inks.append(color)
        open_ &= ~taken
    return inks


def _explained(here: Floats, ground: Floats, ink: Floats) -> tuple[Floats, Floats]:
    """How far each pixel is from a mixture of ground and ink, and the ink's share."""
    axis = ink - ground
    length = np.maximum((axis * axis).sum(axis=1), 1.0)
    share = ((here - ground) * axis).sum(axis=1) / length
    error = np.linalg.norm(here - ground - share[:, None] * axis, axis=1)
    over = np.maximum(0, np.maximum(-share, share - 1.12))
    return error + over * np.sqrt(length) + 2 * (1 - np.clip(share, 0, 1)), share


def trace_layer(layer: InkLayer) -> Iterator[Shape]:
    """The strokes of one colour as lines along their middle."""
    mask = (layer.coverage > 0.3).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    for index in range(1, count):
        left, top, wide, tall, area = (int(value) for value in stats[index])
        if area < 3:
            continue
        window = (slice(top, top + tall), slice(left, left + wide))
        coverage = np.where(labels[window] == index, layer.coverage[window], 0)
        yield from _trace(coverage, (left, top), layer.color)


def _trace(coverage: Floats, offset: tuple[int, int], color: Floats) -> Iterator[Shape]:
    mass = float(coverage.sum())
    tall, wide = coverage.shape
    if max(tall, wide) <= 4 or mass > 0.8 * tall * wide:
        yield _dot(coverage, offset, color)
        return
    padded = np.pad(coverage, 2)
    bones = thinned(padded > 0.45 * float(np.percentile(coverage[coverage > 0], 90)))
    paths = list(_walks(bones))
    length = sum(float(np.linalg.norm(np.diff(path, axis=0), axis=1).sum()) for path in paths) + 1
    width = float(np.clip(mass / length, 0.4, 8))
    for path in paths:
        points = _smoothed(_centred(path, padded)) - 2 + offset + 0.5
        simple = _simplified(points)
        if len(simple) >= 2:
            look = Look(stroke=rounded(color), stroke_width=round(width, 1), round_ends=len(simple) > 2)
            closed = len(simple) > 3 and float(np.hypot(*(simple[0] - simple[-1]))) < 1.6
            yield Polyline(tuple((round(float(x), 1), round(float(y), 1)) for x, y in simple), look, closed=closed)


def _dot(coverage: Floats, offset: tuple[int, int], color: Floats) -> Shape:
    rows, columns = coverage.max(axis=1), coverage.max(axis=0)
    x, y = offset[0] + (1 - float(columns[0])), offset[1] + (1 - float(rows[0]))
    width = float(columns.sum()) if len(columns) < 3 else len(columns) - 2 + float(columns[0] + columns[-1])
    height = float(rows.sum()) if len(rows) < 3 else len(rows) - 2 + float(rows[0] + rows[-1])
    return Rect(round(x, 1), round(y, 1), round(width, 1), round(height, 1), Look(fill=rounded(color)))


def thinned(mask: Flags) -> Flags:
    """The middle line of a shape, one pixel wide, by Zhang and Suen's two alternating rounds."""
    bones = np.pad(mask.astype(np.uint8), 1)
    while True:
        removed = 0
        for odd in (False, True):
            ring = _neighbours(bones)
            around = sum(ring)
            steps = sum((before == 0) & (after == 1) for before, after in zip(ring, [*ring[1:], ring[0]], strict=True))
            up, right, down, left = ring[0], ring[2], ring[4], ring[6]
            sides = (up * right * left == 0) & (up * down * left == 0)
            if not odd:
                sides = (up * right * down == 0) & (right * down * left == 0)
            drop = (bones[1:-1, 1:-1] == 1) & (around >= 2) & (around <= 6) & (steps == 1) & sides
            bones[1:-1, 1:-1][drop] = 0
            removed += int(drop.sum())
        if not removed:
            return bones[1:-1, 1:-1] > 0


def _neighbours(bones: Bytes) -> list[Bytes]:
    """The eight neighbours, clockwise from above."""
    return [
        bones[:-2, 1:-1],
        bones[:-2, 2:],
        bones[1:-1, 2:],
        bones[2:, 2:],
        bones[2:, 1:-1],
        bones[2:, :-2],
        bones[1:-1, :-2],
        bones[:-2, :-2],
    ]


def _walks(bones: Flags) -> Iterator[Floats]:
    """Ways along the bones from end or crossing to end or crossing; then what closed loops are left."""
    rows, columns = np.nonzero(bones)
    pixels = {(int(r), int(c)) for r, c in zip(rows, columns, strict=True)}
    nodes = {pixel for pixel in pixels if len(_linked(pixel, pixels)) != 2}
    seen: set[frozenset[tuple[int, int]]] = set()
    for node in sorted(nodes):
        for neighbour in _linked(node, pixels):
            if frozenset((node, neighbour)) not in seen:
                walk = _walk(node, neighbour, pixels, nodes)
                seen.add(frozenset(walk[:2]))
                seen.add(frozenset(walk[-2:]))
                if len(walk) > 2 or len(nodes) <= 2:
                    yield np.array([(c, r) for r, c in walk], float)
        pixels.discard(node) if not _linked(node, pixels) else None
    on_walks = {pixel for pair in seen for pixel in pair}
    loose = pixels - nodes
    while loose:
        start = min(loose)
        reached = _flood(start, loose)
        loose -= reached
        if not reached & on_walks and len(reached) > 5 and not any(_linked(p, nodes) for p in reached):
            ordered = _walk(start, _linked(start, reached)[0], reached, {start})
            yield np.array([(c, r) for r, c in ordered], float)


def _flood(start: tuple[int, int], pixels: set[tuple[int, int]]) -> set[tuple[int, int]]:
    reached, front = {start}, [start]
    while front:
        for other in _linked(front.pop(), pixels):
            if other not in reached:
                reached.add(other)
                front.append(other)
    return reached


def _linked(pixel: tuple[int, int], pixels: set[tuple[int, int]]) -> list[tuple[int, int]]:
    """Neighbours; a diagonal one only where no straight one leads there."""
    row, column = pixel
    straight = [p for p in ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)) if p in pixels]
    diagonal = [
        (row + down, column + right)
        for down in (-1, 1)
        for right in (-1, 1)
        if (row + down, column + right) in pixels
        and (row + down, column) not in pixels
        and (row, column + right) not in pixels
    ]
    return straight + diagonal


def _walk(
    start: tuple[int, int], step: tuple[int, int], pixels: set[tuple[int, int]], nodes: set[tuple[int, int]]
) -> list[tuple[int, int]]:
    walk = [start, step]
    while walk[-1] not in nodes:
        onward = [other for other in _linked(walk[-1], pixels) if other != walk[-2]]
        if not onward:
            break
        walk.append(onward[0])
        if len(walk) > len(pixels) + 2:
            break
    return walk


def _centred(path: Floats, coverage: Floats) -> Floats:
    """Each point moved to the middle of the ink around it, across the path."""
    blurred_mass = cv2.blur(coverage, (5, 5)) + 1e-6
    columns = np.arange(coverage.shape[1], dtype=np.float32)
    rows = np.arange(coverage.shape[0], dtype=np.float32)[:, None]
    mean_x = cv2.blur(coverage * columns, (5, 5)) / blurred_mass
    mean_y = cv2.blur(coverage * rows, (5, 5)) / blurred_mass
    at = path.astype(int)
    pull = np.stack((mean_x[at[:, 1], at[:, 0]], mean_y[at[:, 1], at[:, 0]]), axis=1) - path
    ahead = np.vstack((path[2:], path[-1:], path[-1:])) - np.vstack((path[:1], path[:1], path[:-2]))
    ahead /= np.maximum(np.linalg.norm(ahead, axis=1, keepdims=True), 1e-6)
    return np.asarray(path + pull - (pull * ahead).sum(axis=1, keepdims=True) * ahead)


def _smoothed(points: Floats) -> Floats:
    if len(points) < 5:
        return points
    inner = (points[:-2] + 2 * points[1:-1] + points[2:]) / 4
    return np.vstack((points[:1], inner, points[-1:]))


def _simplified(points: Floats) -> Floats:
    return cv2.approxPolyDP(points.astype(np.float32)[:, None], 0.45, False)[:, 0].astype(np.float64)
