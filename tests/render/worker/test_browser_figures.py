"""Plotly and Vega-Lite figures, drawn by their own libraries on a page that stays."""

import asyncio
import io
import json

import pytest
from PIL import Image

from derender.core import Assets, FailureKind
from derender.render.jobs import Job
from derender.render.languages.html import browser_worker
from derender.render.options import Isolation, Limits
from derender.render.worker import browser_figures
from derender.render.worker.browser_view import PageFailed
from derender.render.workers import WorkerProcess

BARS = {"data": [{"type": "bar", "x": ["ant", "bee"], "y": [1, 3]}], "layout": {"width": 400, "height": 300}}
SURFACE = {"data": [{"type": "surface", "z": [[1, 2, 3], [3, 4, 2], [1, 5, 2]], "showscale": False}]}
CHART = {
    "data": {"values": [{"a": "ant", "b": 28}, {"a": "bee", "b": 55}]},
    "mark": "bar",
    "encoding": {"x": {"field": "a", "type": "nominal"}, "y": {"field": "b", "type": "quantitative"}},
}


@pytest.fixture(scope="module")
def draw(tmp_path_factory):
    worker = WorkerProcess(browser_worker(Isolation.STRICT), tmp_path_factory.mktemp("browser"))
    worker.greet()

    def draw(kind, figure, files=None, **options):
        source = figure if isinstance(figure, str) else json.dumps(figure)
        return worker.run(Job(kind, source, Assets(files or {}), options, Limits(wall_s=60, cpu_s=60)))

    yield draw
    worker.close()


def test_a_plotly_figure_has_the_size_its_layout_states(draw):
    drawn = draw("plotly", BARS).drawn[0]
    assert (drawn.width, drawn.height) == (400, 300)
    assert {"ant", "bee"} <= set(drawn.texts)


def test_a_plotly_figure_takes_the_size_and_scale_asked_for(draw):
    drawn = draw("plotly", BARS, width=200, height=100, scale=2).drawn[0]
    assert (drawn.width, drawn.height) == (400, 200)


def test_a_figure_leaves_nothing_of_itself_on_the_next(draw):
    first = draw("plotly", BARS).drawn[0].content
    draw("plotly", {"data": [{"type": "pie", "values": [1, 2]}]}, width=900, height=700)
    assert draw("plotly", BARS).drawn[0].content == first


def test_surfaces_are_drawn(draw):
    picture = Image.open(io.BytesIO(draw("plotly", SURFACE).drawn[0].content)).convert("RGB")
    assert len(picture.getcolors(1 << 20)) > 500


def test_a_chart_is_drawn_with_its_words(draw):
    one, two = draw("vegalite", CHART).drawn[0], draw("vegalite", CHART, scale=2).drawn[0]
    assert (two.width, two.height) == (2 * one.width, 2 * one.height)
    assert {"ant", "bee", "a", "b"} <= set(one.texts)


def test_a_chart_reads_the_file_beside_it(draw):
    drawn = draw("vegalite", {**CHART, "data": {"url": "d.csv"}}, {"d.csv": b"a,b\ncat,3\ndog,5\n"}).drawn[0]
    assert {"cat", "dog"} <= set(drawn.texts)


@pytest.mark.parametrize(
    ("kind", "figure", "failure"),
    [
        ("plotly", "{", FailureKind.SYNTAX),
        ("plotly", '{"data": 5}', FailureKind.SYNTAX),
        ("vegalite", "[]", FailureKind.SYNTAX),
        ("vegalite", {**CHART, "data": {"url": "https://example.com/d.csv"}}, FailureKind.MISSING_DEPENDENCY),
        ("vegalite", {"mark": "nonsense"}, FailureKind.RUNTIME),
        ("vegalite", {"a": 1}, FailureKind.RUNTIME),
    ],
)
def test_what_is_no_figure_fails_and_the_next_is_drawn(draw, kind, figure, failure):
    result = draw(kind, figure)
    assert result.failure is not None
    assert result.failure.kind == failure
    assert draw("plotly", BARS).failure is None


def test_a_killed_helper_is_not_a_missing_library(monkeypatch):
    killed = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    for script, kind in ((killed, "worker_lost"), ("raise ImportError", "renderer_absent")):
        monkeypatch.setattr(browser_figures, "_BUNDLE", script)
        with pytest.raises(PageFailed) as failed:
            asyncio.run(browser_figures._bundled())
        assert failed.value.kind == kind
