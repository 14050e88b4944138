"""The page that shows an SVG in a browser, at the size resvg would draw it."""

import math
import re

from .svg_failure import CannotDraw
from .svg_size import asked_size, natural_size

_PROLOG = re.compile(
    r"\A\ufeff?\s*(?:<\?xml.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>|\s+)*", re.DOTALL | re.IGNORECASE
)
_ROOT = re.compile(r"<svg\b", re.IGNORECASE)
_ATTRIBUTES = re.compile(r"((?:[^>\"']|\"[^\"]*\"|'[^']*')*+)>")
_ATTRIBUTE = re.compile(r"""(?<![\w:-])([\w:-]++)\s*+=\s*+(?:"([^"]*)"|'([^']*)')""")
_MAX_ROOT = 1 << 16
"""Characters of a root's start tag. This runs in the caller's process: every pattern here takes linear time."""
_PAGE = """<!DOCTYPE html>
<html><head><meta charset="utf-8"><style>
html, body {{ margin: 0; background: transparent }}
body > svg {{ display: block; width: {width}px; height: {height}px }}
</style></head><body>
{svg}
</body></html>
"""


def page_of_svg(source: str, width: int | None = None, height: int | None = None) -> str:
    """The page with the document set into it."""
    size = size_of_svg(source, width, height)
    return _PAGE.format(width=size[0], height=size[1], svg=_PROLOG.sub("", source, count=1))


def size_of_svg(source: str, width: int | None = None, height: int | None = None) -> tuple[int, int]:
    """The viewport that shows the whole picture and nothing beside it, in pixels."""
    root = _ROOT.search(source)
    inside = _ATTRIBUTES.match(source, root.end(), root.end() + _MAX_ROOT) if root else None
    attributes = {name: double or single for name, double, single in _ATTRIBUTE.findall(inside[1] if inside else "")}
    try:
        size = asked_size(natural_size(attributes), width, height)
    except CannotDraw as failure:
        # Where the page is drawn, that much is refused.
        return (1 << 24, 1 << 24) if failure.kind == "output_too_large" else (1, 1)
    return max(1, math.ceil(size.width)), max(1, math.ceil(size.height))
