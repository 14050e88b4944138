"""From zones to filled shapes: the simplest one that covers what the zone covers."""

from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np

from ._arrays import Flags, Floats
from .contours import outlines, polygon, ring
from .gradients import fit_gradient, is_flat
from .scene import Color, Ellipse, Look, Paint, Path, Polyline, Rect, Shape
from .zones import Zones

_CLOSE = 0.13
_SMALLEST = 4
_MOST = 1500


@dataclass(frozen=True, slots=True)
class Region:
    """A zone that will be drawn as one filled shape.

    Attributes:
        label: in the zones' label map.
        x: left of the bounding box.
        y: top of the bounding box.
        mask: which pixels of the box belong to it, holes filled.
        coverage: 0..1, soft edges included, one pixel larger than the box on every side.
        area: pixels of `mask`.
        blurred: share of the edge that a stroke hides, where the edge is only known to half a stroke.
        pierced: whether the ground shows through it.
    """

    label: int
    x: int
    y: int
    mask: Flags
    coverage: Floats
    area: int
    blurred: float = 0.0
    pierced: bool = False

    @property
    def slack(self) -> float:
        """How far, in pixels, a shape's edge may be off on average."""
        return _CLOSE + 0.35 * self.blurred


def regions_of(zones: Zones, grounds: Flags) -> list[Region]:
    """All zones but the grounds, those that hold others first."""
    count = int(zones.labels.max()) + 1
    boxes = _bounding_boxes(zones, count)
    areas = np.bincount(zones.labels.ravel(), minlength=count)
    chosen = [label for label in range(1, count) if not grounds[label] and areas[label] >= _SMALLEST]
    chosen.sort(key=lambda label: -areas[label])
    regions = [_region(zones, label, boxes[label], grounds) for label in chosen[:_MOST]]
    return sorted(regions, key=lambda region: -region.area)


