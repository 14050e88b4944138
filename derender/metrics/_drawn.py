"""What a Matplotlib program draws, as data.

Read from the trace ``artists`` of a run. A trace is the program's own claim and may hold anything: what is not as it
should be counts as not drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from derender.core import Failure, FailureKind, Language

from ._chart_series import canonical, in_view, series_of
from ._charts import Axes, Axis, Chart, Series
from ._claimed import MAX_ROWS, each_readable, finite, items, mappings, number, plain_text
from ._facts import Facts, Unscorable, fact

if TYPE_CHECKING:
    from derender.core import Rendering

MAX_AXES = 100
MAX_SERIES = 1_000
"""Of one axes; of many, so many that all have `MAX_SERIES_TOGETHER` at most."""
MAX_SERIES_TOGETHER = 20_000
MAX_TEXTS = 3_000


@fact(of_program=True)
def traced(facts: Facts) -> Rendering:
    """The program's run with its artists traced.

    Raises:
        Unscorable: it is no Python program.
    """
    from derender.render import RenderOptions

    if facts.program is None or facts.program.language is not Language.PYTHON:
        raise Unscorable(f"{facts.name or 'this side'} is no Python program: artists are read from Matplotlib alone")
    return facts.render(facts.program, RenderOptions(trace="artists"))


@fact(of_program=True)
def chart(facts: Facts) -> Chart | Failure:
    """The figure of the program's first picture, or why there is none.

    Raises:
        Unscorable: it is no Python program, or it drew with something else than Matplotlib.
    """
    rendering = facts[traced]
    if rendering.failure is not None:
        return rendering.failure
    if rendering.picture is None:
        return Failure(FailureKind.NO_PICTURE, "the program drew nothing")
    if rendering.trace is None:
        raise Unscorable("what the run told of its artists can't be read")
    figure = first_figure(rendering)
    if figure is None:
        raise Unscorable("the picture was not drawn by Matplotlib, so there are no artists to read")
    return read_chart(figure)


def first_figure(rendering: Rendering) -> Mapping[str, Any] | None:
    """The traced figure that the first picture shows."""
    figures = (rendering.trace or {}).get("figures")
    readable = [each for each in figures if _is_figure(each)] if isinstance(figures, list) else []
    picture = rendering.picture
    same = [each for each in readable if picture and each.get("name") == picture.name]
    return next(iter(same or readable), None)


def _is_figure(each: object) -> bool:
    return isinstance(each, dict) and isinstance(each.get("axes"), list)


def read_chart(figure: Mapping[str, Any]) -> Chart:
    """A figure of the trace; what is malformed in it is left out."""
    size = number(figure.get("width")) or 1.0, number(figure.get("height")) or 1.0
    most = min(MAX_SERIES, MAX_SERIES_TOGETHER // max(1, min(MAX_AXES, len(mappings(figure.get("axes"))))))
    axes = each_readable(figure.get("axes"), lambda entry: _axes(entry, size, most), MAX_AXES)
    legends = [*items(figure.get("legends")), *(each.get("legend") for each in mappings(figure.get("axes")))]
    entries = [entry for legend in legends for entry in mappings(legend)]
    texts = [entry for entry in mappings(figure.get("texts")) if entry.get("role") == "text"]
    title = plain_text(figure.get("title"))
    main = [each for each in axes if each.kind != "colorbar"]
    if title and len(main) == 1 and not main[0].title:
        # One chart with one title: which of the two it was given as can't be seen.
        axes = [_titled(each, title) if each is main[0] else each for each in axes]
        title = ""
    return Chart(title, tuple(axes), _texts(entries), _texts(texts))


def _titled(axes: Axes, title: str) -> Axes:
    return replace(axes, title=title)


def _texts(entries: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    found = (plain_text(entry.get("text")) for entry in entries[:MAX_TEXTS])
    return tuple(text for text in found if text)


def _axes(entry: Mapping[str, Any], size: tuple[float, float], most_series: int) -> Axes:
    kind = plain_text(entry["kind"])
    axis = {name: _axis(entry[name]) for name in ("x", "y", "z") if name in entry}
    if axis.keys() != ({"x", "y", "z"} if kind == "3d" else {"x", "y"}):
        raise ValueError("axes without axes")
    left, top, right, bottom = (number(value) or 0.0 for value in entry["box"])
    box = left / size[0], top / size[1], right / size[0], bottom / size[1]
    down, leftward = axis["y"].limits[0] > axis["y"].limits[1], axis["x"].limits[0] > axis["x"].limits[1]
    found: list[Series] = []
    if kind != "colorbar":
        for series in each_readable(entry["artists"], lambda artist: series_of(artist, down, leftward), most_series):
            found += series
    if kind != "3d":
        found = [series for series in found if not series.kind.endswith("3d")]
    if kind == "rect":
        seen = (in_view(series, axis["x"], axis["y"]) for series in found)
        found = [series for series in seen if len(series.rows)]
    return Axes(kind, box, plain_text(entry["title"]), axis, tuple(canonical(found)))


def _axis(entry: Mapping[str, Any]) -> Axis:
    low, high = (finite(value) for value in entry["limits"])
    places, texts = items(entry["ticks"]), items(entry["tick_labels"])
    ticks = [(number(place), plain_text(text)) for place, text in zip(places, texts, strict=False)][:MAX_ROWS]
    return Axis(
        label=plain_text(entry["label"]),
        scale=plain_text(entry["scale"]),
        limits=(low, high),
        units=plain_text(entry["units"]),
        visible=entry["visible"] is True,
        ticks=tuple(sorted((place, text) for place, text in ticks if place is not None and text)),
    )
