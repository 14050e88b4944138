"""Work that Matplotlib does and nobody sees, left out. Not one pixel changes.

A third of a chart's time goes into it: ``plt.savefig`` draws the figure a second time for a window that is not there,
every text is laid out a dozen times, and the height of its font is read from the font's file each time.
"""

import contextlib
import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .capture import replace
from .shortcuts_fonts import remember_found_fonts
from .shortcuts_ticks import copy_markers_lightly, work_ticks_out_once

if TYPE_CHECKING:
    from matplotlib.backend_bases import FigureCanvasBase
    from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
    from matplotlib.figure import Figure
    from matplotlib.text import Text

_FONT_TABLES = 512
_LAYOUTS = 4000
_DECIDES_LAYOUT = (
    "_text",
    "_rotation",
    "_rotation_mode",
    "_horizontalalignment",
    "_verticalalignment",
    "_multialignment",
    "_linespacing",
    "_parse_math",
    "_features",
    "_fontfeatures",
    "_language",
)
"""What a text's layout depends on beside its font and resolution, as Matplotlib's versions name it."""


def take_shortcuts() -> None:
    """Put all shortcuts in place; once, after Matplotlib is imported."""
    _draw_windows_when_looked_at()
    _pass_over_spent_layouts()
    _remember_font_tables()
    _remember_layouts()
    remember_found_fonts()
    copy_markers_lightly()
    work_ticks_out_once()


def _draw_windows_when_looked_at() -> None:
    """Put the draw that follows ``plt.savefig`` off until the program looks at the canvas.

    A figure with a layout engine at work is drawn at once: there each drawing moves things.
    """
    from matplotlib import pyplot
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    original: Callable[..., Any] = pyplot.savefig

    @functools.wraps(original)
    def savefig(*args: object, **kwargs: object) -> object:
        figure = pyplot.gcf()
        if figure.get_layout_engine() is not None and not _is_spent(figure):
            return original(*args, **kwargs)
        result = figure.savefig(*args, **kwargs)
        figure.canvas._derender_owes_draw = True
        return result

    replace(pyplot, savefig=savefig)
    # In interactive mode every call would draw the window anew.
    replace(pyplot, _auto_draw_if_interactive=lambda figure, value: None)
    for name in ("buffer_rgba", "tostring_argb", "copy_from_bbox", "restore_region"):
        if hasattr(FigureCanvasAgg, name):
            replace(FigureCanvasAgg, **{name: _drawn_first(getattr(FigureCanvasAgg, name))})
    replace(FigureCanvasAgg, draw=_settling(FigureCanvasAgg.draw))


def _pass_over_spent_layouts() -> None:
    """After ``tight_layout`` a figure keeps a layout engine that does nothing, for which each save would draw twice."""
    from matplotlib.backend_bases import FigureCanvasBase

    original: Callable[..., Any] = FigureCanvasBase.print_figure

    @functools.wraps(original)
    def print_figure(canvas: "FigureCanvasBase", *args: object, **kwargs: object) -> object:
        figure = canvas.figure
        if not _is_spent(figure):
            return original(canvas, *args, **kwargs)
        engine = figure.get_layout_engine()
        replace(figure, _layout_engine=None)
        try:
            return original(canvas, *args, **kwargs)
        finally:
            replace(figure, _layout_engine=engine)

    replace(FigureCanvasBase, print_figure=print_figure)


def _is_spent(figure: "Figure") -> bool:
    from matplotlib.layout_engine import PlaceHolderLayoutEngine

    return isinstance(getattr(figure, "_layout_engine", None), PlaceHolderLayoutEngine)


def _drawn_first(original: Callable[..., Any]) -> Callable[..., object]:
    @functools.wraps(original)
    def look(canvas: "FigureCanvasAgg", *args: object, **kwargs: object) -> object:
        if canvas.__dict__.pop("_derender_owes_draw", False):
            canvas.draw()
        return original(canvas, *args, **kwargs)

    return look


def _settling(original: Callable[..., Any]) -> Callable[..., object]:
    @functools.wraps(original)
    def draw(canvas: "FigureCanvasAgg", *args: object, **kwargs: object) -> object:
        canvas.__dict__.pop("_derender_owes_draw", None)
        return original(canvas, *args, **kwargs)

    return draw


def _remember_font_tables() -> None:
    from matplotlib.ft2font import FT2Font

    # Before Matplotlib 3.10 the type can't be changed, and no layout reads the table.
    with contextlib.suppress(TypeError):
        replace(FT2Font, get_sfnt_table=functools.lru_cache(_FONT_TABLES)(FT2Font.get_sfnt_table))


def _remember_layouts() -> None:
    """Lay a text out once for all times it is asked for with the same text, font, resolution and settings."""
    import matplotlib
    from matplotlib.backends.backend_agg import RendererAgg
    from matplotlib.text import Text

    original: Callable[..., object] | None = getattr(Text, "_get_layout", None)
    if original is None:
        return
    settings = [name for name in matplotlib.rcParams if name.startswith(("font.", "mathtext.", "text."))]
    known: dict[tuple[object, ...], object] = {}

    def key_of(text: "Text") -> tuple[object, ...]:
        # Past the checks that reading a setting the ordinary way makes: they take longer than the layout saves.
        values = [dict.__getitem__(matplotlib.rcParams, name) for name in settings]
        state = text.__dict__
        decisive = [state.get(name) for name in _DECIDES_LAYOUT]
        rest = [tuple(value) if isinstance(value, list) else value for value in (*decisive, *values)]
        return (hash(state["_fontproperties"]), text.figure.dpi, *rest)

    @functools.wraps(original)
    def layout(text: "Text", renderer: "RendererAgg") -> object:
        state = text.__dict__
        special = state.get("_usetex") or state.get("_wrap") or state.get("_transform_rotates_text")
        if special or type(renderer) is not RendererAgg or text.figure is None:
            return original(text, renderer)
        key = key_of(text)
        try:
            found = known.get(key)
        except TypeError:
            # Something in it can't be hashed: a setting only a newer Matplotlib has.
            return original(text, renderer)
        if found is None:
            if len(known) >= _LAYOUTS:
                known.clear()
            found = known[key] = original(text, renderer)
        return found

    replace(Text, _get_layout=layout)
