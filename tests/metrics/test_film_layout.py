"""Objects off the frame and over each other, on boxes placed by hand."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derender.core import UserError
from derender.metrics import Unscorable
from derender.metrics.film_layout import Box, Finding, Flaw, Tolerance, layout

CANVAS = Box(0, 0, 100, 50)
TITLE, FORMULA = Box(10, 2, 90, 8), Box(20, 20, 40, 30)


def findings(boxes, tolerance=None):
    return layout([boxes], CANVAS, tolerance).findings


def test_a_tidy_film_has_no_findings():
    film = layout([{}, {"title": TITLE}, {"title": TITLE, "formula": FORMULA}], CANVAS)
    assert film.findings == ()
    assert film.rate() == 0


def test_what_leaves_the_frame_is_told_with_its_share():
    assert findings({"label": Box(90, 10, 110, 20)}) == (Finding(Flaw.OFF_FRAME, 0, ("label",), 0.5),)
    assert findings({"label": Box(95, 45, 105, 55)}) == (Finding(Flaw.OFF_FRAME, 0, ("label",), 0.75),)
    assert findings({"label": Box(200, 10, 210, 20)})[0].amount == 1
    assert findings({"label": Box(99.5, 0, 100.5, 10)}, Tolerance(outside=0.5)) == ()


def test_what_overlaps_is_told_with_the_share_of_the_smaller():
    found = findings({"a": Box(0, 0, 20, 20), "b": Box(15, 0, 25, 10)})
    assert found == (Finding(Flaw.OVERLAP, 0, ("a", "b"), 0.5),)
    assert findings({"a": Box(0, 0, 20, 20), "b": Box(20, 0, 30, 20)}) == ()
    assert findings({"a": Box(0, 0, 20, 20), "b": Box(19, 0, 39, 20)}, Tolerance(covered=0.1)) == ()


def test_a_label_may_lie_in_its_shape_but_not_on_its_twin():
    shape, label = Box(0, 0, 20, 20), Box(5, 5, 15, 15)
    assert findings({"shape": shape, "label": label}) == ()
    assert findings({"shape": shape, "label": label}, Tolerance(nested=False))[0].amount == 1
    assert findings({"one": label, "twin": label})[0].objects == ("one", "twin")


def test_pairs_may_be_let_overlap():
    boxes = {"axis": Box(0, 0, 20, 20), "curve": Box(10, 10, 30, 30)}
    assert findings(boxes)
    assert findings(boxes, Tolerance(pairs={frozenset(("curve", "axis"))})) == ()


def test_lines_have_no_area_but_lie_somewhere():
    across = Box(0, 5, 120, 5)
    assert findings({"line": across})[0].amount == pytest.approx(1 / 6)
    assert findings({"line": Box(0, 0, 100, 0)}) == ()
    assert findings({"line": Box(0, 60, 100, 60)})[0].amount == 1
    assert findings({"line": Box(0, 5, 40, 5), "box": Box(30, 0, 60, 10)})[0].amount == 0.25
    assert findings({"line": Box(30, 10, 60, 10), "box": Box(30, 0, 60, 10)}) == ()
    assert findings({"line": Box(0, 5, 40, 5), "other": Box(10, 5, 60, 5)})[0].amount == 0.75


def test_rates_are_of_frames():
    off, over = {"a": Box(-10, 0, 5, 5)}, {"a": Box(0, 0, 9, 9), "b": Box(3, 3, 12, 12), "c": Box(5, 5, 14, 14)}
    film = layout([{}, off, over, over | off, {}], CANVAS)
    assert film.rate(Flaw.OFF_FRAME) == 2 / 5
    assert film.rate(Flaw.OVERLAP) == 2 / 5
    assert film.rate() == 3 / 5
    assert [each.frame for each in film.findings] == [1, 2, 2, 2, 3, 3, 3]


@pytest.mark.parametrize(
    "sides", [(1, 0, 0, 1), (0, 1, 1, 0), (float("nan"), 0, 1, 1), (0, 0, 1, float("inf")), (0, 0, 1e300, 1)]
)
def test_what_is_no_box_is_refused(sides):
    with pytest.raises(UserError, match="no box"):
        Box(*sides)


def test_films_and_frames_are_bounded():
    for frames in ([], [{}] * 1001):
        with pytest.raises(Unscorable, match="1 to 1000"):
            layout(frames, CANVAS)
    with pytest.raises(Unscorable, match="201 objects"):
        layout([{str(n): TITLE for n in range(201)}], CANVAS)


def test_full_frames_take_little_time():
    crowd = {str(n): Box(n % 20, n // 20, n % 20 + 1.5, n // 20 + 1.5) for n in range(200)}
    before = time.process_time()
    layout([crowd] * 20, CANVAS)
    assert time.process_time() - before < 5


SIDES = st.integers(-50, 150)
BOXES = st.builds(
    lambda x, y, wide, high: Box(x, y, x + wide, y + high), SIDES, SIDES, st.integers(0, 80), st.integers(0, 80)
)


@given(st.dictionaries(st.sampled_from("abcdefg"), BOXES, max_size=5), st.integers(-30, 30))
def test_findings_move_with_everything_else(boxes, by):
    def moved(box):
        return Box(box.left + by, box.top - by, box.right + by, box.bottom - by)

    here = layout([boxes], CANVAS)
    there = layout([{name: moved(box) for name, box in boxes.items()}], moved(CANVAS))
    assert here == there
    assert all(0 < each.amount <= 1 for each in here.findings)
