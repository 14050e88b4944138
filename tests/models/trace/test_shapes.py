"""Each kind of thing comes back as the element a person would have written."""

import pytest

from derender.models.trace.scene import Ellipse, Gradient, Polyline, Rect


def shapes_of(trace, image, kind):
    return [shape for shape in trace.scene(image).shapes if isinstance(shape, kind)]


def test_bars_are_rectangles_with_their_colours(trace, drawn):
    scene = trace.scene(
        drawn(
            '<rect x="40" y="60" width="50" height="140" fill="#2f6f9f"/>'
            '<rect x="120.5" y="90" width="50" height="110" fill="#e0a030"/>'
        )
    )
    first, second = sorted(scene.shapes, key=lambda shape: shape.x)
    assert first == Rect(40, 60, 50, 140, first.look) and first.look.fill == (0x2F, 0x6F, 0x9F)
    assert (second.x, second.width) == (pytest.approx(120.5, abs=0.15), pytest.approx(50, abs=0.2))
    assert scene.background == (255, 255, 255)


def test_outlines_belong_to_what_they_run_round(trace, drawn):
    (rect,) = shapes_of(
        trace,
        drawn(
            '<rect x="50.5" y="40.5" width="120" height="80" rx="10" fill="#fde2a7" stroke="#b7791f" stroke-width="3"/>'
        ),
        Rect,
    )
    assert rect.look.fill == (0xFD, 0xE2, 0xA7)
    assert max(abs(a - b) for a, b in zip(rect.look.stroke, (0xB7, 0x79, 0x1F), strict=True)) < 12
    assert rect.look.stroke_width == pytest.approx(3, abs=0.5)
    assert (rect.x, rect.width) == (pytest.approx(50.5, abs=0.6), pytest.approx(120, abs=1))
    assert 4 < rect.radius < 12


def test_circles_are_circles(trace, drawn):
    (circle,) = shapes_of(trace, drawn('<circle cx="150.3" cy="99.6" r="41" fill="#c44"/>'), Ellipse)
    assert (circle.x, circle.y) == (pytest.approx(150.3, abs=0.15), pytest.approx(99.6, abs=0.15))
    assert circle.rx == circle.ry == pytest.approx(41, abs=0.15)


def test_thin_lines_keep_place_and_width(trace, drawn):
    lines = shapes_of(trace, drawn('<path d="M20 100.5H300M60.5 20V220" stroke="#444"/>'), Polyline)
    level = next(line for line in lines if line.points[0][1] == line.points[1][1])
    upright = next(line for line in lines if line.points[0][0] == line.points[1][0])
    assert len(lines) == 2
    assert level.points == ((20, 100.5), (300, 100.5))
    assert upright.points == ((60.5, 20), (60.5, 220))
    assert level.look.stroke == (0x44, 0x44, 0x44) and level.look.stroke_width == 1


def test_a_dashed_line_is_one_line(trace, drawn):
    image = drawn('<path d="M20 80.5H300" stroke="#c00" stroke-dasharray="6 4"/>')
    (line,) = shapes_of(trace, image, Polyline)
    assert line.look.dash == (pytest.approx(6, abs=0.4), pytest.approx(4, abs=0.4))


def test_a_grid_line_behind_bars_is_whole_and_lies_below(trace, drawn):
    body = '<path d="M10 100.5H310" stroke="#ccc"/>' + "".join(
        f'<rect x="{x}" y="60" width="40" height="120" fill="#37c"/>' for x in (40, 120, 200)
    )
    scene = trace.scene(drawn(body))
    kinds = [type(shape) for shape in scene.shapes]
    assert kinds == [Polyline, Rect, Rect, Rect]
    assert scene.shapes[0].points[0][0] <= 11 and scene.shapes[0].points[1][0] >= 309


def test_gradients_are_gradients(trace, drawn):
    image = drawn(
        '<linearGradient id="g"><stop stop-color="#124"/><stop offset="1" stop-color="#fc6"/></linearGradient>'
        '<rect x="30" y="30" width="250" height="90" fill="url(#g)"/>'
    )
    (rect,) = shapes_of(trace, image, Rect)
    gradient = rect.look.fill
    assert isinstance(gradient, Gradient) and not gradient.radial
    assert gradient.start[1] == pytest.approx(gradient.end[1], abs=1) and len(gradient.stops) <= 4


def test_a_transparent_picture_stays_transparent(trace, drawn):
    image = drawn('<path fill-rule="evenodd" fill="#36a" d="M40 40H200V200H40ZM90 90H150V150H90Z"/>', ground=None)
    scene = trace.scene(image)
    assert scene.background is None
    redrawn = drawn(trace.convert(image, "svg").source, ground=None)
    assert redrawn[120, 120, 3] == 0 and redrawn[60, 60, 3] == 255 and redrawn[5, 5, 3] == 0
    assert abs(redrawn[..., 3].astype(int) - image[..., 3]).mean() < 2
