"""WebCode2M's Visual and what it says of screenshots; the cleaning of its candidates is held to published vectors."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from derender.core import Program
from derender.metrics import Facts, score
from derender.metrics.webcode2m import mse

BLOCKS = ("block_match", "text", "position", "color")
PAGE = "<html><body><h1>Hello there</h1><p>some more text</p></body></html>"
PICTURE = '<html><body><div style="width:300px;height:200px;background:linear-gradient(red,blue)"></div></body></html>'


@pytest.fixture
def scored(engine):
    def scored(reference, candidate, mode="official"):
        sides = [Facts(program=Program(page, "html"), engine=engine) for page in (reference, candidate)]
        return score(*sides, ["webcode2m"], mode=mode)

    return scored


def test_visual_is_a_fifth_of_each_of_five(scored, seeing):
    values = scored(PAGE, PAGE.replace("more", "less")).scores["webcode2m"]
    fifths = [values[part] for part in (*BLOCKS, "clip_background")]
    assert values["visual"] == pytest.approx(0.2 * sum(fifths))
    assert 0.8 < values["visual"] < 1
    assert values["clip"] > 0.99


def test_without_text_blocks_all_of_visual_is_nothing_as_published(scored, seeing):
    published, corrected = (scored(PICTURE, PICTURE, mode).scores["webcode2m"] for mode in ("official", "fixed"))
    assert [published[part] for part in ("visual", *BLOCKS, "clip_background")] == [0] * 6
    assert corrected["visual"] == pytest.approx(0.2)
    assert published["mse"] == corrected["mse"] == 0
    assert published["ssim"] == pytest.approx(1)


def test_without_weights_only_what_needs_them_is_unscored(scored, monkeypatch, tmp_path):
    for name in ("DERENDER_WEIGHTS", "HF_HOME", "HF_HUB_CACHE", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    result = scored(PAGE, PAGE)
    assert set(result.scores["webcode2m"]) == {*BLOCKS, "mse", "ssim"}
    assert set(result.unscored) == {"webcode2m.visual", "webcode2m.clip_background", "webcode2m.clip"}
    without_text = scored(PICTURE, PICTURE)
    assert without_text.scores["webcode2m"]["visual"] == 0


def test_a_doctype_moves_the_candidate_as_published(scored):
    page = "<!DOCTYPE html>" + PAGE
    published, corrected = (scored(page, page, mode).scores["webcode2m"] for mode in ("official", "fixed"))
    assert published["mse"] > 0
    assert corrected["mse"] == 0
    assert [corrected[part] for part in BLOCKS] == [1, 1, 1, 1]


def test_indenting_parts_inline_elements_as_published(scored):
    page = "<html><body><p><b>one</b><b>two</b></p></body></html>"
    published, corrected = (scored(page, page, mode).scores["webcode2m"] for mode in ("official", "fixed"))
    assert published["position"] < corrected["position"] == 1


def test_mse_sums_channels_and_brings_the_reference_to_the_candidates_size():
    black, white = np.zeros((20, 30, 3), np.uint8), np.full((20, 30, 3), 255, np.uint8)
    assert mse(black, white) == 3
    assert mse(white, white) == 0
    one_pixel = black.copy()
    one_pixel[3, 4] = (51, 0, 102)
    assert mse(black, one_pixel) == pytest.approx((0.2**2 + 0.4**2) / 600)
    assert mse(np.zeros((40, 10, 3), np.uint8), white) == 3


@given(arrays.arrays(np.uint8, (9, 7, 3)), arrays.arrays(np.uint8, (9, 7, 3)), st.integers(8, 20))
@settings(max_examples=30, deadline=None)
def test_mse_is_symmetric_at_one_size_and_within_its_range(one, other, side):
    assert mse(one, other) == pytest.approx(mse(other, one))
    assert 0 <= mse(one, cv2.resize(other, (side, side))) <= 3
