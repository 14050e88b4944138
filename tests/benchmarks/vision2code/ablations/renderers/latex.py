"""A small stand-in for TeX, through SVG: the body's words on white paper; an unknown command is an error."""

import re
from html import escape

from derender.core import Language
from derender.render.jobs import Job
from derender.render.languages.svg import RENDERER as SVG

from .excalidraw import SceneRenderer


class PageRenderer(SceneRenderer):
    language = Language.LATEX

    def job(self, program, options):
        body = re.search(r"\\begin\{document\}(.*)\\end\{document\}", program.source, re.DOTALL)
        known = body is not None and "\\" not in body[1]
        words = f"<text x='10' y='30'>{escape(body[1].strip())}</text>" if known else "<text"
        paper = "<rect width='300' height='200' fill='#fff'/>"
        page = f"<svg xmlns='http://www.w3.org/2000/svg' width='300' height='200'>{paper}{words}</svg>"
        return Job("svg", page, program.assets, options.drawing(), options.limits)

    def fingerprint(self, program, options):
        return {**SVG.fingerprint(program, options), "renderer": "pages for tests"}


RENDERER = PageRenderer()
"""What the registry of languages looks for."""
