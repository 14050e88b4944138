"""Which block is which: equal to the published code, to the last bit, and done in bounded time."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derender.metrics import Unscorable
from derender.metrics._design2code_blocks import Block
from derender.metrics._design2code_matching import _with_neighbours, join, match
from derender.metrics._design2code_scores import block_scores
from derender.metrics._text_ratio import TextRatios

PUBLISHED = json.loads((Path(__file__).parent / "vectors" / "design2code" / "matching.json").read_text())


def blocks(rows):
    return [Block(text, tuple(box), tuple(color)) for text, box, color in rows]


def block(text, left=0.1, top=0.1, color=(0, 0, 0)):
    return Block(text, (left, top, 0.2, 0.1), color)


@pytest.mark.parametrize("case", PUBLISHED)
def test_joins_and_pairs_as_published(case):
    found = match(blocks(case["candidate"]), blocks(case["reference"]))
    assert list(found.candidate) == blocks(case["merged_candidate"])
    assert list(found.reference) == blocks(case["merged_reference"])
    assert [[i, j] for i, j, _ in found.pairs] == case["pairs"]


def test_a_broken_line_is_joined():
    whole = block("slow fermented loaf with a crisp crust")
    halves = [block("slow fermented loaf"), block("with a crisp crust", left=0.3)]
    found = match(halves, [whole])
    assert [one.text for one in found.candidate] == [whole.text]
    assert found.pairs == ((0, 0, 1.0),)
    assert [one.text for one in match([whole], halves).reference] == [whole.text]


def test_joined_blocks_span_both_and_take_half_of_the_summed_colours():
    joined = join(Block("a", (0.1, 0.5, 0.2, 0.1), (10, 20, 31)), Block("b", (0.4, 0.2, 0.1, 0.1), (21, 20, 30)))
    assert joined.text == "a b"
    assert joined.bbox == pytest.approx((0.1, 0.2, 0.4, 0.4))
    assert joined.color == (15, 20, 30)


def test_likely_matches_gain_a_tenth_of_their_two_best_neighbours():
    costs = -np.array([[0.6, 0.1, 0.2], [0.3, 0.8, 0.4], [0.0, 0.5, 0.9]])
    expected = costs.copy()
    expected[0, 0] -= 0.1 * (0.8 + 0.3)
    expected[1, 1] -= 0.1 * (0.9 + 0.6)
    expected[2, 2] -= 0.1 * (0.8 + 0.5)
    assert _with_neighbours(costs) == pytest.approx(expected)
    assert _with_neighbours(np.array([[-1.0]])).tolist() == [[-1.0]]


def test_scores_by_hand():
    one = Block("hello", (0.0, 0.0, 0.5, 0.5), (255, 255, 255))
    other = Block("hello", (0.25, 0.1, 0.5, 0.5), (0, 0, 0))
    scores = block_scores(match([one, block("qqq")], [other]))
    assert scores.block_match == pytest.approx(0.5 / 0.52)
    assert scores.text == 1
    assert scores.position == pytest.approx(0.75)
    assert scores.color == pytest.approx(0, abs=1e-6)


def test_texts_less_than_half_alike_do_not_match():
    found = match([block("abcdefgh")], [block("zyxw")])
    assert found.pairs == ()
    assert block_scores(found).total == 0


@pytest.mark.parametrize(("candidate", "reference"), [([], []), ([block("a")], []), ([], [block("a")])])
def test_nothing_matches_nothing(candidate, reference):
    found = match(candidate, reference)
    assert (list(found.candidate), list(found.reference), found.pairs) == (candidate, reference, ())


texts = st.lists(st.text("abc ", min_size=1, max_size=12), min_size=1, max_size=7)


@given(texts, texts)
@settings(max_examples=40, deadline=None)
def test_every_score_is_in_its_range_and_identity_is_best(ours, theirs):
    one = [block(text, left=at / 10) for at, text in enumerate(ours)]
    other = [block(text, left=at / 10) for at, text in enumerate(theirs)]
    scores = block_scores(match(one, other))
    assert all(0 <= value <= 1 for value in (scores.block_match, scores.text, scores.position, scores.color))
    same = block_scores(match(one, one))
    assert (same.block_match, same.text) == (1, 1)


@given(st.text("ab c", max_size=300), st.text("ab c", max_size=300))
@settings(max_examples=40, deadline=None)
def test_ratios_are_difflibs(a, b):
    from difflib import SequenceMatcher

    ratios = TextRatios()
    assert ratios(a, b) == ratios(a, b) == SequenceMatcher(None, a, b).ratio()
    assert ratios(a, a) == SequenceMatcher(None, a, a).ratio()


def test_too_many_blocks_are_refused():
    many = [block(str(at)) for at in range(600)]
    with pytest.raises(Unscorable, match="600 and 600 blocks"):
        match(many, many)


def test_texts_made_to_be_slow_are_refused():
    letters = "".join(chr(0x4E00 + at) for at in range(149))
    slow, other = (("".join(letters[at * step % 149] for at in range(4000))) for step in (1, 7))
    with pytest.raises(Unscorable, match="too long or too many"):
        TextRatios(limit=1_000_000)(slow, other)
    many = TextRatios(limit=10_000)
    with pytest.raises(Unscorable, match="too long or too many"):
        for at in range(2000):
            many(f"text {at}", "another text")
