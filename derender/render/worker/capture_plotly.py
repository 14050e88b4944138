"""Hooks on Plotly: its figures are put off, to be drawn by plotly.js in the browser worker.

Saving still writes a file, white and of the right size, so that a program which opens it again goes on.
"""

import os
import sys
import zlib
from typing import Any

from .capture import Board, Target
from .leftovers import main_values
from .stand_ins import stand_in

_SIZE = (700, 500)


class PlotlyHooks:
    """All hooks on Plotly."""

    module = "plotly.io"

    def __init__(self, board: Board) -> None:
        self._board = board
        self._count = 0
        self._caught: set[tuple[int, int | None, int | None, float]] = set()

    def install(self) -> None:
        """Put all hooks in place; once, after ``plotly.io`` is imported."""
        import plotly.io
        import plotly.offline

        write_html, plot = plotly.io.write_html, plotly.offline.plot

        def saved_html(fig: Any, file: Any, *args: Any, **kwargs: Any) -> None:
            kwargs["auto_open"] = False
            write_html(fig, file, *args, **kwargs)
            self._catch(fig, self._board.target(file))

        def plotted(fig: Any, *args: Any, **kwargs: Any) -> Any:
            kwargs["auto_open"] = False
            result = plot(fig, *args, **kwargs)
            self._catch(fig, self._board.target(kwargs.get("filename", "temp-plot.html")))
            return result

        plotly.io.show = plotly.offline.iplot = self._show
        plotly.io.write_image = self._write_image
        plotly.io.to_image = self._to_image
        plotly.io.write_html = saved_html
        plotly.offline.plot = plotted

    def finish(self) -> None:
        """Catch the figures that the program named and never showed, where it drew nothing else."""
        if self._board.taken or "plotly.basedatatypes" not in sys.modules:
            return
        from plotly.basedatatypes import BaseFigure

        for figure in main_values():
            if isinstance(figure, BaseFigure):
                self._catch(figure, self._next("open"))

    def _show(self, fig: Any, *args: Any, **kwargs: Any) -> None:
        size = {name: kwargs[name] for name in ("width", "height") if kwargs.get(name)}
        self._catch(fig, self._next("shown"), **size)

    def _write_image(self, fig: Any, file: Any, format: Any = None, scale: Any = None, **size: Any) -> None:
        target = self._board.target(file)
        suffix = os.path.splitext(target.name)[1].lstrip(".") if target.path else ""
        content = self._content(fig, str(format or suffix or "png"), scale, size)
        if hasattr(file, "write"):
            file.write(content)
        else:
            with open(file, "wb") as opened:
                opened.write(content)
        self._board.wrote(target, content)
        self._catch(fig, target, scale=scale, **size)

    def _to_image(self, fig: Any, format: Any = None, **how: Any) -> bytes:
        target = self._board.target(None)
        scale = how.pop("scale", None)
        content = self._content(fig, str(format or "png"), scale, how)
        self._board.wrote(target, content)
        self._catch(fig, target, scale=scale, **how)
        return content

    def _content(self, fig: Any, format: str, scale: Any, size: dict[str, Any]) -> bytes:
        width, height = _size(fig, size.get("width"), size.get("height"))
        factor = float(scale or 1)
        with self._board.quiet():
            return stand_in(format, round(width * factor), round(height * factor))

    def _next(self, rank: str) -> Target:
        self._count += 1
        return Target(f"plotly:{self._count}", f"figure-{self._count}.png", rank)

    def _catch(
        self, fig: Any, target: Target, *, scale: Any = None, width: Any = None, height: Any = None, **_: Any
    ) -> None:
        """Put a figure off, unless the very same was put off before under another name."""
        import plotly.io

        content = plotly.io.to_json(fig, validate=False).encode()
        width, height = _size(fig, width, height)
        mark = (zlib.crc32(content), width, height, float(scale or 1))
        if mark in self._caught and target.rank != "file":
            return
        self._caught.add(mark)
        about = {"media": "plotly", "width": width, "height": height, "scale": float(scale or 1)}
        self._board.deferred(target, content, about)


def _size(fig: Any, width: Any, height: Any) -> tuple[int, int]:
    layout = fig.get("layout") if isinstance(fig, dict) else getattr(fig, "layout", None)
    asked = [_of(layout, "width"), _of(layout, "height")]
    sides = zip((width, height), asked, _SIZE, strict=True)
    return tuple(round(given or own or default) for given, own, default in sides)  # type: ignore[return-value]


def _of(layout: Any, name: str) -> Any:
    return layout.get(name) if isinstance(layout, dict) else getattr(layout, name, None)
