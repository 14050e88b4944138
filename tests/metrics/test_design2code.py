"""Design2Code: equal to the published scores on the published screenshots, and from page to score by the engine.

End to end the vectors were drawn by Chromium headless 156 with the fonts of a bare Debian 12.
"""

import csv
import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from derender.core import Failure, FailureKind, Program, Rendering
from derender.metrics import Facts, Unscorable, score
from derender.metrics._design2code_background import background
from derender.metrics._design2code_blocks import Block, blocks, merged_by_box
from derender.metrics._design2code_cleaning import design2code_cleaned
from derender.metrics._design2code_matching import match
from derender.metrics._design2code_recoloring import recolored
from derender.metrics._design2code_scores import block_scores

VECTORS = Path(__file__).parent / "vectors" / "design2code"
PAGES = json.loads((VECTORS / "pages.json").read_text())
SCORES = {row["pair"]: row for row in csv.DictReader((VECTORS / "scores.csv").open())}
SHOTS = {
    ("bakery_edit", "ref"): "bakery_edit/ref",
    ("bakery_edit", "pred"): "bakery_edit/pred",
    ("bakery_self", "ref"): "bakery_edit/ref",
    ("bakery_self", "pred"): "bakery_edit/ref",
    ("nohtml_vs_page", "ref"): "bakery_edit/ref",
    ("nohtml_vs_page", "pred"): "nohtml_vs_page/pred",
    ("no_text", "ref"): "no_text/pred",
    ("no_text", "pred"): "no_text/pred",
}
FOUR = ("block_match", "text", "position", "color")
BODY = "<html><body>{}</body></html>"


def shots(name):
    return [cv2.imread(str(VECTORS / f"{name}{end}.png"))[:, :, ::-1].copy() for end in ("", "_p", "_p_1")]


def found(html, name):
    return blocks(recolored(html).first, *shots(name))


def four(scores):
    return [getattr(scores, part) for part in FOUR]


@pytest.fixture
def scored(engine):
    def scored(reference, candidate, mode="official", name="design2code"):
        sides = [Facts(program=Program(page, "html"), engine=engine) for page in (reference, candidate)]
        return score(*sides, [name], mode=mode)

    return scored


@pytest.mark.parametrize("pair", PAGES)
def test_published_scores_on_the_published_screenshots(pair):
    pages = {"ref": PAGES[pair]["ref"], "pred": design2code_cleaned(PAGES[pair]["pred"])}
    sides = {side: merged_by_box(found(page, SHOTS[pair, side])) for side, page in pages.items()}
    scores = four(block_scores(match(sides["pred"], sides["ref"])))
    assert scores == pytest.approx([float(SCORES[pair][part]) for part in FOUR], abs=1e-9)


def test_published_blocks_masks_and_scores_of_assorted_pages():
    published = json.loads((VECTORS / "assorted.json").read_text())
    pages = {"ref": published["ref"], "pred": design2code_cleaned(published["pred"])}
    sides = {side: found(page, f"assorted/{side}") for side, page in pages.items()}
    for side, own in sides.items():
        assert own == [Block(text, tuple(box), tuple(color)) for text, box, color in published[f"{side}_blocks"]]
    reference = merged_by_box(sides["ref"])
    matching = match(merged_by_box(sides["pred"]), reference)
    assert four(block_scores(matching)) == pytest.approx(published["scores"], abs=1e-12)
    assert [list(one.bbox) for one in matching.candidate] == published["masks"][0]
    assert [list(one.bbox) for one in reference] == published["masks"][1]


@pytest.mark.parametrize("pair", PAGES)
def test_published_scores_from_pages_by_the_engine(scored, pair):
    scores = scored(PAGES[pair]["ref"], PAGES[pair]["pred"]).scores["design2code"]
    assert [scores[part] for part in FOUR] == pytest.approx([float(SCORES[pair][part]) for part in FOUR], abs=0.02)


