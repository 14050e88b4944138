"""What a run tells beside its pictures."""

import json

import pytest

from derender.core import Language, Program, UnknownName
from derender.render import Engine, RenderOptions
from derender.render.jobs import read_trace

PLACES = RenderOptions(trace="texts")


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    with Engine(jobs=2, cache=tmp_path_factory.mktemp("cache")) as engine:
        yield engine


def page(body):
    return Program(f"<body style='margin: 10px'>{body}", Language.HTML)


def test_a_page_tells_where_its_words_stand(engine):
    body = "<h1>Hello <b>big</b></h1><p style='text-transform: uppercase'>abc</p><p hidden>no</p>"
    found = engine.render(page(body), PLACES).trace["texts"]
    assert [word for word, *_ in found] == ["Hello", "big", "ABC"]
    (_, left, top, width, height), (_, beside, *_), (_, _, below, *_) = found
    assert left == 10 and beside > left + width and below > top + height


def test_words_in_a_frame_stand_where_the_frame_does(engine):
    frame = "<iframe style='position: absolute; left: 200px; top: 300px; border: 0' srcdoc='<body style=margin:0>in'>"
    (word, left, top, _, _), *_ = engine.render(page(frame), PLACES).trace["texts"]
    assert (word, left, top) == ("in", 200, 300)


def test_an_svg_tells_where_its_words_stand(engine):
    source = '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="50"><text x="5" y="20">Hi you</text></svg>'
    found = engine.render(Program(source, Language.SVG), PLACES).trace["texts"]
    assert found[0][:2] == ["Hi", 5]
    assert len(found) == 2


def test_a_trace_is_remembered_and_changes_no_pixel(engine):
    plain, first, again = (engine.render(page("<p>words"), options) for options in (None, PLACES, PLACES))
    assert plain.trace is None and not first.cached and again.cached
    assert first.trace == again.trace
    assert plain.picture == first.picture == again.picture


def test_a_language_has_the_traces_it_has(engine):
    with pytest.raises(UnknownName, match="unknown html trace 'artists': use one of texts"):
        engine.render(page("<p>words"), RenderOptions(trace="artists"))


DEEP = b'{"a": ' + b"[" * 900 + b"]" * 900 + b"}"
"""Can be read where few calls are under way, and neither shown nor kept where many are."""


@pytest.mark.parametrize("written", [b"", b"nonsense", b"[1]", b'{"a": NaN}', b"[" * 100_000, b'"\xff"', DEEP])
def test_what_can_t_be_read_is_no_trace(written):
    assert read_trace(written) is None


def test_what_can_be_read_is():
    assert read_trace(None) is None
    assert read_trace(json.dumps({"a": [1, None, "é"]}).encode()) == {"a": [1, None, "é"]}


OPEN_FIGURE = """
import matplotlib.pyplot as plt
fig, axes = plt.subplots(2, 2, layout="constrained")
axes[0, 0].bar(["a rather long name", "b"], [1, 2])
axes[1, 1].set_title("Title")
"""


@pytest.mark.parametrize("trace", ["artists", "chartmimic"])
@pytest.mark.parametrize("end", ["", "plt.savefig('a.png')\n", "plt.show()\n", "1 / 0\n"])
def test_a_traced_chart_is_drawn_as_it_is_without(engine, trace, end):
    program = Program(OPEN_FIGURE + end, Language.PYTHON)
    plain, traced = engine.render(program), engine.render(program, RenderOptions(trace=trace))
    assert plain.trace is None and traced.trace
    assert traced.pictures == plain.pictures
    assert traced.failure == plain.failure
