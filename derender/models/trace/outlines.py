"""Outlines: a stroke that runs all round a filled shape belongs to that shape."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from ._arrays import Bytes, Flags, Floats
from .regions import rounded
from .scene import Color, Ellipse, Polyline, Rect, Shape

_REACH = 5
_STEP = 0.5


@dataclass(frozen=True, slots=True)
class _Rim:
    """Points along a shape's edge, their outward normals, and which side of the shape each is on."""

    points: Floats
    normals: Floats
    sides: Floats


def outlined(shape: Shape, image: Bytes, strokes: Flags) -> tuple[Shape, Flags] | None:
    """The shape with the stroke around it, and which pixels that explains; None where no stroke runs all round."""
    rim = _rim_of(shape)
    if rim is None or len(rim.points) < 8:
        return None
    if isinstance(shape, Rect) and _runs_on(shape, strokes):
        return None
    offsets = np.arange(-_REACH, _REACH + _STEP / 2, _STEP)
    at = rim.points[:, None] + rim.normals[:, None] * offsets[None, :, None]
    inked = _sample(strokes.astype(np.float32), at)
    near = np.abs(offsets) <= 1.5
    if float((inked[:, near].max(axis=1) > 0.5).mean()) < 0.93:
        return None
    found = _profile(_sample(image.astype(np.float32), at), inked, offsets)
    if found is None:
        return None
    shifts, width, color = found
    if width > 2 * _REACH - 2 or width < 0.35:
        return None
    moved = _moved(shape, rim, shifts)
    look = replace(shape.look, stroke=color, stroke_width=round(width, 1))
    band = _band(rim, shifts, width, strokes.shape)
    return replace(moved, look=look), band


