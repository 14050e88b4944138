"""Outlines with parts of a pixel: from coverage to polygons and Bézier curves."""

import cv2
import numpy as np

from ._arrays import Floats
from .scene import Curve, Point, Ring

_CORNER = 0.62
_STRAIGHT = 25.0
_CURVE_ERROR = 0.35


def outlines(coverage: Floats, offset: tuple[float, float], *, holes: bool = False) -> list[Floats]:
    """The dense contour of the largest part with at least half coverage, Nx2, in picture coordinates.

    With `holes`, the contours of all parts and of the holes in them, which run the other way round.
    """
    zoom = 4 if coverage.size < 150_000 else 2 if coverage.size < 800_000 else 1
    padded = cv2.copyMakeBorder(coverage, 2, 2, 2, 2, cv2.BORDER_CONSTANT, value=0)
    large = cv2.resize(padded, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_LINEAR)
    mode = cv2.RETR_CCOMP if holes else cv2.RETR_EXTERNAL
    contours, _ = cv2.findContours((large >= 0.5).astype(np.uint8), mode, cv2.CHAIN_APPROX_NONE)
    if not holes:
        contours = sorted(contours, key=len)[-1:]
    found = []
    for contour in contours:
        points = contour[:, 0].astype(np.float64)
        if len(points) > 4 * zoom:
            points = _pushed_out((points + 0.5) / zoom - 2, 0.5 / zoom)
            found.append(_smoothed(points, zoom) + offset)
    return found


def _smoothed(points: Floats, zoom: int) -> Floats:
    """Without the staircase of the enlarged pixels; corners give way by less than a quarter of a pixel."""
    if len(points) < 24 * zoom:
        return points
    reach = zoom
    wrapped = np.concatenate((points[-reach:], points, points[:reach]))
    total = np.cumsum(np.vstack((np.zeros((1, 2)), wrapped)), axis=0)
    return np.asarray((total[2 * reach + 1 :] - total[: -2 * reach - 1]) / (2 * reach + 1))


def _pushed_out(points: Floats, distance: float) -> Floats:
    """Contour pixels lie inside what they surround: move them out by half their own size."""
    if len(points) < 4:
        return points
    ahead, behind = np.roll(points, -2, axis=0), np.roll(points, 2, axis=0)
    tangent = ahead - behind
    length = np.maximum(np.linalg.norm(tangent, axis=1, keepdims=True), 1e-9)
    normal = np.stack((tangent[:, 1], -tangent[:, 0]), axis=1) / length
    area = float((points[:, 0] * np.roll(points[:, 1], -1) - points[:, 1] * np.roll(points[:, 0], -1)).sum())
    return np.asarray(points + normal * distance * (1 if area > 0 else -1))


def polygon(points: Floats, tolerance: float) -> Floats:
    """The fewest corners that stay within a tolerance of a closed contour."""
    return cv2.approxPolyDP(points.astype(np.float32)[:, None], tolerance, True)[:, 0].astype(np.float64)


def ring(points: Floats, tolerance: float = _CURVE_ERROR) -> Ring | None:
    """A closed contour as lines between corners and curves where it bends smoothly."""
    rough = polygon(points, tolerance)
    if len(rough) < 3:
        return None
    if len(rough) <= 8:
        return Ring(_point(rough[0]), tuple(Curve(_point(corner)) for corner in rough[1:]))
    corners = _corners(points, rough)
    pieces: list[Curve] = []
    for begin, end in zip(corners, [*corners[1:], corners[0] + len(points)], strict=True):
        pieces += fit_curve(np.take(points, range(begin, end + 1), axis=0, mode="wrap"), tolerance)
    return Ring(_point(points[corners[0]]), tuple(pieces))


def _corners(points: Floats, rough: Floats) -> list[int]:
    """Indices of contour points where the direction turns sharply, or a long straight edge begins or ends."""
    before, after = rough - np.roll(rough, 1, axis=0), np.roll(rough, -1, axis=0) - rough
    turn = np.abs(np.angle(np.exp(1j * (_heading(after) - _heading(before)))))
    lengths = np.linalg.norm(before, axis=1), np.linalg.norm(after, axis=1)
    sharp = (turn > _CORNER) & (np.minimum(*lengths) > 1.5)
    straight = np.maximum(*lengths) > _STRAIGHT
    chosen = rough[sharp | straight]
    found = sorted({int(np.argmin(((points - corner) ** 2).sum(axis=1))) for corner in chosen})
    return found or [0]


def _heading(vectors: Floats) -> Floats:
    return np.arctan2(vectors[:, 1], vectors[:, 0])


