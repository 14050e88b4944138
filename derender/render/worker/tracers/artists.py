"""What Matplotlib figures hold when they become pictures: axes, the artists with their data, texts with their boxes.

A figure is read in the moment it is drawn for its picture, when resolution, ticks and layout are the picture's own.
Figures left open are drawn once to be read. The answer::

    {"figures": [{"name", "width", "height", "title", "axes": [...], "legends": [[{"text", "color"}]], "texts": [...]}]}

in the order in which they were saved. Boxes are [left, top, right, bottom] in pixels of the picture, from its top left.
"""

# Matplotlib's objects have no types of their own; where it runs, the worker is a package of another name.
# ruff: noqa: ANN401

import functools
import io
import os
import sys
from typing import Any

from ..artist_readers import read_artists
from ..capture import replace, when_imported
from ..plain_text import plain
from ..plain_values import PlainValues, colours, text

MAX_FIGURES = 16
MAX_AXES = 100
MAX_TEXTS = 2_000
MAX_TICKS = 200


class Tracer:
    """Reads each figure that is saved, and at the end those left open."""

    def __init__(self) -> None:
        self._figures: dict[str, dict[str, Any]] = {}
        self._drawn: list[tuple[Any, list[float]]] | None = None
        self._finishing: str | None = None

    def install(self) -> None:
        """Hook the drawing of pictures and texts."""
        when_imported("matplotlib.pyplot", self._hook)

    def finish(self) -> dict[str, Any]:
        """All figures that make the pictures: the saved ones, else those shown or left open."""
        saved = {key: figure for key, figure in self._figures.items() if figure["saved"]}
        if not saved and "matplotlib.pyplot" in sys.modules:
            for number, figure in _open_figures(loose=not self._figures)[:MAX_FIGURES]:
                self._finishing = f"figure-{number}.png"
                # Uncompressed: nobody reads it.
                figure.savefig(io.BytesIO(), format="png", pil_kwargs={"compress_level": 0})
        return {"figures": list((saved or self._figures).values())}

    def _hook(self) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.text import Text

        draw_text, print_pil = Text.draw, FigureCanvasAgg._print_pil

        @functools.wraps(draw_text)
        def draw(shown: Any, renderer: Any, *args: Any, **kwargs: Any) -> Any:
            result = draw_text(shown, renderer, *args, **kwargs)
            if self._drawn is not None and len(self._drawn) < MAX_TEXTS:
                box = _box_of_text(shown, renderer)
                self._drawn += [(shown, box)] if box else []
            return result

        @functools.wraps(print_pil)
        def printed(canvas: Any, saved_to: Any, *args: Any, **kwargs: Any) -> Any:
            outer, self._drawn = self._drawn, []
            try:
                result = print_pil(canvas, saved_to, *args, **kwargs)
                self._keep(canvas, saved_to, self._drawn)
            finally:
                self._drawn = outer
            return result

        replace(Text, draw=draw)
        replace(FigureCanvasAgg, _print_pil=printed)

    def _keep(self, canvas: Any, saved_to: Any, drawn: list[tuple[Any, list[float]]]) -> None:
        key, name, saved = self._target(saved_to)
        self._figures.pop(key, None)
        if len(self._figures) >= MAX_FIGURES:
            return
        try:
            read = _read_figure(canvas, drawn, PlainValues())
        except Exception as error:  # noqa: BLE001 - a figure that can't be read must not spoil the program's run
            read = {"unread": f"{type(error).__name__}: {error}"[:300]}
        self._figures[key] = {"name": name, "saved": saved, **read}

    def _target(self, saved_to: Any) -> tuple[str, str, bool]:
        if self._finishing:
            return self._finishing, self._finishing, False
        # Where the figure is drawn for its picture alone, the capturing hooks say what for.
        target = getattr(saved_to, "target", None)
        if target is not None and hasattr(target, "rank"):
            return target.key, target.name, target.rank in ("file", "buffer")
        named = saved_to if isinstance(saved_to, str | os.PathLike) else getattr(saved_to, "name", None)
        if isinstance(named, str | os.PathLike) and os.fspath(named):
            path = os.path.abspath(os.fspath(named))
            return f"file:1:{path}", os.path.basename(path), True
        return f"buffer:{len(self._figures)}", "", True


