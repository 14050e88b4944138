"""What a picture is made of: the one description all targets are written from."""

from dataclasses import dataclass, field
from typing import TypeAlias

Color: TypeAlias = tuple[int, int, int]
Point: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Text:
    """One line of words.

    Attributes:
        text: the words.
        x: pen position, pixels.
        y: baseline there, pixels.
        size: font size, pixels.
        color: of the ink.
        family: typeface.
        generic: CSS fallback of the family.
        bold: whether heavy.
        italic: whether slanted.
        angle: of the reading direction, degrees, clockwise; -90 reads upwards.
        width: advance of the whole line, pixels.
        nominal: font size asked of a renderer that hints, as Matplotlib does, to look like `size`; None for `size`.
    """

    text: str
    x: float
    y: float
    size: float
    color: Color = (0, 0, 0)
    family: str = "DejaVu Sans"
    generic: str = "sans-serif"
    bold: bool = False
    italic: bool = False
    angle: float = 0.0
    width: float = 0.0
    nominal: float | None = None


@dataclass(frozen=True, slots=True)
class Gradient:
    """Colours that change along a line or away from a point.

    Attributes:
        start: where the first colour is; the centre when radial.
        end: where the last colour is; a point on the rim when radial.
        stops: (offset 0..1, colour), in order.
        radial: whether circles around `start` have one colour.
    """

    start: Point
    end: Point
    stops: tuple[tuple[float, Color], ...]
    radial: bool = False


Paint: TypeAlias = Color | Gradient | None


@dataclass(frozen=True, slots=True)
class Look:
    """How a shape is painted.

    Attributes:
        fill: colour, gradient or nothing.
        stroke: colour of the outline, or None.
        stroke_width: pixels.
        opacity: of the whole shape.
        dash: lengths drawn and left out, in turn; empty for a solid line.
        round_ends: whether strokes end and bend round.
    """

    fill: Paint = None
    stroke: Color | None = None
    stroke_width: float = 1.0
    opacity: float = 1.0
    dash: tuple[float, ...] = ()
    round_ends: bool = False


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle with level sides; `radius` rounds its corners."""

    x: float
    y: float
    width: float
    height: float
    look: Look
    radius: float = 0.0


@dataclass(frozen=True, slots=True)
class Ellipse:
    """A circle, or an ellipse with level axes."""

    x: float
    y: float
    rx: float
    ry: float
    look: Look


@dataclass(frozen=True, slots=True)
class Polyline:
    """Straight segments through points; a line when there are two; closed for a polygon."""

    points: tuple[Point, ...]
    look: Look
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Curve:
    """One piece of a path: a line to `end`, or a cubic Bézier when it has two controls."""

    end: Point
    controls: tuple[Point, Point] | None = None


@dataclass(frozen=True, slots=True)
class Ring:
    """A closed contour of a path."""

    start: Point
    curves: tuple[Curve, ...]


@dataclass(frozen=True, slots=True)
class Path:
    """A filled shape of one or more closed contours, holes by the even-odd rule."""

    rings: tuple[Ring, ...]
    look: Look


Shape: TypeAlias = Rect | Ellipse | Polyline | Path


@dataclass(frozen=True, slots=True)
class Scene:
    """A whole picture.

    Attributes:
        width: pixels.
        height: pixels.
        background: colour, or None where the picture is transparent.
        shapes: in drawing order.
        texts: drawn over the shapes.
    """

    width: int
    height: int
    background: Color | None = (255, 255, 255)
    shapes: tuple[Shape, ...] = ()
    texts: tuple[Text, ...] = field(default=())
