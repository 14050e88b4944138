"""A scene as a web page: words are elements of their own, shapes are one inline SVG."""

from collections.abc import Iterator
from html import escape

from .scene import Scene, Text
from .write_svg import gradient_lines, gradient_names, hexed, number, shape_lines

_SHEET = """\
body { margin: 0 }
main { position: relative; overflow: hidden; width: %(width)dpx; height: %(height)dpx%(ground)s }
svg { position: absolute }
p { position: absolute; margin: 0; line-height: 0; white-space: pre; transform-origin: 0 1em }
p::before { content: ""; display: inline-block; height: 1em }"""


def write_html(scene: Scene) -> str:
    """The scene as one page of exactly its size.

    The empty box before each line is 1em high and stands on the baseline, so `top` plus the font size is the baseline
    whatever the font's own measures are.
    """
    ground = "" if scene.background is None else f"; background: {hexed(scene.background)}"
    names = gradient_names(scene)
    classes = _classes(scene)
    sheet = _SHEET % {"width": scene.width, "height": scene.height, "ground": ground}
    rules = [f".{name} {{ {style} }}" for style, name in classes.items()]
    shapes = [*gradient_lines(names), *shape_lines(scene.shapes, names)]
    drawing = [f'<svg width="{scene.width}" height="{scene.height}">', *shapes, "</svg>"] if shapes else []
    lines = [
        "<!DOCTYPE html>",
        '<html lang="en">',
        '<head><meta charset="utf-8"><title>Picture</title>',
        "<style>",
        sheet,
        *rules,
        "</style></head>",
        "<body><main>",
        *drawing,
        *_paragraphs(scene, classes),
        "</main></body>",
        "</html>",
        "",
    ]
    return "\n".join(lines)


def _classes(scene: Scene) -> dict[str, str]:
    """Style → class name, in order of first use."""
    styles = dict.fromkeys(_style(text) for text in scene.texts)
    return {style: f"t{index}" for index, style in enumerate(styles, 1)}


def _style(text: Text) -> str:
    slant = "italic " if text.italic else ""
    weight = "bold " if text.bold else ""
    color = f"; color: {hexed(text.color)}" if text.color != (0, 0, 0) else ""
    return f"font: {slant}{weight}{number(text.size)}px/0 '{text.family}', {text.generic}{color}"


def _paragraphs(scene: Scene, classes: dict[str, str]) -> Iterator[str]:
    for text in scene.texts:
        place = f"left: {number(text.x)}px; top: {number(text.y - text.size)}px"
        turn = f"; transform: rotate({number(text.angle)}deg)" if text.angle else ""
        words = escape(text.text, quote=False)
        yield f'<p class="{classes[_style(text)]}" style="{place}{turn}">{words}</p>'
