"""Cutting a picture into zones of one colour, soft edges between them, and the strokes that are neither."""

from dataclasses import dataclass

import cv2
import numpy as np

from ._arrays import Bytes, Flags, Floats, Labels, gap

_LINK = 2
_THIN = 3
_REACH = ((-2, 0), (2, 0), (0, -2), (0, 2), (-2, -2), (-2, 2), (2, -2), (2, 2), (-3, 0), (3, 0), (0, -3), (0, 3))
_BLEND_ERROR = 14.0


@dataclass(frozen=True, slots=True)
class Zones:
    """A picture cut up.

    Attributes:
        painted: the picture with every stroke and soft edge given to a zone beside it.
        labels: zone of each pixel of `painted`, from 1.
        blend: pixels that are a mixture of two zones.
        share: at `blend`, how much of the pixel the zone `other` covers.
        other: at `blend`, the second zone's label.
        strokes: pixels that no zone and no mixture of zones explains.
    """

    painted: Bytes
    labels: Labels
    blend: Flags
    share: Floats
    other: Labels
    strokes: Flags


def connected(image: Bytes | Floats, tolerance: int) -> Labels:
    """Labels, from 1, of pixels linked to a neighbour that differs by at most `tolerance` in every channel."""
    height, width = image.shape[:2]
    grid = np.zeros((2 * height - 1, 2 * width - 1), np.uint8)
    grid[::2, ::2] = 1
    grid[::2, 1::2] = gap(image[:, 1:], image[:, :-1]) <= tolerance
    grid[1::2, ::2] = gap(image[1:], image[:-1]) <= tolerance
    _, labels = cv2.connectedComponents(grid, connectivity=4, ltype=cv2.CV_32S)
    return np.ascontiguousarray(labels[::2, ::2])


def cut(image: Bytes, link: int = _LINK) -> Zones:
    """Cut a picture, its words already taken out, into zones and strokes."""
    labels = connected(image, link)
    cores = _cores(labels)
    core = _without_thin(cores[labels], labels)
    if not core.any():
        core[:] = True
    zone = np.where(core, labels, 0)
    nearest_y, nearest_x = _nearest(core)
    other_y, other_x, share, explained = _mixtures(image, zone, (nearest_y, nearest_x))
    strokes = ~core & ~explained
    strokes = _without_specks(strokes)
    blend = ~core & explained
    take_other = blend & (share > 0.5)
    source_y = np.where(take_other, other_y, nearest_y)
    source_x = np.where(take_other, other_x, nearest_x)
    painted = image.copy()
    outside = ~core
    painted[outside] = image[source_y[outside], source_x[outside]]
    final = connected(painted, link)
    first = np.where(take_other, final[nearest_y, nearest_x], final[other_y, other_x])
    return Zones(painted, final, blend, np.where(take_other, 1 - share, share), first, strokes)


def _cores(labels: Labels) -> Flags:
    """Which labels are thick enough to hold a block of three by three pixels."""
    if min(labels.shape) < 3:
        return np.ones(int(labels.max()) + 1, bool)
    middle = labels[1:-1, 1:-1]
    solid = np.ones(middle.shape, bool)
    height, width = labels.shape
    for down in (0, 1, 2):
        for right in (0, 1, 2):
            solid &= labels[down : height - 2 + down, right : width - 2 + right] == middle
    cores = np.zeros(int(labels.max()) + 1, bool)
    cores[middle[solid]] = True
    return cores


