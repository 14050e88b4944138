"""Keeping a program short: what can hardly be seen goes, and of the rest what shows least for its length."""

from collections.abc import Sequence

import numpy as np

from ._arrays import Bytes
from .scene import Color, Gradient, Path, Polyline, Rect, Shape

_BYTES = 44_000
_VISIBLE = 200.0


def worth_drawing(shapes: Sequence[Shape], beneath: Bytes) -> list[Shape]:
    """The shapes without those too faint to be seen, the most telling ones first served while the budget lasts.

    Args:
        shapes: in drawing order.
        beneath: the picture without strokes, which tells how much each shape stands out.
    """
    values = np.array([_value(shape, beneath) for shape in shapes])
    costs = np.array([_cost(shape) for shape in shapes])
    kept = values > _VISIBLE
    if float(costs[kept].sum()) > _BYTES:
        order = np.argsort(-values / np.maximum(costs, 1))
        order = order[kept[order]]
        kept[order[np.cumsum(costs[order]) > _BYTES]] = False
    return [shape for shape, keep in zip(shapes, kept, strict=True) if keep]


def _value(shape: Shape, beneath: Bytes) -> float:
    """Covered pixels times how far their colour is from what lies below."""
    if isinstance(shape.look.fill, Gradient):
        return np.inf
    area = _area(shape)
    fill = shape.look.fill
    value = area * max(12.0, _contrast(fill, shape, beneath)) if isinstance(fill, tuple) else 0.0
    if shape.look.stroke is not None:
        stroke = _length(shape) * shape.look.stroke_width * _contrast(shape.look.stroke, shape, beneath)
        value = max(value, stroke)
    return value


def _contrast(color: Color, shape: Shape, beneath: Bytes) -> float:
    """The largest difference between a colour and what lies below a shape's points and between them."""
    points = np.array(_points(shape))
    places = np.vstack((points, (points[1:] + points[:-1]) / 2)).astype(int)
    rows = np.clip(places[:, 1], 0, beneath.shape[0] - 1)
    columns = np.clip(places[:, 0], 0, beneath.shape[1] - 1)
    return float(np.abs(beneath[rows, columns].astype(int) - np.array(color)).max())


def _points(shape: Shape) -> list[tuple[float, float]]:
    if isinstance(shape, Polyline):
        return list(shape.points)
    if isinstance(shape, Path):
        return [ring.start for ring in shape.rings] + [curve.end for ring in shape.rings for curve in ring.curves]
    if isinstance(shape, Rect):
        right, bottom = shape.x + shape.width, shape.y + shape.height
        return [(shape.x, shape.y), (right, shape.y), (right, bottom), (shape.x, bottom)]
    return [
        (shape.x + shape.rx * float(np.cos(turn)), shape.y + shape.ry * float(np.sin(turn)))
        for turn in np.linspace(0, 2 * np.pi, 12, endpoint=False)
    ]


def _area(shape: Shape) -> float:
    if shape.look.fill is None:
        return 0.0
    points = np.array(_points(shape))
    after = np.roll(points, -1, axis=0)
    return abs(float((points[:, 0] * after[:, 1] - points[:, 1] * after[:, 0]).sum())) / 2


def _length(shape: Shape) -> float:
    points = np.array(_points(shape))
    if not isinstance(shape, Polyline) or shape.closed:
        points = np.vstack((points, points[:1]))
    return float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())


def _cost(shape: Shape) -> float:
    look = 24 * (shape.look.stroke is not None) + 14
    if isinstance(shape, Path):
        return look + 20 + sum(30 if curve.controls else 11 for ring in shape.rings for curve in ring.curves)
    return look + 30 + (10 * len(shape.points) if isinstance(shape, Polyline) else 0)
