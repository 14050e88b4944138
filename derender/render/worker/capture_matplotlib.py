"""Hooks on Matplotlib: figures saved under any name and format, shown, or left open.

For PNG the figure is drawn once and the same packed rows become the program's file and our picture. For other formats
the program's file is written as it would be, then the figure is drawn as the PNG of the same call would be.
"""

import functools
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .capture import Board, Target, replace
from .plain_text import plain
from .png import pack

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_NOT_FOR_PNG = ("format", "backend", "metadata", "pil_kwargs", "papertype", "orientation")


class _Sink:
    """Takes the place of a file when a figure is drawn for its pixels alone."""

    def __init__(self, target: Target) -> None:
        self.target = target


class MatplotlibHooks:
    """All hooks on Matplotlib, and what they know of figures."""

    module = "matplotlib.pyplot"

    def __init__(self, board: Board) -> None:
        self._board = board
        self._drawn: list[Any] | None = None
        self._animation: Target | None = None
        self._animation_caught = False
        self._shown: dict[int, tuple[Any, int]] = {}
        self._snapshots = 0

    def install(self) -> None:
        """Put all hooks in place; once, after Matplotlib is imported."""
        self._hook_backend_choice()
        self._hook_texts()
        self._hook_canvas()
        self._hook_showing()
        self._hook_animations()
        self._hook_missing_glyphs()

    def finish(self) -> None:
        """Catch what is left: figures shown or open, where nothing was saved."""
        if self._board.saved or self.module not in sys.modules:
            return
        figures = [*self._open_figures()] or [*self._loose_figures()]
        full = [(number, figure) for number, figure in figures if _has_content(figure)]
        for number, figure in full if full or self._board.taken else figures:
            rank = "shown" if id(figure) in self._shown else "open"
            self._catch_figure(figure, Target(f"figure:{number}:{rank}", f"figure-{number}.png", rank))

    def _hook_backend_choice(self) -> None:
        import matplotlib
        from matplotlib import pyplot

        pyplot.switch_backend("agg")
        replace(matplotlib, use=_ignored)
        replace(pyplot, switch_backend=_ignored)

    def _hook_texts(self) -> None:
        from matplotlib.text import Text

        original = Text.draw

        @functools.wraps(original)
        def draw(text: Any, renderer: Any, *args: Any, **kwargs: Any) -> Any:
            result = original(text, renderer, *args, **kwargs)
            if self._drawn is not None and text.get_visible() and text.get_text().strip():
                self._drawn.append(text)
            return result

        replace(Text, draw=draw)

    def _hook_canvas(self) -> None:
        from matplotlib.backend_bases import FigureCanvasBase
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        print_raw = self._print_raw(FigureCanvasAgg.print_raw)
        replace(FigureCanvasAgg, print_raw=print_raw, print_rgba=print_raw)
        replace(FigureCanvasAgg, _print_pil=self._print_raster(FigureCanvasAgg._print_pil))
        replace(FigureCanvasBase, print_figure=self._print_figure(FigureCanvasBase.print_figure))
        replace(FigureCanvasBase, start_event_loop=_ignored)

    def _print_raster(self, original: Callable[..., None]) -> Callable[..., None]:
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        @functools.wraps(original)
        def print_pil(canvas: Any, saved_to: Any, fmt: str, pil_kwargs: Any = None, metadata: Any = None) -> None:
            board = self._board
            if isinstance(saved_to, _Sink):
                with self._texts_of(canvas) as texts:
                    FigureCanvasAgg.draw(canvas)
                board.picture(saved_to.target, _pixels(canvas), texts)
                return
            if self._animation or not board.catching:
                original(canvas, saved_to, fmt, pil_kwargs, metadata)
                self._catch_frame(canvas)
                return
            with board.quiet(), self._texts_of(canvas) as texts:
                if fmt == "png":
                    FigureCanvasAgg.draw(canvas)
                else:
                    original(canvas, saved_to, fmt, pil_kwargs, metadata)
            self._catch_saved(canvas, saved_to, fmt, texts)

        return print_pil

    def _catch_saved(self, canvas: Any, saved_to: Any, fmt: str, texts: list[str]) -> None:
        board = self._board
        target = board.target(saved_to)
        packed = pack(_pixels(canvas))
        if fmt == "png":
            content = packed.png(canvas.figure.dpi)
            _write(saved_to, content)
            board.wrote(target, content)
        board.packed(target, packed, texts)

    def _print_raw(self, original: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(original)
        def print_raw(canvas: Any, saved_to: Any, **kwargs: Any) -> None:
            with self._texts_of(canvas) as texts:
                original(canvas, saved_to, **kwargs)
            self._catch_frame(canvas, texts)

        return print_raw

    def _catch_frame(self, canvas: Any, texts: list[str] | None = None) -> None:
        """Of an animation being saved, keep the first frame that shows something."""
        if self._animation is None or self._animation_caught:
            return
        pixels = _pixels(canvas)
        if (pixels == pixels[0, 0]).all():
            return
        self._animation_caught = True
        self._board.picture(self._animation, pixels, texts)

    def _print_figure(self, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def print_figure(canvas: Any, filename: Any, *args: Any, **kwargs: Any) -> Any:
            board = self._board
            if isinstance(filename, _Sink) or self._animation or not board.catching:
                return original(canvas, filename, *args, **kwargs)
            before = board.taken
            with board.drawing():
                result = original(canvas, filename, *args, **kwargs)
            if board.taken == before:
                same = {name: value for name, value in kwargs.items() if name not in _NOT_FOR_PNG}
                sink = _Sink(self._vector_target(canvas, filename, kwargs))
                original(canvas, sink, *args, format="png", **same)
            return result

        return print_figure

    def _vector_target(self, canvas: Any, filename: Any, kwargs: dict[str, Any]) -> Target:
        pages = getattr(filename, "get_pagecount", None)
        if pages is not None:
            # The page is written already when this asks.
            named = getattr(filename, "_filename", None) or getattr(getattr(filename, "_file", None), "fh", None)
            return self._board.target(getattr(named, "name", named), page=max(1, pages()))
        if isinstance(filename, str | os.PathLike) and not kwargs.get("format"):
            path = os.fspath(filename)
            suffix = os.path.splitext(path)[1]
            return self._board.target(path if suffix else f"{path}.{canvas.get_default_filetype()}")
        return self._board.target(filename)

    def _hook_showing(self) -> None:
        from matplotlib import pyplot
        from matplotlib.backend_bases import FigureManagerBase
        from matplotlib.figure import Figure

        replace(pyplot, show=self._show_all, pause=self._show_all)
        replace(FigureManagerBase, show=lambda manager: self._show_one(manager.canvas.figure))
        replace(FigureManagerBase, pyplot_show=classmethod(lambda cls, **kwargs: self._show_all()))
        destroy = self._before(FigureManagerBase.destroy, lambda manager: manager.canvas.figure)
        replace(FigureManagerBase, destroy=destroy)
        clear = self._before(Figure.clear, lambda figure: figure)
        replace(Figure, show=lambda figure, *args, **kwargs: self._show_one(figure), clear=clear)

    def _show_all(self, *args: Any, **kwargs: Any) -> None:
        for number, figure in self._open_figures():
            self._shown[id(figure)] = (figure, number)

    def _show_one(self, figure: Any) -> None:
        number = getattr(figure, "number", None) or len(self._shown) + 1
        self._shown[id(figure)] = (figure, number)

    def _before(self, original: Callable[..., Any], figure_of: Callable[[Any], Any]) -> Callable[..., Any]:
        """Before a figure that was shown is closed or cleared, keep what was seen of it."""

        @functools.wraps(original)
        def gone(what: Any, *args: Any, **kwargs: Any) -> Any:
            figure = figure_of(what)
            _, number = self._shown.pop(id(figure), (None, 0))
            if number and not self._board.saved and _has_content(figure):
                self._snapshots += 1
                target = Target(f"figure:{number}:past:{self._snapshots}", f"figure-{number}.png", "shown")
                self._catch_figure(figure, target)
            return original(what, *args, **kwargs)

        return gone

    def _hook_animations(self) -> None:
        from matplotlib.animation import Animation

        original = Animation.save

        @functools.wraps(original)
        def save(animation: Any, filename: Any, *args: Any, **kwargs: Any) -> Any:
            self._animation, self._animation_caught = self._board.target(filename), False
            try:
                with self._board.quiet():
                    return original(animation, filename, *args, **kwargs)
            finally:
                self._animation = None

        replace(Animation, save=save)

    def _hook_missing_glyphs(self) -> None:
        from matplotlib import _text_helpers

        original = getattr(_text_helpers, "warn_on_missing_glyph", None)
        if original is None:
            return
        told: set[int] = set()

        @functools.wraps(original)
        def warn_on_missing_glyph(code: int, *fonts: str) -> None:
            if code not in told:
                told.add(code)
                # Which fonts were tried, only newer Matplotlibs say.
                tried = f" (tried {fonts[0]})" if fonts else ""
                self._board.journal.warning(f"no font here has a glyph for {chr(code)!r}{tried}")
            original(code, *fonts)

        replace(_text_helpers, warn_on_missing_glyph=warn_on_missing_glyph)

    def _catch_figure(self, figure: Any, target: Target) -> None:
        sink = _Sink(target)
        with self._board.quiet():
            if figure.canvas.callbacks.callbacks.get("draw_event"):
                # The first draw only starts an animation; its first frame is there at the second.
                figure.canvas.draw()
            figure.savefig(sink, format="png")

    def _open_figures(self) -> Iterator[tuple[int, Any]]:
        from matplotlib._pylab_helpers import Gcf

        for number in sorted(Gcf.figs):
            yield number, Gcf.figs[number].canvas.figure

    def _loose_figures(self) -> Iterator[tuple[int, Any]]:
        """Figures made without pyplot: what the program's own objects include, the warm parent's being frozen."""
        if self._board.taken:
            return
        import gc

        from matplotlib.figure import Figure

        found = [each for each in gc.get_objects() if isinstance(each, Figure)]
        yield from enumerate(found, start=1)

    @contextmanager
    def _texts_of(self, canvas: Any) -> Iterator[list[str]]:
        """Collect the texts drawn inside the block; the list is filled when the block ends."""
        texts: list[str] = []
        outer, self._drawn = self._drawn, []
        try:
            yield texts
            texts += _readable(self._drawn, canvas)
        finally:
            self._drawn = outer


def _ignored(*args: Any, **kwargs: Any) -> None:
    """Stands in for calls that choose a backend or wait for a user."""


def _pixels(canvas: Any) -> "NDArray[np.uint8]":
    import numpy as np

    return np.asarray(canvas.buffer_rgba())


def _write(saved_to: Any, content: bytes) -> None:
    if hasattr(saved_to, "write"):
        saved_to.write(content)
        return
    with open(saved_to, "wb") as file:
        file.write(content)


def _has_content(figure: Any) -> bool:
    return bool(figure.axes or figure.texts or figure.images or figure.lines or figure.patches or figure.subfigs)


def _readable(drawn: list[Any], canvas: Any) -> list[str]:
    """The texts that lie inside the picture, a line each, without markup."""
    renderer = canvas.get_renderer()
    lines: list[str] = []
    for text in drawn:
        if text.get_alpha() != 0 and _shows(text, renderer):
            lines += [line for line in map(str.strip, plain(text.get_text()).splitlines()) if line]
    return lines


def _shows(text: Any, renderer: Any) -> bool:
    """Whether some of a text lies in the picture and in what it is clipped to."""
    clip = text.get_clip_box() if text.get_clip_on() else None
    x, y = text.get_transform().transform(text.get_unitless_position())
    if 0 < x < renderer.width and 0 < y < renderer.height and (clip is None or clip.contains(x, y)):
        return True
    # Measuring a text costs as much as drawing it, so only those whose anchor lies outside are measured.
    box = text.get_window_extent(renderer)
    inside = box.x1 > 0 and box.y1 > 0 and box.x0 < renderer.width and box.y0 < renderer.height
    return bool(inside and (clip is None or box.overlaps(clip)))