def _bounding_boxes(zones: Zones, count: int) -> list[tuple[int, int, int, int]]:
    flat = zones.labels.ravel()
    order = np.argsort(flat, kind="stable")
    width = zones.labels.shape[1]
    starts = np.searchsorted(flat[order], np.arange(count + 1))
    boxes = []
    for label in range(count):
        pixels = order[starts[label] : starts[label + 1]]
        if not len(pixels):
            boxes.append((0, 0, 0, 0))
            continue
        columns = pixels % width
        boxes.append(
            (int(columns.min()), int(pixels[0]) // width, int(columns.max()) + 1, int(pixels[-1]) // width + 1)
        )
    return boxes


def _region(zones: Zones, label: int, box: tuple[int, int, int, int], grounds: Flags) -> Region:
    left, top, right, bottom = box
    height, width = zones.labels.shape
    own = zones.labels[top:bottom, left:right] == label
    mask = _filled(own)
    wide = (slice(max(0, top - 1), min(height, bottom + 1)), slice(max(0, left - 1), min(width, right + 1)))
    coverage = np.zeros((bottom - top + 2, right - left + 2), np.float32)
    into = coverage[
        wide[0].start - top + 1 : wide[0].stop - top + 1, wide[1].start - left + 1 : wide[1].stop - left + 1
    ]
    inside = zones.labels[wide] == label
    blend = zones.blend[wide]
    into[inside] = 1
    soft = blend & inside
    into[soft] = 1 - zones.share[wide][soft]
    guest = blend & ~inside & (zones.other[wide] == label)
    into[guest] = zones.share[wide][guest]
    # One ground is the paper that everything lies on; of several, each is a way through.
    through = mask & grounds[zones.labels[top:bottom, left:right]]
    mask &= ~through
    holes = mask & ~own
    # What lies in a hole is drawn later, over this.
    padded = cv2.copyMakeBorder(mask.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    inner = cv2.erode(padded, np.ones((3, 3), np.uint8))[1:-1, 1:-1] > 0
    coverage[1:-1, 1:-1][holes | inner] = 1
    edge = (coverage > 0) & (cv2.erode(coverage, np.ones((3, 3), np.uint8)) < 1)
    hidden = np.zeros(coverage.shape, bool)
    hidden[wide[0].start - top + 1 : wide[0].stop - top + 1, wide[1].start - left + 1 : wide[1].stop - left + 1] = (
        zones.strokes[wide]
    )
    blurred = float(hidden[edge].mean()) if edge.any() else 0.0
    return Region(label, left, top, mask, coverage, int(mask.sum()), blurred, bool(through.any()))


def _filled(mask: Flags) -> Flags:
    padded = cv2.copyMakeBorder(mask.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    cv2.floodFill(padded, None, (0, 0), 2)
    return np.asarray(padded[1:-1, 1:-1] != 2)


def shape_of(region: Region, zones: Zones, drawn_later: Flags) -> Shape | None:
    """The region as the simplest shape that fits.

    Args:
        region: what to draw.
        zones: where it lies.
        drawn_later: by label, whether a zone is drawn after this one and may cover its edge.
    """
    look = Look(fill=paint_of(region, zones))
    simple = None if region.pierced else _simplest(region, look)
    if simple is not None:
        return simple
    coverage = _tucked_under(region, zones, drawn_later)
    tolerance = 0.5 + 0.5 * region.blurred
    found = outlines(coverage, (region.x - 1, region.y - 1), holes=region.pierced)
    contours = [contour for points in found if (contour := ring(points, tolerance))]
    if not contours:
        return None
    if len(contours) == 1:
        corners = polygon(found[0], tolerance)
        if 3 <= len(corners) <= sum(3 if curve.controls else 1 for curve in contours[0].curves):
            return Polyline(tuple((round(float(x), 1), round(float(y), 1)) for x, y in corners), look, closed=True)
    return Path(tuple(contours), look)


_Fit: TypeAlias = tuple[float, Shape]


def _simplest(region: Region, look: Look) -> Shape | None:
    """The rectangle, ellipse or rounded rectangle that fits, simpler ones first unless a later one fits far better."""
    best: _Fit | None = None
    for attempt in (_as_rect, _as_ellipse, _as_rounded):
        fit = attempt(region, look)
        if (
            fit is not None
            and fit[0] <= region.slack
            and (best is None or (best[0] > 0.08 and fit[0] < 0.85 * best[0]))
        ):
            best = fit
    return best[1] if best else None


def paint_of(region: Region, zones: Zones) -> Paint:
    """One colour, or a gradient when the zone has many."""
    height, width = region.mask.shape
    window = (slice(region.y, region.y + height), slice(region.x, region.x + width))
    own = zones.labels[window] == region.label
    pixels = zones.painted[window]
    colors = pixels[own].astype(np.float32)
    if is_flat(colors):
        return rounded(np.median(colors, axis=0))
    return fit_gradient(pixels, own, (region.x, region.y)) or rounded(colors.mean(axis=0))


def rounded(color: Floats) -> Color:
    """A colour in whole numbers."""
    red, green, blue = (int(np.clip(round(float(channel)), 0, 255)) for channel in color)
    return red, green, blue


def _tucked_under(region: Region, zones: Zones, drawn_later: Flags) -> Floats:
    """Coverage that reaches a little under what is drawn over it, so that no seam shows."""
    height, width = zones.labels.shape
    tall, wide = region.coverage.shape
    top, left = region.y - 1, region.x - 1
    rows = slice(max(0, top), min(height, top + tall))
    columns = slice(max(0, left), min(width, left + wide))
    later = np.zeros((tall, wide), bool)
    later[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left] = drawn_later[
        zones.labels[rows, columns]
    ]
    near = cv2.dilate((region.coverage >= 0.5).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return np.where(near & later, 1.0, region.coverage).astype(np.float32)


def _misfit(region: Region, distance: Floats) -> float:
    """Mean distance in pixels between a shape's edge and the region's, from signed distances of pixel centres."""
    drawn = np.clip(0.5 - distance, 0, 1)
    wrong = float(np.abs(drawn - region.coverage).sum())
    rim = float(((distance > -1) & (distance < 1)).sum()) / 2
    return wrong / max(rim, 1.0)


def _grid(region: Region) -> tuple[Floats, Floats]:
    tall, wide = region.coverage.shape
    return np.arange(wide) + 0.5 - 1, (np.arange(tall) + 0.5 - 1)[:, None]


def _sides(region: Region) -> tuple[float, float, float, float]:
    """Left, top, right, bottom to parts of a pixel, in the region's own box."""
    coverage = region.coverage
    rows, columns = coverage.sum(axis=1), coverage.sum(axis=0)
    wide = float(np.median(rows[2:-2])) if len(rows) > 5 else float(rows.max())
    tall = float(np.median(columns[2:-2])) if len(columns) > 5 else float(columns.max())
    left, right = _fill_ends(columns, tall)
    top, bottom = _fill_ends(rows, wide)
    return left, top, right, bottom


def _fill_ends(profile: Floats, full: float) -> tuple[float, float]:
    share = np.minimum(profile / max(full, 1e-6), 1.0)
    size = len(profile) - 2
    return float(1 - share[1] - share[0]), float(size - 1 + share[-2] + share[-1])


def _as_rect(region: Region, look: Look) -> _Fit | None:
    left, top, right, bottom = _sides(region)
    x, y = _grid(region)
    across = np.clip(np.minimum(x + 0.5, right) - np.maximum(x - 0.5, left), 0, 1)
    down = np.clip(np.minimum(y + 0.5, bottom) - np.maximum(y - 0.5, top), 0, 1)
    wrong = float(np.abs(across * down - region.coverage).sum()) / (2 * (right - left + bottom - top))
    if right - left < 0.3 or bottom - top < 0.3:
        return None
    return wrong, _rect(region, (left, top, right, bottom), look)


def _rect(region: Region, sides: tuple[float, float, float, float], look: Look, radius: float = 0.0) -> Rect:
    left, top, right, bottom = (_near_whole(side) for side in sides)
    return Rect(
        round(region.x + left, 1),
        round(region.y + top, 1),
        round(right - left, 1),
        round(bottom - top, 1),
        look,
        round(radius, 1),
    )


def _near_whole(value: float) -> float:
    return round(value) if abs(value - round(value)) < 0.12 else value


def _as_ellipse(region: Region, look: Look) -> _Fit | None:
    coverage = region.coverage
    mass = float(coverage.sum())
    x, y = _grid(region)
    middle_x, middle_y = float((coverage * x).sum()) / mass, float((coverage * y).sum()) / mass
    # The twelfth is what a pixel's own size adds to the second moment.
    rx = 2 * max(float((coverage * (x - middle_x) ** 2).sum()) / mass - 1 / 12, 0.01) ** 0.5
    ry = 2 * max(float((coverage * (y - middle_y) ** 2).sum()) / mass - 1 / 12, 0.01) ** 0.5
    if abs(rx - ry) < 0.04 * (rx + ry) + 0.1:
        rx = ry = (mass / np.pi) ** 0.5
    radius = np.hypot((x - middle_x) / rx, (y - middle_y) / ry)
    distance = (radius - 1) * min(rx, ry)
    place = round(region.x + middle_x, 1), round(region.y + middle_y, 1)
    return _misfit(region, distance) - 0.02, Ellipse(*place, round(rx, 1), round(ry, 1), look)


def _as_rounded(region: Region, look: Look) -> _Fit | None:
    left, top, right, bottom = _sides(region)
    width, height = right - left, bottom - top
    missing = width * height - float(region.coverage.sum())
    if min(width, height) < 6 or missing < 1:
        return None
    radius = min((missing / (4 - np.pi)) ** 0.5, min(width, height) / 2)
    x, y = _grid(region)
    out_x = np.abs(x - (left + right) / 2) - width / 2 + radius
    out_y = np.abs(y - (top + bottom) / 2) - height / 2 + radius
    corner = np.hypot(np.maximum(out_x, 0), np.maximum(out_y, 0))
    distance = corner + np.minimum(np.maximum(out_x, out_y), 0) - radius
    return _misfit(region, distance), _rect(region, (left, top, right, bottom), look, radius)
