"""The strings that Matplotlib writes into a PDF, without the PDF."""

import functools
import os
from collections.abc import Callable
from typing import Any, TypeAlias

from .capture import replace

Thing: TypeAlias = Any
"""What Matplotlib makes."""
MAX_STRINGS = 100_000
MAX_FIGURES = 20
"""Figures kept alive after they were saved; the program may have closed them."""
_UNSEEN = (
    "draw_path",
    "draw_markers",
    "draw_path_collection",
    "draw_quad_mesh",
    "draw_gouraud_triangle",
    "draw_gouraud_triangles",
    "draw_image",
    "draw_tex",
)


class Strings:
    """Collects each string drawn while a figure is saved as a PDF.

    Lines of a text come one by one, formulas with their markup; a text drawn as an outline is none.

    Attributes:
        written: the strings, in the order drawn.
        saves: how many times a figure was saved so.
        last: the name of the file the last one was saved to; empty where it was no file.
        figures: the latest of those saved in any format.
    """

    def __init__(self) -> None:
        self.written: list[str] = []
        self.saves = 0
        self.last = ""
        self.figures: dict[int, Thing] = {}

    def install(self) -> None:
        """Put the hooks in place, once pyplot is imported: nothing but text is written, and no picture is taken."""
        from matplotlib.backend_bases import FigureCanvasBase
        from matplotlib.backends.backend_pdf import RendererPdf

        replace(RendererPdf, **{name: _unseen for name in _UNSEEN if hasattr(RendererPdf, name)})
        replace(RendererPdf, draw_text=self._draw_text())
        hooked: Callable[..., Thing] = FigureCanvasBase.print_figure
        # One layer down, where a figure saved as a PDF is not drawn again for its picture.
        plain: Callable[..., Thing] = getattr(hooked, "__wrapped__", hooked)

        @functools.wraps(hooked)
        def print_figure(canvas: Thing, filename: Thing, *args: Thing, **kwargs: Thing) -> Thing:
            self._remember(canvas.figure)
            if _format(canvas, filename, kwargs) != "pdf":
                return hooked(canvas, filename, *args, **kwargs)
            result = self._print(plain, canvas, filename, *args, **kwargs)
            self.saves += 1
            self.last = os.path.basename(os.fspath(filename)) if isinstance(filename, str | os.PathLike) else ""
            return result

        replace(FigureCanvasBase, print_figure=print_figure)

    def draw(self, figure: Thing) -> None:
        """Write a figure's strings down, saving it nowhere."""
        import io

        figure.savefig(io.BytesIO(), format="pdf")

    def _remember(self, figure: Thing) -> None:
        self.figures[id(figure)] = figure
        if len(self.figures) > MAX_FIGURES:
            del self.figures[next(iter(self.figures))]

    def _print(self, plain: Callable[..., Thing], *args: Thing, **kwargs: Thing) -> Thing:
        import matplotlib

        # Where the page is cut changes no string, and takes another drawing to find out.
        kwargs.pop("bbox_inches", None)
        with matplotlib.rc_context({"savefig.bbox": None}):
            return plain(*args, **kwargs)

    def _draw_text(self) -> Callable[..., None]:
        written = self.written

        def draw_text(_: Thing, gc: Thing, x: float, y: float, string: str, *__: Thing, **___: Thing) -> None:
            if len(written) < MAX_STRINGS:
                written.append(str(string))

        return draw_text


def _unseen(*_: Thing, **__: Thing) -> None:
    """Stands in for drawing what holds no string."""


def _format(canvas: Thing, filename: Thing, options: dict[str, Thing]) -> str:
    """The format a figure is to be saved in."""
    chosen = options.get("format")
    if not chosen and isinstance(filename, str | os.PathLike):
        chosen = os.path.splitext(os.fspath(filename))[1].lstrip(".")
    return str(chosen or canvas.get_default_filetype()).lower()
