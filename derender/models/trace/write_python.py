"""A scene as a Matplotlib program."""

import math
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby

from .scene import Ellipse, Gradient, Look, Path, Polyline, Rect, Scene, Shape, Text
from .write_svg import hexed, number

_POINTS = 0.72
_GRADIENT = '''
def gradient(patch, stops, start, end, radial=False):
    """Fill a patch with colours that change from start to end, or around start."""
    box = patch.get_path().get_extents(patch.get_patch_transform())
    x, y = np.meshgrid(np.arange(box.x0, box.x1, 0.5) + 0.25, np.arange(box.y0, box.y1, 0.5) + 0.25)
    along = np.subtract(end, start)
    at = np.hypot(x - start[0], y - start[1]) / np.hypot(*along) if radial else (
        (x - start[0]) * along[0] + (y - start[1]) * along[1]) / (along @ along)
    offsets, colors = zip(*stops)
    channels = np.array([to_rgb(color) for color in colors]).T
    image = np.dstack([np.interp(at, offsets, channel) for channel in channels])
    extent = (x[0, 0] - 0.25, x[0, -1] + 0.25, y[-1, 0] + 0.25, y[0, 0] - 0.25)
    ax.add_patch(patch)
    drawn = ax.imshow(image, extent=extent, aspect="auto", zorder=1)
    drawn.set_clip_path(patch)
'''


def write_python(scene: Scene) -> str:
    """The scene as a program that saves a picture of exactly its size."""
    body = [*_shape_lines(scene.shapes), "", *_text_lines(scene.texts)]
    source = "\n".join(body)
    gradients = any(isinstance(shape.look.fill, Gradient) for shape in scene.shapes)
    ground = "none" if scene.background is None else hexed(scene.background)
    snap = {"path.snap": False}
    hinting = {} if any(text.nominal for text in scene.texts) else {"text.hinting": "none"}
    head = [
        "import matplotlib.pyplot as plt",
        *(["import numpy as np", "from matplotlib.colors import to_rgb"] if gradients else []),
        *_patch_imports(source),
        *(["from matplotlib.path import Path"] if "Path(" in source else []),
        "",
        f"plt.rcParams.update({_literal({**snap, **hinting})})",
        f"fig = plt.figure(figsize=({_inches(scene.width)}, {_inches(scene.height)}), dpi=100, facecolor={ground!r})",
        "ax = fig.add_axes((0, 0, 1, 1))",
        f"ax.set(xlim=(0, {scene.width}), ylim=({scene.height}, 0), autoscale_on=False)",
        'ax.axis("off")',
        *([_GRADIENT] if gradients else []),
        "",
    ]
    return "\n".join([*head, *body, "", 'fig.savefig("picture.png", dpi=100, facecolor=fig.get_facecolor())', ""])


def _literal(values: dict[str, object]) -> str:
    return "{" + ", ".join(f'"{name}": {value!r}'.replace("'", '"') for name, value in values.items()) + "}"


def _inches(pixels: int) -> str:
    """Inches at 100 dots, a little more where the product would fall below the whole pixel."""
    inches = pixels / 100
    return repr(inches if int(inches * 100) == pixels else round(inches + 1e-5, 5))


def _patch_imports(source: str) -> list[str]:
    names = ("BoxStyle", "Circle", "Ellipse", "FancyBboxPatch", "PathPatch", "Polygon", "Rectangle")
    used = [name for name in names if f"{name}(" in source]
    return [f"from matplotlib.patches import {', '.join(used)}"] if used else []


def _shape_lines(shapes: Iterable[Shape]) -> Iterator[str]:
    """One statement per shape, one loop for neighbours that are alike."""
    for (kind, look), members in groupby(shapes, key=lambda shape: (_kind(shape), shape.look)):
        group = list(members)
        values, build = _KINDS[kind]
        if isinstance(look.fill, Gradient):
            yield from (_gradient_line(shape, build, values) for shape in group)
        elif len(group) == 1:
            yield _drawn(kind, build(*values(group[0])), look)
        else:
            yield f"for {_LOOP_NAMES[kind]} in ["
            yield from (f"    ({', '.join(values(shape))}{',' * (kind == 'polygon')})," for shape in group)
            yield "]:"
            yield "    " + _drawn(kind, build(*_LOOP_NAMES[kind].strip("(,)").split(", ")), look)


def _kind(shape: Shape) -> str:
    if isinstance(shape, Rect):
        return "rounded" if shape.radius else "rect"
    if isinstance(shape, Ellipse):
        return "circle" if shape.rx == shape.ry else "ellipse"
    if isinstance(shape, Path):
        return "path"
    return "polygon" if shape.closed else "line"


def _drawn(kind: str, call: str, look: Look) -> str:
    if kind == "line":
        return f"ax.plot({call}, {_line_look(look)})"
    return f"ax.add_patch({call}, {_patch_look(look)}))"


def _gradient_line(shape: Shape, build: Callable[..., str], values: Callable[[Shape], tuple[str, ...]]) -> str:
    fill = shape.look.fill
    assert isinstance(fill, Gradient)
    look = Look(None, shape.look.stroke, shape.look.stroke_width)
    stops = ", ".join(f"({number(at)}, {hexed(color)!r})" for at, color in fill.stops)
    radial = ", radial=True" if fill.radial else ""
    patch = f"{build(*values(shape))}, {_patch_look(look)})"
    return f"gradient({patch}, [{stops}], {_pair(fill.start)}, {_pair(fill.end)}{radial})"


