"""A scene at another size."""

from dataclasses import replace

from .scene import Curve, Ellipse, Gradient, Look, Path, Point, Polyline, Rect, Ring, Scene, Shape, Text


def scaled(scene: Scene, width: int, height: int) -> Scene:
    """The scene stretched evenly to a size of about the same proportions."""
    factor = ((width / scene.width) * (height / scene.height)) ** 0.5
    return replace(
        scene,
        width=width,
        height=height,
        shapes=tuple(scaled_shape(shape, factor) for shape in scene.shapes),
        texts=tuple(_text(text, factor) for text in scene.texts),
    )


def scaled_shape(shape: Shape, factor: float) -> Shape:
    """The shape with every length multiplied."""
    look = _look(shape.look, factor)
    if isinstance(shape, Rect):
        x, y, width, height = (value * factor for value in (shape.x, shape.y, shape.width, shape.height))
        return Rect(x, y, width, height, look, shape.radius * factor)
    if isinstance(shape, Ellipse):
        return Ellipse(shape.x * factor, shape.y * factor, shape.rx * factor, shape.ry * factor, look)
    if isinstance(shape, Path):
        return Path(tuple(_ring(ring, factor) for ring in shape.rings), look)
    return Polyline(tuple(_point(point, factor) for point in shape.points), look, shape.closed)


def _ring(ring: Ring, factor: float) -> Ring:
    return Ring(_point(ring.start, factor), tuple(_curve(curve, factor) for curve in ring.curves))


def _curve(curve: Curve, factor: float) -> Curve:
    controls = None
    if curve.controls:
        controls = (_point(curve.controls[0], factor), _point(curve.controls[1], factor))
    return Curve(_point(curve.end, factor), controls)


def _point(point: Point, factor: float) -> Point:
    return round(point[0] * factor, 1), round(point[1] * factor, 1)


def _look(look: Look, factor: float) -> Look:
    fill = look.fill
    if isinstance(fill, Gradient):
        fill = replace(fill, start=_point(fill.start, factor), end=_point(fill.end, factor))
    dash = tuple(part * factor for part in look.dash)
    return replace(look, fill=fill, stroke_width=look.stroke_width * factor, dash=dash)


def _text(text: Text, factor: float) -> Text:
    nominal = text.nominal * factor if text.nominal else None
    x, y, width = text.x * factor, text.y * factor, text.width * factor
    return replace(text, x=x, y=y, width=width, size=text.size * factor, nominal=nominal)
