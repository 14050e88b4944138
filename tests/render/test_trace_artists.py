"""What a chart's run tells of its artists: data as drawn, texts where they stand, and never at the picture's cost."""

import numpy as np
import pytest

from derender.core import Language, Program
from derender.render import RenderOptions
from derender.render.environments import find

TRACED = RenderOptions(trace="artists")


def program(body, *, save=True):
    setting_up = "import matplotlib.pyplot as plt\nimport numpy as np\nfig, ax = plt.subplots()\n"
    return Program(f"{setting_up}{body}\n" + ("fig.savefig('a.png')\n" if save else ""), Language.PYTHON)


@pytest.fixture(scope="module")
def figures(engine):
    def of(body, *, save=True):
        rendering = engine.render(program(body, save=save), TRACED)
        assert rendering.ok, rendering.failure
        return rendering.trace["figures"]

    return of


def the_only(figures, body):
    (figure,) = figures(body)
    (axes,) = figure["axes"]
    (artist,) = axes["artists"]
    return artist


def test_bars_have_their_boxes_and_direction(figures):
    bars = the_only(figures, "ax.barh(['a', 'b'], [3, 5], left=1, height=0.5, color='red', label='v')")
    assert {name: bars[name] for name in ("kind", "orientation", "label", "colors", "x", "y", "width", "height")} == {
        "kind": "bars",
        "orientation": "horizontal",
        "label": "v",
        "colors": ["#ff0000ff"],
        "x": [1, 1],
        "y": [-0.25, 0.75],
        "width": [3, 5],
        "height": [0.5, 0.5],
    }


def test_an_axis_tells_what_is_written_at_it(figures):
    (figure,) = figures("ax.plot([1, 1000]); ax.set_yscale('log'); ax.set_ylabel('dose'); ax.set_xticks([0, 1], 'pq')")
    x, y = figure["axes"][0]["x"], figure["axes"][0]["y"]
    assert (x["ticks"], x["tick_labels"], x["scale"]) == ([0, 1], ["p", "q"], "linear")
    assert (y["label"], y["scale"]) == ("dose", "log")
    assert "10²" in y["tick_labels"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("ax.axhline(2); ax.set_xlim(0, 4)", {"kind": "line", "x": [0, 4], "y": [2, 2]}),
        ("ax.scatter([1, 2], [3, 4], s=[9, 25])", {"kind": "points", "x": [1, 2], "sizes": [9, 25]}),
        ("ax.imshow([[1, 2], [3, np.nan]])", {"kind": "image", "shape": [2, 2], "values": [1, 2, 3, None]}),
        ("ax.plot([1, 2, 3], [1, np.inf, 3])", {"kind": "line", "x": [1, 2, 3], "y": [1, None, 3]}),
        ("ax.plot(np.ma.masked_greater([1, 2, 3], 2))", {"kind": "line", "y": [1, 2, None]}),
        ("ax.vlines([1], 0, 2)", {"kind": "segments", "x0": [1], "y0": [0], "x1": [1], "y1": [2]}),
        ("ax.quiver([1], [2], [3], [4])", {"kind": "arrows", "x": [1], "y": [2], "u": [3], "v": [4]}),
        ("ax.contour(np.outer(range(5), range(5)), levels=[2, 6])", {"kind": "contours", "level": [2, 6]}),
        ("ax.pie([1, 3])", {"kind": "wedges", "start": [0, 90], "end": [90, 360]}),
        ("ax.plot(range(20_000))", {"kind": "line", "n": 20_000}),
    ],
)
def test_artists_have_their_data(figures, body, expected):
    artist = the_only(figures, body)
    assert {name: artist[name] for name in expected} == expected
    assert len(artist.get("x", ())) <= 5000


def test_a_surface_has_its_corners(figures):
    (figure,) = figures(
        "plt.close(fig); fig = plt.figure(); ax = fig.add_subplot(projection='3d')\n"
        "ax.plot_surface(*np.meshgrid([0, 1], [0, 1]), np.array([[0, 1], [2, 3]]))"
    )
    assert figure["axes"][0]["z"]["tick_labels"][:2] == ["0.0", "0.5"]
    (surface,) = figure["axes"][0]["artists"]
    assert sorted(zip(surface["x"], surface["y"], surface["z"], strict=True)) == [
        (0, 0, 0),
        (0, 1, 2),
        (1, 0, 1),
        (1, 1, 3),
    ]


def test_text_stands_where_it_says(engine):
    body = "ax.axis('off'); ax.text(0.3, 0.4, 'HERE', fontsize=30); ax.text(0.8, 0.5, 'UP', rotation=90)"
    rendering = engine.render(program(body + "; fig.set_dpi(150)"), TRACED)
    dark = np.asarray(rendering.image().convert("L")) < 128
    for entry in rendering.trace["figures"][0]["texts"]:
        left, top, right, bottom = (round(value) for value in entry["box"])
        assert dark[top:bottom, left:right].sum() > 20
        dark[top - 1 : bottom + 1, left - 1 : right + 1] = False
    assert not dark.any()
    assert [entry["text"] for entry in rendering.trace["figures"][0]["texts"]] == ["HERE", "UP"]