def fit_curve(points: Floats, tolerance: float) -> list[Curve]:
    """Lines and cubic curves through an open run of points, each within the tolerance."""
    if len(points) < 2:
        return []
    if _line_error(points) <= tolerance * 0.8:
        return [Curve(_point(points[-1]))]
    if len(points) < 6:
        return [Curve(_point(point)) for point in points[1:]]
    return _fit_cubic(points, _tangent(points), -_tangent(points[::-1]), tolerance)


def _fit_cubic(points: Floats, leaving: Floats, arriving: Floats, tolerance: float) -> list[Curve]:
    """Schneider's method: one cubic by least squares, split at its worst point while it is too far off."""
    if len(points) < 6:
        return [Curve(_point(points[-1]))]
    steps = np.concatenate(([0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))))
    at = steps / max(steps[-1], 1e-9)
    for _ in range(3):
        controls = _least_squares(points, at, leaving, arriving)
        gap = _bezier(controls, at) - points
        distance = np.hypot(gap[:, 0], gap[:, 1])
        worst = int(distance.argmax())
        if distance[worst] <= tolerance:
            return [Curve(_point(controls[3]), (_point(controls[1]), _point(controls[2])))]
        at = _reparameterised(controls, points, at)
    worst = min(max(worst, 3), len(points) - 4)
    middle = points[min(worst + 3, len(points) - 1)] - points[max(worst - 3, 0)]
    middle = middle / max(float(np.linalg.norm(middle)), 1e-9)
    first = _fit_cubic(points[: worst + 1], leaving, middle, tolerance)
    return first + _fit_cubic(points[worst:], middle, arriving, tolerance)


def _least_squares(points: Floats, at: Floats, leaving: Floats, arriving: Floats) -> Floats:
    """Four control points whose inner two lie along the given end tangents."""
    begin, end = points[0], points[-1]
    near, far = 3 * (1 - at) ** 2 * at, 3 * (1 - at) * at**2
    first, second = near[:, None] * leaving, -far[:, None] * arriving
    fixed = ((1 - at) ** 3 + near)[:, None] * begin + (at**3 + far)[:, None] * end
    rest = points - fixed
    gram = np.array([[(first**2).sum(), (first * second).sum()], [(first * second).sum(), (second**2).sum()]])
    right = np.array([(first * rest).sum(), (second * rest).sum()])
    chord = float(np.linalg.norm(end - begin))
    determinant = float(np.linalg.det(gram))
    reach = np.linalg.solve(gram, right) if abs(determinant) > 1e-9 else np.array([chord / 3, chord / 3])
    if min(reach) < 0.02 * chord or max(reach) > 4 * chord + 1:
        reach = np.array([chord / 3, chord / 3])
    return np.array([begin, begin + leaving * reach[0], end - arriving * reach[1], end])


def _bezier(controls: Floats, at: Floats) -> Floats:
    left = (1 - at)[:, None]
    right = at[:, None]
    return np.asarray(
        left**3 * controls[0]
        + 3 * left**2 * right * controls[1]
        + 3 * left * right**2 * controls[2]
        + right**3 * controls[3]
    )


def _reparameterised(controls: Floats, points: Floats, at: Floats) -> Floats:
    """One Newton step towards the nearest place on the curve."""
    slope = 3 * np.diff(controls, axis=0)
    bend = 2 * np.diff(slope, axis=0)
    left, right = (1 - at)[:, None], at[:, None]
    first = left**2 * slope[0] + 2 * left * right * slope[1] + right**2 * slope[2]
    second = left * bend[0] + right * bend[1]
    gap = _bezier(controls, at) - points
    top = (gap * first).sum(axis=1)
    bottom = (first**2).sum(axis=1) + (gap * second).sum(axis=1)
    moved = at - top / np.where(np.abs(bottom) < 1e-9, 1.0, bottom)
    return np.asarray(np.clip(moved, 0, 1))


def _tangent(points: Floats) -> Floats:
    ahead = points[min(4, len(points) - 1)] - points[0]
    return np.asarray(ahead / max(float(np.linalg.norm(ahead)), 1e-9))


def _line_error(points: Floats) -> float:
    chord = points[-1] - points[0]
    length = float(np.linalg.norm(chord))
    if length < 1e-6:
        return float(np.linalg.norm(points - points[0], axis=1).max())
    offset = points - points[0]
    return float(np.abs(offset[:, 0] * chord[1] - offset[:, 1] * chord[0]).max() / length)


def _point(values: Floats) -> Point:
    return round(float(values[0]), 1), round(float(values[1]), 1)
