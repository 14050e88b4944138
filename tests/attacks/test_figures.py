"""Plotly figures and Vega-Lite charts that attack the page on which all figures of a kind are drawn in turn."""

import json
from dataclasses import dataclass

import pytest

PLOTLY = "import json\nimport plotly.io\nplotly.io.show(json.loads({!r}))\n"
ALTAIR = """\
import altair


class Forged(altair.TopLevelMixin):
    def to_json(self, **how):
        return {!r}


Forged().show()
"""
BARS = {"data": [{"type": "bar", "x": ["ant", "bee"], "y": [1, 3]}], "layout": {"width": 400, "height": 300}}
CHART = {
    "data": {"values": [{"a": "ant", "b": 28}, {"a": "bee", "b": 55}]},
    "mark": "bar",
    "encoding": {"x": {"field": "a", "type": "nominal"}, "y": {"field": "b", "type": "quantitative"}},
}
HONEST = {"plotly": PLOTLY.format(json.dumps(BARS)), "vega": ALTAIR.format(json.dumps(CHART))}
GENEROUS = {"wall_s": 60, "cpu_s": 60}


@dataclass(frozen=True)
class Attack:
    """A program that shows a figure, and the failures it may end with."""

    program: str
    kinds: str = "none"


def plotly(figure: object, kinds: str = "none") -> Attack:
    return Attack(PLOTLY.format(figure if isinstance(figure, str) else json.dumps(figure)), kinds)


def altair(spec: object, kinds: str = "none") -> Attack:
    return Attack(ALTAIR.format(spec if isinstance(spec, str) else json.dumps(spec)), kinds)


def signal(expression: str, kinds: str = "runtime") -> Attack:
    """A Vega specification that says what an expression gives."""
    said = {"text": {"signal": "'' + s"}, "y": {"value": 50}}
    marks = [{"type": "text", "encode": {"enter": said}}]
    schema = "https://vega.github.io/schema/vega/v5.json"
    return altair({"$schema": schema, "signals": [{"name": "s", "init": expression}], "marks": marks}, kinds)


_OUTSIDE = "http://127.0.0.1:@@tcp@@"
_PICTURES = [
    {"source": source, "xref": "paper", "yref": "paper", "sizex": 1, "sizey": 1}
    for source in (f"{_OUTSIDE}/image", "file://@@reference@@", "javascript:fetch('/')")
]
_TITLE = f"<a href='javascript:fetch(1)'>x</a><img src={_OUTSIDE} onerror=fetch(1)><script>fetch('{_OUTSIDE}')</script>"
ATTACKS = {
    "plotly_spoils_prototypes": plotly(
        '{"data": [], "layout": {"__proto__": {"x": 1}, "constructor": {"prototype": {"width": 9, "title": "bad"}},'
        '"xaxis": {"__proto__": {"title": "bad"}}}}'
    ),
    "plotly_with_html": plotly({**BARS, "layout": {**BARS["layout"], "title": {"text": _TITLE}, "images": _PICTURES}}),
    "plotly_with_a_map": plotly(
        {"data": [{"type": "scattermap", "lat": [1], "lon": [1]}], "layout": {"map": {"style": f"{_OUTSIDE}/style"}}},
        "runtime",
    ),
    "plotly_past_all_measure": plotly({"data": [], "layout": {"width": 1e6, "height": 1e6}}, "output_too_large"),
    "plotly_900_deep": plotly(
        f'{{"data": [], "layout": {chr(123)}"a": {"[" * 900}{"]" * 900}}}}}', "none syntax runtime"
    ),
    "plotly_of_100000_bars": plotly(
        {"data": [{"type": "bar", "y": [1] * 100_000}]}, "cpu_budget memory deadline output_too_large"
    ),
    "vega_from_outside": altair({**CHART, "data": {"url": f"{_OUTSIDE}/data.csv"}}, "missing_dependency"),
    "vega_pictures_from_outside": altair(
        {
            "data": {"values": [{"u": f"{_OUTSIDE}/image"}, {"u": "file://@@reference@@"}]},
            "mark": "image",
            "encoding": {"url": {"field": "u"}},
        }
    ),
    "vega_options_of_its_own": altair(
        {
            **CHART,
            "usermeta": {
                "embedOptions": {"loader": {"baseURL": _OUTSIDE}, "patch": f"{_OUTSIDE}/patch", "scaleFactor": 1000}
            },
        }
    ),
    "vega_spoils_prototypes": altair(
        '{"data": {"values": [{"a": 1}]}, "mark": "point", "config": {"constructor": {"prototype": {"mark": "bad"}}}}'
    ),
    "vega_fetches": signal(f"fetch('{_OUTSIDE}')"),
    "vega_makes_functions": signal("[].constructor.constructor('return 1')()"),
    "vega_takes_the_window": signal("event.view.eval('1')"),
    "vega_disguises_functions": signal("'' + {toString: event.view.VEGA_DEBUG, eventName: 1}"),
    "vega_counts_without_end": signal("length(sequence(0, 1e10, 1))", "cpu_budget memory deadline"),
}


@pytest.fixture(scope="module")
def calm(arena):
    """What the honest figures look like before any attack."""
    return {kind: drawn(arena, kind) for kind in HONEST}


def drawn(arena, kind):
    outcome = arena.attack(HONEST[kind], beside=0, settles_s=0, **GENEROUS)
    assert outcome.kind is None, outcome.message
    return outcome.pictures[0]["sha256"]


@pytest.mark.parametrize("name", ATTACKS)
def test_a_figure_harms_no_later_one(arena, calm, name):
    attack = ATTACKS[name]
    outcome = arena.attack(attack.program, honest=("svg",), wall_s=20, cpu_s=2, memory_mb=1024)
    assert outcome.harm == []
    assert (outcome.kind or "none") in attack.kinds.split()
    kind = name.partition("_")[0]
    assert drawn(arena, kind) == calm[kind]