def test_a_tight_picture_moves_the_boxes(engine):
    body = "ax.axis('off'); ax.text(0.5, 0.5, 'HERE'); fig.savefig('a.png', bbox_inches='tight', dpi=70)"
    rendering = engine.render(program(body, save=False), TRACED)
    (figure,) = rendering.trace["figures"]
    assert (figure["width"], figure["height"]) == rendering.image().size
    left, top, right, bottom = (round(value) for value in figure["texts"][0]["box"])
    dark = np.asarray(rendering.image().convert("L")) < 128
    assert dark[top:bottom, left:right].sum() == dark.sum() > 0


@pytest.mark.parametrize(
    "body",
    [
        "ax.plot([3, 1, 2], label='a'); ax.legend(); ax.set_title('T')",
        "ax.plot([3, 1, 2]); plt.close(fig); fig, ax = plt.subplots(); ax.bar(['p'], [2])",
        "fig, axs = plt.subplots(2); axs[0].hist([1, 2, 2, 5]); fig.tight_layout()",
    ],
)
@pytest.mark.parametrize("save", [True, False])
def test_the_picture_is_the_same_with_and_without(engine, body, save):
    traced, plain = engine.render(program(body, save=save), TRACED), engine.render(program(body, save=save))
    assert plain.trace is None
    assert [picture.png for picture in traced.pictures] == [picture.png for picture in plain.pictures]


def test_figures_are_told_as_the_pictures_are(figures):
    first = "ax.plot([1, 2]); fig.savefig('one.png'); ax.plot([2, 1]); fig.savefig('two.png'); plt.close(fig)\n"
    found = figures(first + "ax.plot([3, 3]); fig.savefig('one.png')", save=False)
    assert [(figure["name"], len(figure["axes"][0]["artists"])) for figure in found] == [("two.png", 2), ("one.png", 3)]
    shown = figures("ax.plot([1, 2]); plt.show(); plt.close(fig)", save=False)
    assert [figure["name"] for figure in shown] == ["figure-1.png"]
    assert figures("plt.close(fig); from PIL import Image; Image.new('RGB', (9, 9)).save('a.png')", save=False) == []


@pytest.mark.skipif(find("py2024").environment() is None, reason="the environment py2024 is not built")
def test_an_older_matplotlib_tells_the_same(engine):
    bodies = [
        "ax.bar([1, 2], [3, 4]); ax.axvspan(0, 1); ax.pie([1, 3])",
        "ax.contourf(np.outer(range(5), range(5)), levels=[0, 2, 6]); ax.fill_between([1, 2, 3], [1, 2, 1])",
        "ax = fig.add_subplot(projection='3d'); ax.plot_surface(*np.meshgrid([0, 1], [0, 1]), np.eye(2))",
        "import datetime as d; ax.plot([d.date(2024, 1, 1), d.date(2024, 1, 9)], [1, 2])",
        "ax.errorbar([1], [1], yerr=1); ax.stem([1, 2]); ax.boxplot([1, 2, 3])",
    ]
    for body in bodies:
        older, newer = (
            engine.render(program(body), RenderOptions(trace="artists", environment=environment)).trace["figures"][0]
            for environment in ("py2024", None)
        )
        for there, here in zip(older["axes"], newer["axes"], strict=True):
            kinds = [[artist["kind"] for artist in axes["artists"]] for axes in (there, here)]
            assert kinds[0] == kinds[1] and "unread" not in kinds[0]
            assert [there["x"][name] for name in ("units", "scale")] == [here["x"][name] for name in ("units", "scale")]


def test_the_last_of_many_saves_is_told_in_full(figures):
    (figure,) = figures("for _ in range(9): ax.plot(range(4000)); fig.savefig('a.png')", save=False)
    assert {len(artist["x"]) for artist in figure["axes"][0]["artists"][:7]} == {4000}


def test_what_nobody_sees_is_not_told(figures):
    (figure,) = figures("ax.plot([1, 2], alpha=0); ax.bar([1], [2]).patches[0].set_visible(False); ax.plot([2, 1])")
    assert [artist["y"] for artist in figure["axes"][0]["artists"]] == [[2, 1]]


def test_objects_of_the_programs_own_break_nothing(figures):
    (figure,) = figures(
        "from matplotlib.lines import Line2D\n"
        "class Odd(Line2D):\n"
        "    def get_xydata(self): raise RuntimeError('mine')\n"
        "    def get_data(self, orig=True): raise RuntimeError('mine')\n"
        "ax.add_line(Odd([0, 1], [0, 1])); ax.plot([0, 1], [1, 0])"
    )
    assert [artist["kind"] for artist in figure["axes"][0]["artists"]] == ["unread", "line"]