def test_without_weights_the_other_four_are_scored(scored, monkeypatch, tmp_path):
    for name in ("DERENDER_WEIGHTS", "HF_HOME", "HF_HUB_CACHE", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    result = scored(PAGES["bakery_self"]["ref"], PAGES["bakery_self"]["ref"])
    assert list(result.scores["design2code"]) == list(FOUR)
    assert "clip-vit-base-patch32" in result.unscored["design2code.clip"]


def test_clip_sees_pages_without_their_texts(scored, seeing):
    texts = [
        BODY.format(f"<p style='background:#7ac;padding:90px'>{text}</p>") for text in ("Hello there", "HELLO THERE")
    ]
    same = scored(texts[0], texts[0]).scores["design2code"]
    assert same["clip"] == pytest.approx(1, abs=1e-6)
    assert scored(*texts).scores["design2code"]["clip"] > 0.999
    blank = scored(texts[0], BODY.format("<h1></h1>")).scores["design2code"]
    assert blank["clip"] < 0.999
    assert [blank[part] for part in FOUR] == [0, 0, 0, 0]


def test_the_published_mask_is_as_joined_on_the_candidates_side_only(scored, seeing):
    lines = "<p style='margin:60px'>slow fermented loaf</p><p style='margin:60px'>with a crisp crust</p>"
    striped = f"<div style='background:repeating-linear-gradient(red 0 20px,blue 20px 40px)'>{lines}</div>"
    whole = BODY.format("<p>slow fermented loaf with a crisp crust</p>")
    joined = BODY.format(striped)
    first, second = (
        {mode: scored(*pair, mode).scores["design2code"]["clip"] for mode in ("official", "fixed")}
        for pair in ((whole, joined), (joined, whole))
    )
    assert first["official"] == pytest.approx(first["fixed"], abs=1e-6)
    assert second["official"] != pytest.approx(second["fixed"], abs=1e-6)


def test_the_background_is_a_square_without_texts():
    page = np.full((100, 300, 3), (10, 200, 30), np.uint8)
    page[40:60, 100:200] = 0
    assert background(page, [])[50, 50].tolist() == [0, 0, 0]
    square = background(page, [Block("x", (0.33, 0.4, 0.34, 0.2), (0, 0, 0))])
    assert square.shape == (100, 100, 3)
    assert np.abs(square.astype(int) - (10, 200, 30)).max() <= 5


@pytest.mark.parametrize(
    "page", [PAGES["bakery_self"]["ref"], BODY.format("bare text"), "no tags at all", BODY.format("<b>x</b>" * 60)]
)
def test_corrected_a_page_is_equal_to_itself(scored, page):
    scores = scored(page, page, "fixed").scores["design2code"]
    assert [scores[part] for part in FOUR] == pytest.approx([1, 1, 1, 1], abs=1e-9)


@pytest.mark.parametrize(
    ("page", "official"),
    [
        (BODY.format("bare text"), 0),
        ("<html><h1>No body</h1></html>", 0),
        (BODY.format('<p><em style="color:red">Hello</em></p>'), 0),
        (BODY.format("<p>Hi <em style='color:'>you</em></p>"), None),
        (BODY.format("<span></span>" * 45 + "<p>" + "<i><span></span></i>" * 20 + "text</p>"), 1),
    ],
)
def test_what_is_corrected(scored, page, official):
    result = scored(page, page)
    assert (result.scores["design2code"]["text"] if official is not None else None) == official
    assert ("design2code" in result.unscored) == (official is None)
    assert scored(page, page, "fixed").scores["design2code"]["text"] == 1


def test_scripts_count_as_text_as_published(scored):
    pair = BODY.format("<p>Hi</p>"), BODY.format("<p>Hi<script>let x</script></p>")
    assert [scored(*pair).scores["design2code"][part] for part in FOUR] == [0, 0, 0, 0]
    assert scored(*pair, "fixed").scores["design2code"]["text"] == 1


def test_fewer_elements_and_other_colours_are_worse(scored):
    page = PAGES["bakery_self"]["ref"]
    fewer = page.replace('<div class="c"><h2>Rye</h2><p>Dense, dark and full of flavour.</p></div>', "")
    green = page.replace("#8b4513", "#00a000")
    assert scored(page, fewer).scores["design2code"]["block_match"] < 0.98
    assert scored(page, green).scores["design2code"]["color"] < 0.95


class Stub:
    """An engine whose every page comes out the same."""

    def __init__(self, failure):
        self.failure = failure

    def render_many(self, programs, options, *, in_order):
        return enumerate(Rendering(program=program, failure=self.failure) for program in programs)


def test_a_page_that_fails_is_white_and_one_we_could_not_draw_is_unscored(engine):
    page = Program(PAGES["bakery_self"]["ref"], "html")
    reference = Facts(program=page, engine=engine)
    ours = next(kind for kind in FailureKind if Failure(kind, "x").ours)
    theirs = next(kind for kind in FailureKind if not Failure(kind, "x").ours)
    failed = score(reference, Facts(program=page, engine=Stub(Failure(theirs, "it crashed"))), ["design2code"])
    assert [failed.scores["design2code"][part] for part in FOUR] == [0, 0, 0, 0]
    undrawn = score(Facts(program=page, engine=Stub(Failure(theirs, "it crashed"))), reference, ["design2code"])
    assert [undrawn.scores["design2code"][part] for part in FOUR] == [0, 0, 0, 0]
    unscored = score(reference, Facts(program=page, engine=Stub(Failure(ours, "no browser"))), ["design2code"])
    assert "no browser" in unscored.unscored["design2code"]


@pytest.mark.parametrize("metric", ["design2code", "webcode2m"])
def test_corrected_a_reference_that_cannot_be_drawn_is_no_candidates_fault(metric, engine):
    page = Program("<p>Hello</p>", "html")
    undrawn = Facts(program=page, engine=Stub(Failure(FailureKind.RUNTIME, "it crashed")))
    drawn = Facts(program=page, engine=engine)
    assert "reference" in score(undrawn, drawn, [metric], mode="fixed").unscored[metric]
    assert score(drawn, undrawn, [metric], mode="fixed").scores[metric]["block_match"] == 0


def test_a_picture_has_no_blocks(engine):
    picture = np.full((20, 20, 3), 255, np.uint8)
    page = Facts(program=Program("<p>x", "html"), engine=engine)
    assert "design2code" in score(page, picture, ["design2code"]).unscored
    chart = Facts(program=Program("x = 1", "python"), engine=engine)
    assert "pages are compared" in score(page, chart, ["design2code"]).unscored["design2code"]


def small(value):
    return np.full((4, 6, 3), value, np.uint8)


def test_blocks_by_hand():
    page = recolored("<body><p>Hello</p></body>")
    first, second = small(255), small(255)
    first[1:3, 2:5], second[1:3, 2:5] = 250, 44
    original = small(255)
    original[1:3, 2:5] = (10, 20, 30)
    original[1, 2] = 255
    expected = Block("hello", (2 / 6, 1 / 4, 3 / 6, 2 / 4), (50, 59, 67))
    assert blocks(page.first, original, first, second) == [expected]
    assert blocks(page.first, original, first, second[:3]) == []
    assert blocks(page.first, original[:2], first, second) == []
    assert blocks(page.first, original, first, first) == []


def test_blocks_with_one_box_are_one_block():
    box = (0.0, 0.0, 1.0, 1.0)
    three = [Block(text, box, (shade, shade, shade)) for text, shade in (("a", 0), ("b", 10), ("c", 20))]
    assert merged_by_box([*three, replace(three[0], bbox=(0.5, 0, 0.5, 1))]) == [
        Block("a b c", box, (12.5, 12.5, 12.5)),
        Block("a", (0.5, 0, 0.5, 1), (0, 0, 0)),
    ]


def test_colours_of_pages_own_are_bounded(monkeypatch):
    monkeypatch.setattr("derender.metrics._design2code_blocks.MOST_COLOR_PAIRS", 0)
    first, second = small(255), small(255)
    first[1, 1], second[1, 1] = 250, 44
    with pytest.raises(Unscorable, match="too many"):
        blocks(recolored("<body><p>Hello</p></body>").first, first, first, second)
