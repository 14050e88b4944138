"""A scene as SVG."""

from collections import Counter
from collections.abc import Iterable, Iterator
from html import escape
from itertools import groupby
from typing import TypeAlias

from .scene import Color, Ellipse, Gradient, Look, Paint, Path, Rect, Scene, Shape, Text


def write_svg(scene: Scene) -> str:
    """The scene as one SVG document: shapes first, then words, like things in groups."""
    names = gradient_names(scene)
    usual = _usual_style(scene.texts)
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{scene.width}" height="{scene.height}"{_joined(usual)}>']
    lines += gradient_lines(names)
    if scene.background is not None:
        lines.append(f'<rect width="{scene.width}" height="{scene.height}" fill="{hexed(scene.background)}"/>')
    lines += shape_lines(scene.shapes, names)
    lines += _text_lines(scene.texts, usual)
    return "\n".join([*lines, "</svg>", ""])


def gradient_lines(names: dict[Gradient, str]) -> list[str]:
    """The definitions of gradients, if any."""
    return ["<defs>", *(_gradient(gradient, name) for gradient, name in names.items()), "</defs>"] if names else []


def shape_lines(shapes: Iterable[Shape], names: dict[Gradient, str]) -> Iterator[str]:
    """Elements in drawing order; neighbours that look alike share a group."""
    for look, members in groupby(shapes, key=lambda shape: shape.look):
        group = [_element(shape) for shape in members]
        style = look_attributes(look, names)
        if look.fill is None and all(element.startswith("<line") for element in group):
            style = style.replace(' fill="none"', "")
        if len(group) == 1:
            yield group[0].replace("/>", f"{style}/>")
        else:
            yield f"<g{style}>"
            yield from group
            yield "</g>"


def hexed(color: Color) -> str:
    """The shortest CSS form."""
    text = "".join(f"{channel:02x}" for channel in color)
    return f"#{text[::2]}" if text[::2] == text[1::2] else f"#{text}"


def number(value: float) -> str:
    """At most two digits after the point, none without need."""
    return f"{value:.2f}".rstrip("0").rstrip(".").replace("-0.", "-.") if value else "0"


def look_attributes(look: Look, names: dict[Gradient, str]) -> str:
    """Paint as attributes."""
    parts = [f' fill="{_paint(look.fill, names)}"'] if look.fill is None or look.fill != (0, 0, 0) else []
    if look.stroke is not None:
        parts.append(f' stroke="{hexed(look.stroke)}"')
        if look.stroke_width != 1:
            parts.append(f' stroke-width="{number(look.stroke_width)}"')
        if look.dash:
            parts.append(f' stroke-dasharray="{" ".join(number(part) for part in look.dash)}"')
        if look.round_ends:
            parts.append(' stroke-linejoin="round"')
    if look.opacity != 1:
        parts.append(f' opacity="{number(look.opacity)}"')
    return "".join(parts)


def path_data(path: Path) -> str:
    """The contours as the `d` attribute."""
    parts = []
    for ring in path.rings:
        parts.append(f"M{_pair(ring.start)}")
        for curve in ring.curves:
            if curve.controls:
                parts.append(f"C{_pair(curve.controls[0])} {_pair(curve.controls[1])} {_pair(curve.end)}")
            else:
                parts.append(f"L{_pair(curve.end)}")
        parts.append("Z")
    return "".join(parts)


def _pair(point: tuple[float, float]) -> str:
    return f"{number(point[0])} {number(point[1])}"


def _paint(paint: Paint, names: dict[Gradient, str]) -> str:
    if paint is None:
        return "none"
    return f"url(#{names[paint]})" if isinstance(paint, Gradient) else hexed(paint)


def _element(shape: Shape) -> str:
    if isinstance(shape, Rect):
        radius = f' rx="{number(shape.radius)}"' if shape.radius else ""
        place = f'x="{number(shape.x)}" y="{number(shape.y)}"'
        return f'<rect {place} width="{number(shape.width)}" height="{number(shape.height)}"{radius}/>'
    if isinstance(shape, Ellipse):
        place = f'cx="{number(shape.x)}" cy="{number(shape.y)}"'
        if shape.rx == shape.ry:
            return f'<circle {place} r="{number(shape.rx)}"/>'
        return f'<ellipse {place} rx="{number(shape.rx)}" ry="{number(shape.ry)}"/>'
    if isinstance(shape, Path):
        return f'<path d="{path_data(shape)}"/>'
    if len(shape.points) == 2:
        (x1, y1), (x2, y2) = shape.points
        return f'<line x1="{number(x1)}" y1="{number(y1)}" x2="{number(x2)}" y2="{number(y2)}"/>'
    points = " ".join(f"{number(x)},{number(y)}" for x, y in shape.points)
    return f'<{"polygon" if shape.closed else "polyline"} points="{points}"/>'


def gradient_names(scene: Scene) -> dict[Gradient, str]:
    """Every gradient of the scene and the id it goes by."""
    found = dict.fromkeys(shape.look.fill for shape in scene.shapes if isinstance(shape.look.fill, Gradient))
    return {gradient: f"g{index}" for index, gradient in enumerate(found, 1)}


def _gradient(gradient: Gradient, name: str) -> str:
    (x1, y1), (x2, y2) = gradient.start, gradient.end
    stops = "".join(f'<stop offset="{number(at)}" stop-color="{hexed(color)}"/>' for at, color in gradient.stops)
    units = 'gradientUnits="userSpaceOnUse"'
    if gradient.radial:
        radius = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5
        place = f'cx="{number(x1)}" cy="{number(y1)}" r="{number(radius)}"'
        return f'<radialGradient id="{name}" {units} {place}>{stops}</radialGradient>'
    place = f'x1="{number(x1)}" y1="{number(y1)}" x2="{number(x2)}" y2="{number(y2)}"'
    return f'<linearGradient id="{name}" {units} {place}>{stops}</linearGradient>'


_Style: TypeAlias = dict[str, str]


def _usual_style(texts: Iterable[Text]) -> _Style:
    """Per attribute, the value that most texts have."""
    styles = [_style(text) for text in texts]
    counted = {name: Counter(style[name] for style in styles) for name in (styles[0] if styles else ())}
    usual = {name: counts.most_common(1)[0][0] for name, counts in counted.items()}
    return {name: value for name, value in usual.items() if name in ("font-family", "font-size")}


def _style(text: Text) -> _Style:
    return {
        "font-family": f"{text.family}, {text.generic}",
        "font-size": number(text.size),
        "font-weight": "bold" if text.bold else "normal",
        "font-style": "italic" if text.italic else "normal",
        "fill": hexed(text.color),
    }


def _joined(style: _Style) -> str:
    return "".join(f' {name}="{value}"' for name, value in style.items())


def _text_lines(texts: Iterable[Text], usual: _Style) -> Iterator[str]:
    known = {"font-weight": "normal", "font-style": "normal", "fill": "#000", **usual}

    def own(text: Text) -> str:
        return _joined({name: value for name, value in _style(text).items() if known.get(name) != value})

    for style, members in groupby(sorted(texts, key=lambda text: (own(text), text.y, text.x)), key=own):
        group = list(members)
        if len(group) == 1 or not style:
            yield from (_text(text, style) for text in group)
        else:
            yield f"<g{style}>"
            yield from (_text(text, "") for text in group)
            yield "</g>"


def _text(text: Text, style: str) -> str:
    x, y = number(text.x), number(text.y)
    turn = f' transform="rotate({number(text.angle)} {x} {y})"' if text.angle else ""
    return f'<text x="{x}" y="{y}"{turn}{style}>{escape(text.text, quote=False)}</text>'
