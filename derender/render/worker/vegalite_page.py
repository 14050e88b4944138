"""The page that draws Vega-Lite and Vega specifications; their data must lie inside them or in a file beside."""

from collections.abc import Mapping
from typing import Any

from .browser_view import PageFailed
from .figure_json import read_figure, written

SCRIPT = "vega.js"
PAGE = b"""<!DOCTYPE html>
<meta charset="utf-8">
<style>html, body { margin: 0; overflow: hidden } .chart, .chart svg { display: block }</style>
<script src="vega.js"></script>
<body>
<script>
  let view = null;
  async function draw(spec) {
    view?.finalize();
    document.querySelector(".chart")?.remove();
    const place = document.createElement("div");
    place.className = "chart";
    place.style.display = "inline-block";
    document.body.append(place);
    const options = { renderer: "svg", actions: false, tooltip: false, hover: false, defaultStyle: false, ast: false };
    ({ view } = await vegaEmbed(place, spec, options));
    await view.runAsync();
    const box = place.querySelector("svg").getBoundingClientRect();
    if (!box.width || !box.height) throw new Error("the specification draws nothing");
    return [Math.ceil(box.width), Math.ceil(box.height)];
  }
</script>
"""
_FORMATS = {".csv": "csv", ".tsv": "tsv", ".json": "json", ".topojson": "topojson"}


def expression(source: bytes, asked: tuple[int | None, int | None], files: Mapping[str, bytes]) -> str:
    """The call that draws a specification on the page, at the size it states itself.

    Raises:
        PageFailed: it is no specification, or wants data from elsewhere.
    """
    try:
        spec = _with_data(read_figure(source, "the specification"), files)
    except RecursionError:
        raise PageFailed("syntax", "the specification's objects lie too deep in each other") from None
    if not isinstance(spec, dict):
        raise PageFailed("syntax", "the specification is no JSON object")
    # Options of the embedding may lie in there; some of them, such as a locale, would hold for all later charts.
    spec.pop("usermeta", None)
    return f"draw({written(spec)})"


def _with_data(node: Any, files: Mapping[str, bytes]) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(node, list):
        return [_with_data(each, files) for each in node]
    if not isinstance(node, dict):
        return node
    return {
        key: _inlined(value, files) if key == "data" and _is_elsewhere(value) else _with_data(value, files)
        for key, value in node.items()
    }


def _is_elsewhere(data: object) -> bool:
    return isinstance(data, dict) and isinstance(data.get("url"), str) and not data["url"].startswith("data:")


def _inlined(data: dict[str, Any], files: Mapping[str, bytes]) -> dict[str, Any]:
    url = data["url"]
    content = files.get(url.removeprefix("./"))
    if content is None:
        message = f"the chart takes its data from {url}, which is not among its files"
        raise PageFailed("missing_dependency", message)
    stated = data.get("format")
    layout = {
        "type": _FORMATS.get(url[url.rfind(".") :].lower(), "json"),
        **(stated if isinstance(stated, dict) else {}),
    }
    rest = {key: value for key, value in data.items() if key != "url"}
    return {**rest, "values": content.decode("utf-8", "replace"), "format": layout}
