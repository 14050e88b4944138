"""The page that draws Plotly figures: plotly.js, which its Python package brings along, and one figure at a time."""

from collections.abc import Mapping
from typing import Any

from .browser_view import PageFailed
from .figure_json import read_figure, written

DEFAULT_SIZE = (700, 500)
"""What Plotly itself takes for a figure that states no size."""
SCRIPT = "plotly.min.js"
_LARGEST = 1 << 20
PAGE = b"""<!DOCTYPE html>
<meta charset="utf-8">
<style>html, body { margin: 0; overflow: hidden }</style>
<script src="plotly.min.js"></script>
<body>
<script>
  async function draw(figure, width, height) {
    for (const old of document.querySelectorAll(".figure")) {
      Plotly.purge(old);
      old.remove();
    }
    const place = document.createElement("div");
    place.className = "figure";
    document.body.append(place);
    const layout = { ...figure.layout, width, height, autosize: false };
    const config = { displayModeBar: false, showTips: false, plotlyServerURL: "" };
    await Plotly.newPlot(place, { data: figure.data, layout, frames: figure.frames, config });
    return [width, height];
  }
</script>
"""


def expression(source: bytes, asked: tuple[int | None, int | None], files: Mapping[str, bytes]) -> str:
    """The call that draws a figure on the page.

    Raises:
        PageFailed: the source is no figure.
    """
    figure = _figure(source)
    width, height = _size(figure, asked)
    return f"draw({written(figure)}, {width}, {height})"


def _figure(source: bytes) -> dict[str, Any]:
    figure = read_figure(source, "the figure")
    if (
        not isinstance(figure, dict)
        or not isinstance(figure.get("data", []), list)
        or not isinstance(figure.get("layout") or {}, dict)
    ):
        raise PageFailed("syntax", "the JSON is no Plotly figure")
    return figure


def _size(figure: dict[str, Any], asked: tuple[int | None, int | None]) -> tuple[int, int]:
    """As asked, else as the layout says, else Plotly's own."""
    layout = figure.get("layout") or {}
    own = [layout.get("width"), layout.get("height")]
    usable = [round(each) if isinstance(each, int | float) and 1 <= each <= _LARGEST else None for each in own]
    width, height = (a or b or c for a, b, c in zip(asked, usable, DEFAULT_SIZE, strict=True))
    return width, height