def _open_figures(*, loose: bool) -> list[tuple[int, Any]]:
    import gc

    from matplotlib._pylab_helpers import Gcf
    from matplotlib.figure import Figure

    figures = [(number, Gcf.figs[number].canvas.figure) for number in sorted(Gcf.figs)]
    made = [each for each in gc.get_objects() if isinstance(each, Figure)] if loose and not figures else []
    full = [(number, figure) for number, figure in figures or enumerate(made, start=1) if _has_content(figure)]
    return full or figures


def _has_content(figure: Any) -> bool:
    return any(axes.has_data() or axes.texts for axes in figure.axes) or bool(figure.texts or figure.subfigs)


def _box_of_text(shown: Any, renderer: Any) -> list[float] | None:
    """Where a text lies in the picture; None where nothing of it can be seen."""
    from matplotlib.text import Text

    if not shown.get_visible() or shown.get_alpha() == 0 or not shown.get_text().strip():
        return None
    # Of an annotation the arrow would count too.
    box = Text.get_window_extent(shown, renderer)
    clip = shown.get_clip_box() if shown.get_clip_on() else None
    if clip is not None and not box.overlaps(clip):
        return None
    flipped = _flipped(box, renderer.height)
    inside = flipped[2] > 0 and flipped[3] > 0 and flipped[0] < renderer.width and flipped[1] < renderer.height
    return flipped if inside else None


def _flipped(box: Any, height: float) -> list[float]:
    return [round(float(value), 2) for value in (box.x0, height - box.y1, box.x1, height - box.y0)]


def _read_figure(canvas: Any, drawn: list[tuple[Any, list[float]]], values: PlainValues) -> dict[str, Any]:
    figure, renderer = canvas.figure, canvas.get_renderer()
    found = _all_axes(figure)[:MAX_AXES]
    axes = [_read_axes(each, renderer, values) for each in found]
    title = getattr(figure, "_suptitle", None)
    legends = [*figure.legends, *(legend for sub in figure.subfigs for legend in sub.legends)]
    roles = _roles(figure, found)
    return {
        "width": int(renderer.width),
        "height": int(renderer.height),
        "title": text(plain(title.get_text())) if title is not None and title.get_visible() else "",
        "axes": axes,
        "legends": [_read_legend(legend) for legend in legends if legend.get_visible()],
        "texts": [_read_text(shown, box, *roles.get(id(shown), ("text", None))) for shown, box in drawn],
    }


def _all_axes(figure: Any) -> list[Any]:
    """Those of the figure in order, each followed by the axes set into it; hidden ones apart."""
    found: list[Any] = []
    waiting = [*reversed(figure.axes)]
    while waiting and len(found) < MAX_AXES:
        axes = waiting.pop()
        if axes not in found and axes.get_visible():
            found.append(axes)
            waiting += reversed(axes.child_axes)
    return found


def _read_axes(axes: Any, renderer: Any, values: PlainValues) -> dict[str, Any]:
    # A second axis along a side has no titles.
    titles = [axes.get_title(loc) for loc in ("left", "center", "right")] if hasattr(axes, "get_title") else []
    legend = axes.get_legend()
    seen = {"3d": "3d", "polar": "polar", "rectilinear": "rect"}.get(axes.name, "other")
    dimensions = [("x", axes.xaxis), ("y", axes.yaxis), *([("z", axes.zaxis)] if seen == "3d" else [])]
    return {
        "kind": "colorbar" if hasattr(axes, "_colorbar") else seen,
        "box": _flipped(axes.get_window_extent(renderer), renderer.height),
        "title": text(plain("\n".join(filter(None, titles)))),
        **{name: _read_axis(axes, axis, values) for name, axis in dimensions},
        "legend": _read_legend(legend) if legend is not None and legend.get_visible() else None,
        "artists": read_artists(axes, values),
    }