def _patch_look(look: Look) -> str:
    face = "none" if look.fill is None or isinstance(look.fill, Gradient) else hexed(look.fill)
    if look.stroke is None:
        return f'fc="{face}", ec="none"'
    return f'fc="{face}", ec="{hexed(look.stroke)}", lw={number(look.stroke_width * _POINTS)}'


def _line_look(look: Look) -> str:
    color = hexed(look.stroke or (0, 0, 0))
    width = look.stroke_width * _POINTS
    dash = ""
    if look.dash:
        # Matplotlib counts dashes in line widths.
        lengths = ", ".join(number(part / look.stroke_width) for part in look.dash)
        dash = f', ls=(0, ({lengths})), dash_capstyle="butt"'
    ends = ', solid_joinstyle="round"' if look.round_ends else ""
    return f'color="{color}", lw={number(width)}, solid_capstyle="butt"{ends}{dash}, zorder=1'


def _pair(point: tuple[float, float]) -> str:
    return f"({number(point[0])}, {number(point[1])})"


def _rect_values(shape: Shape) -> tuple[str, ...]:
    assert isinstance(shape, Rect)
    return tuple(number(value) for value in (shape.x, shape.y, shape.width, shape.height))


def _rounded_values(shape: Shape) -> tuple[str, ...]:
    assert isinstance(shape, Rect)
    return (*_rect_values(shape), number(shape.radius))


def _circle_values(shape: Shape) -> tuple[str, ...]:
    assert isinstance(shape, Ellipse)
    return tuple(number(value) for value in (shape.x, shape.y, shape.rx))


def _ellipse_values(shape: Shape) -> tuple[str, ...]:
    assert isinstance(shape, Ellipse)
    return tuple(number(value) for value in (shape.x, shape.y, 2 * shape.rx, 2 * shape.ry))


def _polygon_values(shape: Shape) -> tuple[str, ...]:
    assert isinstance(shape, Polyline)
    return (f"[{', '.join(_pair(point) for point in shape.points)}]",)


def _line_values(shape: Shape) -> tuple[str, ...]:
    assert isinstance(shape, Polyline)
    across, down = zip(*shape.points, strict=True)
    return tuple(f"[{', '.join(number(value) for value in values)}]" for values in (across, down))


def _path_values(shape: Shape) -> tuple[str, ...]:
    """Vertices and codes: 1 moves, 2 draws a line, 4 a cubic curve, 79 closes."""
    assert isinstance(shape, Path)
    vertices, codes = [], []
    for ring in shape.rings:
        vertices.append(_pair(ring.start))
        codes.append("1")
        for curve in ring.curves:
            vertices += [_pair(point) for point in (*(curve.controls or ()), curve.end)]
            codes += ["4", "4", "4"] if curve.controls else ["2"]
        vertices.append(_pair(ring.start))
        codes.append("79")
    return f"[{', '.join(vertices)}]", f"[{', '.join(codes)}]"


_KINDS: dict[str, tuple[Callable[[Shape], tuple[str, ...]], Callable[..., str]]] = {
    "rect": (_rect_values, lambda x, y, w, h: f"Rectangle(({x}, {y}), {w}, {h}"),
    "rounded": (
        _rounded_values,
        lambda x, y, w, h, r: f'FancyBboxPatch(({x}, {y}), {w}, {h}, BoxStyle("Round", pad=0, rounding_size={r})',
    ),
    "circle": (_circle_values, lambda x, y, r: f"Circle(({x}, {y}), {r}"),
    "ellipse": (_ellipse_values, lambda x, y, w, h: f"Ellipse(({x}, {y}), {w}, {h}"),
    "polygon": (_polygon_values, lambda points: f"Polygon({points}"),
    "path": (_path_values, lambda vertices, codes: f"PathPatch(Path({vertices}, {codes})"),
    "line": (_line_values, lambda x, y: f"{x}, {y}"),
}
_LOOP_NAMES = {
    "rect": "x, y, w, h",
    "rounded": "x, y, w, h, r",
    "circle": "x, y, r",
    "ellipse": "x, y, w, h",
    "polygon": "(points,)",
    "path": "vertices, codes",
    "line": "x, y",
}


def _text_lines(texts: Iterable[Text]) -> Iterator[str]:
    """Words, a loop for those set alike."""
    ordered = sorted(texts, key=lambda text: (_text_look(text), text.y, text.x))
    for look, members in groupby(ordered, key=_text_look):
        group = list(members)
        if len(group) == 1:
            x, y = _anchor(group[0])
            yield f"ax.text({x}, {y}, {_quoted(group[0].text)}, {look})"
        else:
            yield "for x, y, text in ["
            yield from (f"    ({', '.join(_anchor(text))}, {_quoted(text.text)})," for text in group)
            yield "]:"
            yield f"    ax.text(x, y, text, {look})"


def _anchor(text: Text) -> tuple[str, str]:
    """Where the text is held: in its middle when hinting will change its width."""
    reach = text.width / 2 if text.nominal else 0.0
    turn = math.radians(text.angle)
    return number(text.x + reach * math.cos(turn)), number(text.y + reach * math.sin(turn))


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _text_look(text: Text) -> str:
    size = number((text.nominal or text.size) * _POINTS)
    parts = [f'size={size}, family="{text.family}"']
    if text.color != (0, 0, 0):
        parts.append(f'color="{hexed(text.color)}"')
    if text.bold:
        parts.append('weight="bold"')
    if text.italic:
        parts.append('style="italic"')
    if text.nominal:
        parts.append('ha="center"')
    if text.angle:
        parts.append(f'rotation={number(-text.angle)}, rotation_mode="anchor"')
    return ", ".join([*parts, "parse_math=False"])
