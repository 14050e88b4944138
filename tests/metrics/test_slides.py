"""SlideBench's scores on slides made by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derender.metrics import Unscorable
from derender.metrics.slides import Block, Fill, Paint, Slide, _with_context, fill_likeness, slide_scores

RED, BLUE = Fill(Paint.SOLID, (255, 0, 0)), Fill(Paint.SOLID, (0, 0, 255))
WHITE, BLACK = Fill(Paint.SOLID, (255, 255, 255)), Fill(Paint.SOLID, (0, 0, 0))
INHERITED, PHOTO = Fill(Paint.INHERITED), Fill(Paint.PICTURE, b"photo")


def text(words, left=0.1, top=0.1, width=0.4, height=0.2, fill=RED):
    return Block(left, top, width, height, words, fill)


def photo(left=0.5, fill=PHOTO):
    return Block(left, 0.5, 0.4, 0.4, None, fill)


def same(one, other):
    return float(one == other)


def scores(reference, candidate, mode="official", likeness=same):
    found = slide_scores(reference, candidate, likeness, mode)
    return found.match, found.text, found.color, found.position


SLIDE = Slide((text("Our results"), text("Thanks for coming", top=0.7), photo()), WHITE)


def test_a_slide_is_itself():
    assert scores(SLIDE, SLIDE) == scores(SLIDE, SLIDE, "fixed") == (100, 100, 100, 100)


def test_what_has_no_partner_costs_its_area():
    candidate = Slide(SLIDE.blocks[:1], WHITE)
    assert scores(SLIDE, candidate, "fixed")[0] == pytest.approx(100 * 0.16 / 0.4)
    assert scores(SLIDE, candidate)[0] == 40.0
    assert scores(SLIDE, candidate)[1:] == (100, 100, 100)


def test_position_is_the_greater_of_two_distances():
    moved = Slide((text("Our results", left=0.3, top=0.15),), WHITE)
    assert scores(Slide(SLIDE.blocks[:1], WHITE), moved)[3] == 80.0
    far = Slide((text("Our results", left=3),), WHITE)
    assert scores(Slide(SLIDE.blocks[:1], WHITE), far)[3] == 0.0


def test_the_background_is_half_of_the_color():
    one, other = Slide((text("a"),), WHITE), Slide((text("a"),), BLACK)
    assert scores(one, other)[2] == 50.0
    assert scores(one, Slide((text("a", fill=BLUE),), WHITE), "fixed")[2] == pytest.approx(
        50 + 50 * fill_likeness(RED, BLUE)
    )


def test_plain_colours_are_compared_by_ciede2000():
    assert fill_likeness(WHITE, BLACK) == pytest.approx(0, abs=1e-6)
    assert fill_likeness(RED, RED) == 1
    # The difference of sRGB's red and blue is 52.88.
    assert fill_likeness(RED, BLUE) == pytest.approx(0.4712, abs=1e-4)


@pytest.mark.parametrize(
    ("one", "other", "official", "fixed"),
    [
        (INHERITED, INHERITED, 0, 1),
        (Fill(Paint.OTHER, "stripes"), Fill(Paint.OTHER, "stripes"), 0, 1),
        (Fill(Paint.THEME, "accent1"), Fill(Paint.THEME, "accent1"), 1, 1),
        (Fill(Paint.THEME, "accent1"), Fill(Paint.THEME, "accent2"), 0, 0),
        (Fill(Paint.NONE), Fill(Paint.NONE), 1, 1),
        (PHOTO, PHOTO, 1, 1),
        (PHOTO, Fill(Paint.PICTURE, b"another"), 0, 0),
        (RED, Fill(Paint.THEME, "accent1"), 0, 0),
        (PHOTO, RED, 0, 0),
    ],
)
def test_other_fills_are_compared_as_such(one, other, official, fixed):
    assert fill_likeness(one, other) == official
    assert fill_likeness(one, other, "fixed") == fixed
    if one.paint is not Paint.SOLID:
        assert fill_likeness(one, one, background=True) == 0


def test_an_empty_slide_gets_full_marks_officially():
    assert scores(SLIDE, Slide(())) == (0, 100, 100, 100)
    assert scores(SLIDE, Slide(()), "fixed") == (0, 0, 0, 0)
    pictures = Slide((photo(),), WHITE)
    assert scores(pictures, pictures, "fixed") == (100, 100, 100, 100)
    with pytest.raises(Unscorable, match="of any area"):
        scores(Slide(()), Slide(()))


def test_neighbours_draw_partners_together():
    # Each "item" of the candidate is as like either of the reference; the heading above says which.
    heights = {"Fruit": 0.0, "item": 0.1, "12345": 0.3, "Wood": 0.5, "item ": 0.6}
    reference = Slide(tuple(text(words.strip(), top=top) for words, top in heights.items()), WHITE)
    candidate = Slide((text("Wood", top=0.5), text("item", top=0.6)), WHITE)
    assert scores(reference, candidate)[3] == 100


def test_the_two_greatest_likenesses_around_are_added_to_one_above_a_half():
    table = np.array([[0.6, 0.2, 0.0], [0.1, 0.9, 0.5], [0.0, 0.3, 0.7]])
    raised = _with_context(table)
    assert raised[0, 0] == pytest.approx(0.6 + 0.9 + 0.2)
    assert raised[1, 1] == pytest.approx(0.9 + 0.7 + 0.6)
    assert raised[2, 2] == pytest.approx(0.7 + 0.9 + 0.5)
    assert raised[1, 2] == 0.5


def test_every_number_is_rounded_officially():
    reference = Slide((text("a"), text("b"), text("c")), WHITE)
    candidate = Slide((text("a"), text("b")), WHITE)
    assert scores(reference, candidate)[0] == 80.0
    three = Slide((text("a", width=0.1), text("b", width=0.2)), WHITE)
    assert scores(three, Slide((text("b", width=0.1),), WHITE))[0] == 75.0
    assert scores(three, Slide((text("b", width=0.3),), WHITE))[0] == 83.3
    assert scores(three, Slide((text("b", width=0.3),), WHITE), "fixed")[0] == pytest.approx(250 / 3)


def test_only_texts_that_both_have_are_compared():
    asked = []

    def likeness(one, other):
        asked.append((one, other))
        return -0.5

    assert (
        scores(Slide((text("a"), text(""), photo())), Slide((text("b"), text(""), photo())), likeness=likeness)[1]
        == -50
    )
    assert asked == [("b", "a")]


def test_full_slides_are_refused():
    with pytest.raises(Unscorable, match="300 blocks"):
        scores(SLIDE, Slide((text("a"),) * 301))


BLOCKS = st.lists(
    st.builds(
        text,
        st.sampled_from(["Our results", "Our result", "Thanks", "", "a b c"]) | st.none(),
        *[st.sampled_from([0.0, 0.25, 0.5])] * 2,
        *[st.sampled_from([0.1, 0.5])] * 2,
        st.sampled_from([RED, BLUE, PHOTO, INHERITED]),
    ),
    min_size=1,
    max_size=5,
)


@given(BLOCKS, BLOCKS)
@settings(deadline=None)
def test_scores_keep_to_their_range(one, other):
    for mode in ("official", "fixed"):
        assert all(0 <= number <= 100 for number in scores(Slide(tuple(one)), Slide(tuple(other)), mode))