def _without_thin(core: Flags, labels: Labels) -> Flags:
    """Cores less their long thin parts, which are lines of a few pixels' width."""
    inner = core.copy()
    inner[:, 1:] &= labels[:, 1:] == labels[:, :-1]
    inner[1:] &= labels[1:] == labels[:-1]
    inner[0], inner[:, 0] = core[0], core[:, 0]
    depth = cv2.distanceTransform(inner.astype(np.uint8), cv2.DIST_L2, 3)
    thick = depth > _THIN
    if not thick.any():
        rest = core.copy()
    else:
        near_y, near_x = _nearest(thick)
        rows, columns = np.arange(core.shape[0])[:, None], np.arange(core.shape[1])
        reached = (near_y - rows) ** 2 + (near_x - columns) ** 2 <= (_THIN + 1.5) ** 2
        rest = core & ~(reached & (labels[near_y, near_x] == labels))
    # Lines of different zones may touch: they are judged apart.
    parts = connected(np.where(rest, labels, 0).astype(np.float32), 0)
    sizes = np.bincount(parts[rest], minlength=int(parts.max()) + 1)
    rows, columns = np.nonzero(rest)
    marks = parts[rows, columns]
    reach = np.zeros((2, len(sizes)), np.int64)
    for axis, place in enumerate((rows, columns)):
        low, high = np.full(len(sizes), 1 << 30), np.full(len(sizes), -1)
        np.minimum.at(low, marks, place)
        np.maximum.at(high, marks, place)
        reach[axis] = high - low + 1
    extent = np.maximum(*reach)
    long = (extent > 14) & (sizes < extent * 14) & (extent > 3 * sizes / np.maximum(extent, 1))
    long[0] = False
    return np.asarray(core & ~(rest & long[parts]))


def _nearest(core: Flags) -> tuple[Labels, Labels]:
    """For each pixel, row and column of the nearest pixel of a core."""
    _, marks = cv2.distanceTransformWithLabels((~core).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    rows, columns = np.nonzero(core)
    where = np.zeros((int(marks.max()) + 1, 2), np.int32)
    where[marks[rows, columns]] = np.stack((rows, columns), axis=1)
    return where[marks, 0], where[marks, 1]


def _mixtures(image: Bytes, zone: Labels, nearest: tuple[Labels, Labels]) -> tuple[Labels, Labels, Floats, Flags]:
    """The second zone of each soft pixel, how much of it that covers, and whether both together explain it."""
    height, width = zone.shape
    rows, columns = np.nonzero(zone == 0)
    first_y, first_x = nearest[0][rows, columns], nearest[1][rows, columns]
    here, first = image[rows, columns].astype(np.float32), image[first_y, first_x].astype(np.float32)
    best = np.full(len(rows), np.inf, np.float32)
    best_share = np.zeros(len(rows), np.float32)
    best_y, best_x = first_y.copy(), first_x.copy()
    close = np.abs(rows - first_y) + np.abs(columns - first_x) <= 3
    for down, right in _REACH:
        y, x = np.clip(rows + down, 0, height - 1), np.clip(columns + right, 0, width - 1)
        label = zone[y, x]
        second = image[y, x].astype(np.float32)
        axis = second - first
        length = np.maximum((axis * axis).sum(axis=1), 1.0)
        share = ((here - first) * axis).sum(axis=1) / length
        error = np.linalg.norm(here - first - share[:, None] * axis, axis=1)
        error += 200 * np.maximum(0, np.maximum(-share - 0.05, share - 1.05))
        error[(label == 0) | (label == zone[first_y, first_x]) | (length < 30)] = np.inf
        better = close & (error < best)
        best[better], best_share[better] = error[better], share[better]
        best_y[better], best_x[better] = y[better], x[better]
    explained = np.zeros(zone.shape, bool)
    explained[rows, columns] = best < _BLEND_ERROR
    share_map = np.zeros(zone.shape, np.float32)
    share_map[rows, columns] = np.clip(best_share, 0, 1)
    other_y, other_x = nearest[0].copy(), nearest[1].copy()
    other_y[rows, columns], other_x[rows, columns] = best_y, best_x
    return other_y, other_x, share_map, explained


def _without_specks(strokes: Flags) -> Flags:
    """Strokes without single pixels: leftovers where three zones meet."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(strokes.astype(np.uint8), connectivity=8)
    keep = stats[:, cv2.CC_STAT_AREA] >= 3
    keep[0] = False
    return keep[labels] if count > 1 else strokes