def _read_axis(axes: Any, axis: Any, values: PlainValues) -> dict[str, Any]:
    # In space the flag of the plane is always off, and another one counts.
    shown = bool(getattr(axes, "_axis3don", axes.axison) and axis.get_visible())
    ticks = axis._update_ticks()[:MAX_TICKS] if shown else []
    labels = [(float(tick.get_loc()), _tick_text(tick)) for tick in ticks]
    converter = axis.get_converter() if hasattr(axis, "get_converter") else axis.converter
    return {
        "label": text(plain(axis.label.get_text())) if shown and axis.label.get_visible() else "",
        "scale": str(axis.get_scale())[:100],
        "limits": values.numbers(axis.get_view_interval() if axes.name == "polar" else _limits(axes, axis)),
        "units": _units(converter),
        "visible": shown,
        "ticks": values.numbers([place for place, _ in labels]),
        "tick_labels": [text(plain(written)) for _, written in labels],
        "offset": text(plain(axis.get_offset_text().get_text())) if shown else "",
    }


def _limits(axes: Any, axis: Any) -> Any:
    return getattr(axes, f"get_{axis.axis_name}lim")()


def _tick_text(tick: Any) -> str:
    for shown in (tick.label1, tick.label2):
        if shown.get_visible() and shown.get_text():
            return str(shown.get_text())
    return ""


def _units(converter: Any) -> str:
    name = type(converter).__name__
    if "Category" in name:
        return "category"
    return "date" if any(part in name for part in ("Date", "Period", "Time")) else "number"


def _read_legend(legend: Any) -> list[dict[str, str]]:
    return [{"text": text(plain(entry.get_text())), "color": color} for entry, color in _entries(legend)]


def _entries(legend: Any) -> list[tuple[Any, str]]:
    texts = [*legend.get_texts()][:MAX_TICKS]
    handles = [*getattr(legend, "legend_handles", ())] + [None] * len(texts)
    return [(entry, _color(handle)) for entry, handle in zip(texts, handles, strict=False)]


def _color(handle: Any) -> str:
    for name in ("get_facecolor", "get_color", "get_edgecolor"):
        try:
            return colours(getattr(handle, name)())[0]
        except (AttributeError, ValueError, IndexError, TypeError):
            continue
    return ""


def _roles(figure: Any, found: list[Any]) -> dict[int, tuple[str, int | None]]:
    roles: dict[int, tuple[str, int | None]] = {}
    for index, axes in enumerate(found):
        for name in ("title", "_left_title", "_right_title"):
            roles[id(getattr(axes, name, None))] = ("title", index)
        for name in ("x", "y", "z"):
            axis = getattr(axes, f"{name}axis", None)
            if axis is not None:
                roles[id(axis.label)] = (f"{name}label", index)
                for tick in [*axis.majorTicks, *axis.minorTicks]:
                    roles[id(tick.label1)] = roles[id(tick.label2)] = (f"{name}tick", index)
        legend = axes.get_legend()
        for entry in [] if legend is None else [*legend.get_texts(), legend.get_title()]:
            roles[id(entry)] = ("legend", index)
        for shown in axes.texts:
            roles[id(shown)] = ("text", index)
    for legend in figure.legends:
        for entry in [*legend.get_texts(), legend.get_title()]:
            roles[id(entry)] = ("legend", None)
    if getattr(figure, "_suptitle", None) is not None:
        roles[id(figure._suptitle)] = ("title", None)
    return roles


def _read_text(shown: Any, box: list[float], role: str, axes: int | None) -> dict[str, Any]:
    return {
        "text": text(plain(shown.get_text())),
        "box": box,
        "rotation": round(float(shown.get_rotation()), 1),
        "role": role,
        "axes": axes,
    }
