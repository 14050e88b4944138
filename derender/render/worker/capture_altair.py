"""Hooks on Altair: its charts are put off, to be drawn as Vega-Lite by the vector worker."""

import os
import sys
import zlib
from collections.abc import Callable
from typing import Any

from .capture import Board, Target
from .leftovers import main_values
from .stand_ins import stand_in

_SIZE = (400, 300)
_DRAWN = frozenset({"png", "svg", "pdf"})


class AltairHooks:
    """All hooks on Altair."""

    module = "altair"

    def __init__(self, board: Board) -> None:
        self._board = board
        self._count = 0
        self._caught: set[int] = set()

    def install(self) -> None:
        """Put all hooks in place; once, after ``altair`` is imported."""
        import altair

        cls = altair.TopLevelMixin
        cls.save = self._save(cls.save)
        for name in ("show", "display", "serve", "open_editor"):
            setattr(cls, name, lambda chart, *args, **kwargs: self._catch(chart, self._next("shown")))

    def finish(self) -> None:
        """Catch the last chart that the program named, where it drew nothing else: the others are its parts."""
        if self._board.taken or self.module not in sys.modules:
            return
        import altair

        charts = [value for value in main_values() if isinstance(value, altair.TopLevelMixin)]
        for chart in charts[-1:]:
            self._catch(chart, self._next("open"))

    def _save(self, original: Callable[..., None]) -> Callable[..., None]:
        def save(chart: Any, fp: Any, format: Any = None, *args: Any, **kwargs: Any) -> None:
            target = self._board.target(fp)
            kind = str(format or os.path.splitext(target.path or "")[1].lstrip(".") or "png").lower()
            if kind in _DRAWN:
                with self._board.quiet():
                    content = stand_in(kind, *_SIZE)
                _write(fp, content)
                self._board.wrote(target, content)
            else:
                original(chart, fp, format, *args, **kwargs)
            scale = kwargs.get("scale_factor") or _density(kwargs.get("ppi"))
            self._catch(chart, target, scale)

        return save

    def _next(self, rank: str) -> Target:
        self._count += 1
        return Target(f"altair:{self._count}", f"chart-{self._count}.png", rank)

    def _catch(self, chart: Any, target: Target, scale: float | None = None) -> None:
        content = chart.to_json(indent=None).encode()
        mark = zlib.crc32(content)
        if mark in self._caught and target.rank != "file":
            return
        self._caught.add(mark)
        about = {"media": "vegalite", "width": None, "height": None, "scale": float(scale or 1)}
        self._board.deferred(target, content, about)


def _density(ppi: Any) -> float | None:
    return float(ppi) / 72 if ppi else None


def _write(fp: Any, content: bytes) -> None:
    if hasattr(fp, "write"):
        binary = getattr(fp, "buffer", fp)
        binary.write(content)
        return
    with open(fp, "wb") as file:
        file.write(content)
