"""A small renderer of Excalidraw scenes, through SVG: boxes, ellipses, lines and words."""

import json
from html import escape

from derender.core import Language
from derender.render.jobs import Job
from derender.render.languages.svg import RENDERER as SVG
from derender.render.languages.svg import vector_worker


def _shape(element):
    x, y, width, height = (element.get(name, 0) for name in ("x", "y", "width", "height"))
    ink = f"stroke='{escape(element.get('strokeColor', '#000'), quote=True)}' stroke-width='2' fill='none'"
    if element["type"] == "ellipse":
        return f"<ellipse cx='{x + width / 2}' cy='{y + height / 2}' rx='{width / 2}' ry='{height / 2}' {ink}/>"
    if element["type"] in {"line", "arrow", "freedraw"}:
        points = " ".join(f"{x + dx},{y + dy}" for dx, dy in element["points"])
        return f"<polyline points='{points}' {ink}/>"
    if element["type"] == "text":
        size = element.get("fontSize", 20)
        return f"<text x='{x}' y='{y + size}' font-size='{size}'>{escape(element['text'])}</text>"
    return f"<rect x='{x}' y='{y}' width='{width}' height='{height}' {ink}/>"


class SceneRenderer:
    language = Language.EXCALIDRAW
    traces = ()

    def worker(self, program, options, isolation):
        return vector_worker(isolation)

    def job(self, program, options):
        shapes = "".join(_shape(element) for element in json.loads(program.source)["elements"])
        size = f"width='{options.width}' height='{options.height}'"
        page = f"<svg xmlns='http://www.w3.org/2000/svg' {size}><rect {size} fill='#fff'/>{shapes}</svg>"
        return Job("svg", page, program.assets, options.drawing(), options.limits)

    def fingerprint(self, program, options):
        return {**SVG.fingerprint(program, options), "renderer": "scenes for tests"}

    def missing(self):
        return SVG.missing()

    def promised(self, module):
        return False


RENDERER = SceneRenderer()
"""What the registry of languages looks for."""