def _runs_on(rect: Rect, strokes: Flags) -> bool:
    """Whether strokes go on past the corners, as the lines of a grid do."""
    right, bottom = rect.x + rect.width, rect.y + rect.height
    past = [4.0, 5.0, 6.0, 7.0]
    lines = [
        [(x + step, y) for step in steps]
        for y in (rect.y, bottom)
        for x, steps in ((right, past), (rect.x, _back(past)))
    ]
    lines += [
        [(x, y + step) for step in steps]
        for x in (rect.x, right)
        for y, steps in ((bottom, past), (rect.y, _back(past)))
    ]
    at = np.array(lines)
    values = cv2.dilate(strokes.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(np.float32)
    inside = (at >= 0).all(axis=2) & (at[..., 0] < strokes.shape[1]) & (at[..., 1] < strokes.shape[0])
    met = (_sample(values, at) > 0.5) & inside
    return int(met.all(axis=1).sum()) >= 4


def _back(steps: list[float]) -> list[float]:
    return [-step for step in steps]


def _rim_of(shape: Shape) -> _Rim | None:
    if isinstance(shape, Rect):
        return _rect_rim(shape)
    if isinstance(shape, Ellipse):
        turn = np.linspace(0, 2 * np.pi, max(16, int(shape.rx + shape.ry) * 3), endpoint=False)
        unit = np.stack((np.cos(turn), np.sin(turn)), axis=1)
        normals = unit / np.array([shape.rx, shape.ry])
        normals /= np.linalg.norm(normals, axis=1, keepdims=True)
        return _Rim(unit * (shape.rx, shape.ry) + (shape.x, shape.y), normals, np.zeros(len(unit)))
    if isinstance(shape, Polyline) and shape.closed:
        return _polygon_rim(np.array(shape.points))
    return None


def _rect_rim(rect: Rect) -> _Rim:
    """The four sides clockwise from the top, each followed by its rounded corner if there is one."""
    radius = rect.radius
    inset = max(radius, min(3.0, rect.width / 4, rect.height / 4))
    right, bottom = rect.x + rect.width, rect.y + rect.height
    across = np.arange(rect.x + inset, right - inset + 1e-6, 1.0)
    down = np.arange(rect.y + inset, bottom - inset + 1e-6, 1.0)
    sides = [
        (np.stack((across, np.full(len(across), rect.y)), axis=1), (0.0, -1.0)),
        (np.stack((np.full(len(down), right), down), axis=1), (1.0, 0.0)),
        (np.stack((across[::-1], np.full(len(across), bottom)), axis=1), (0.0, 1.0)),
        (np.stack((np.full(len(down), rect.x), down[::-1]), axis=1), (-1.0, 0.0)),
    ]
    rim = _gathered(sides)
    if radius < 1.5:
        return rim
    centres = [
        (right - radius, rect.y + radius),
        (right - radius, bottom - radius),
        (rect.x + radius, bottom - radius),
        (rect.x + radius, rect.y + radius),
    ]
    points, normals, labels = [], [], []
    for side, centre in enumerate(centres):
        own = rim.sides == side
        turn = np.deg2rad(90 * side - 90 + np.linspace(5, 85, max(3, int(radius))))
        arc = np.stack((np.cos(turn), np.sin(turn)), axis=1)
        points += [rim.points[own], arc * radius + centre]
        normals += [rim.normals[own], arc]
        labels += [rim.sides[own], np.full(len(arc), -1.0)]
    return _Rim(np.concatenate(points), np.concatenate(normals), np.concatenate(labels))


def _polygon_rim(corners: Floats) -> _Rim:
    area = float((corners[:, 0] * np.roll(corners[:, 1], -1) - corners[:, 1] * np.roll(corners[:, 0], -1)).sum())
    parts = []
    for begin, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        length = float(np.linalg.norm(end - begin))
        along = (end - begin) / max(length, 1e-6)
        inset = min(3.0, length / 4)
        steps = np.arange(inset, length - inset + 1e-6, 1.0)
        normal = (along[1], -along[0]) if area > 0 else (-along[1], along[0])
        parts.append((begin + steps[:, None] * along, normal))
    return _gathered(parts)


def _gathered(parts: list[tuple[Floats, tuple[float, float]]]) -> _Rim:
    points = np.concatenate([points for points, _ in parts])
    normals = np.concatenate([np.tile(np.array(normal), (len(points), 1)) for points, normal in parts])
    sides = np.concatenate([np.full(len(points), side) for side, (points, _) in enumerate(parts)])
    return _Rim(points, normals, sides)


def _sample(values: Floats, at: Floats) -> Floats:
    x, y = at[..., 0].astype(np.float32) - 0.5, at[..., 1].astype(np.float32) - 0.5
    return cv2.remap(values, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def _profile(colors: Floats, inked: Floats, offsets: Floats) -> tuple[Floats, float, Color] | None:
    """Where along each normal the stroke's middle is, the stroke's width, and its colour."""
    inside, outside = colors[:, :1], colors[:, -1:]
    contrast = np.minimum(np.linalg.norm(colors - inside, axis=2), np.linalg.norm(colors - outside, axis=2))
    contrast = np.where((inked > 0.2) & (np.abs(offsets) <= _REACH - 1), contrast, 0)
    peak = contrast.max(axis=1)
    typical = float(np.median(peak))
    if typical < 12 or float((peak > 0.4 * typical).mean()) < 0.9:
        return None
    share = np.clip(contrast / typical, 0, 1)
    mass = share.sum(axis=1)
    shifts = (share * offsets).sum(axis=1) / np.maximum(mass, 1e-6)
    width = float(np.median(mass)) * _STEP
    strongest = colors[np.arange(len(colors)), contrast.argmax(axis=1)]
    color = np.median(strongest[peak >= typical * 0.9], axis=0)
    return shifts, width, rounded(color)


def _moved(shape: Shape, rim: _Rim, shifts: Floats) -> Shape:
    """The shape with its edge in the middle of the stroke."""
    if isinstance(shape, Ellipse):
        grow = float(np.median(shifts))
        return replace(shape, rx=round(shape.rx + grow, 1), ry=round(shape.ry + grow, 1))
    by_side = [float(np.median(shifts[rim.sides == side])) if (rim.sides == side).any() else 0.0 for side in range(4)]
    if isinstance(shape, Rect):
        top, right, bottom, left = by_side
        return replace(
            shape,
            x=round(shape.x - left, 1),
            y=round(shape.y - top, 1),
            width=round(shape.width + left + right, 1),
            height=round(shape.height + top + bottom, 1),
            radius=round(shape.radius, 1),
        )
    return shape


def _band(rim: _Rim, shifts: Floats, width: float, shape: tuple[int, ...]) -> Flags:
    """Pixels under the stroke, its soft edges included."""
    band = np.zeros(shape, np.uint8)
    middle = rim.points + rim.normals * shifts[:, None]
    closed = (np.round((middle - 0.5) * 8)).astype(np.int32)[:, None]
    cv2.polylines(band, [closed], True, 1, thickness=int(np.ceil(width)) + 2, shift=3)
    return band > 0
