"""Image2Struct's similarities of pixels, structure and programs: by hand, against plain definitions, at the edges."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from derender.core import Failure, FailureKind, Program, Rendering
from derender.metrics import Facts, Unscorable, score
from derender.metrics._levenshtein import levenshtein
from derender.metrics.image2struct import edit_similarity, pixel_similarity, ssim_similarity, treebank_tokens

PARTS = ("ssim", "pixel", "edit", "compile")


def side(pixels, source=None):
    return Facts(lambda: pixels, program=None if source is None else Program(source, "latex"))


def values(reference, candidate, mode="official", name="image2struct"):
    return score(reference, candidate, [name], mode=mode).scores[name]


def page(height=40, width=60, colour=(255, 255, 255)):
    return np.full((height, width, 3), colour, np.uint8)


def noise(seed, shape=(24, 31)):
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def ssim_by_definition(a, b, window):
    """Wang et al. 2004 with uniform weights and sample variances, window by window."""
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    found = []
    for top, left in np.ndindex(a.shape[0] - window + 1, a.shape[1] - window + 1):
        x, y = (each[top : top + window, left : left + window].astype(float).ravel() for each in (a, b))
        covariance = np.cov(x, y)
        above = (2 * x.mean() * y.mean() + c1) * (2 * covariance[0, 1] + c2)
        found.append(above / ((x.mean() ** 2 + y.mean() ** 2 + c1) * (covariance[0, 0] + covariance[1, 1] + c2)))
    return float(np.mean(found))


def distance_by_table(one, other):
    row = list(range(len(other) + 1))
    for index, item in enumerate(one, 1):
        following = [index]
        for place, against in enumerate(other, 1):
            following.append(min(row[place] + 1, following[-1] + 1, row[place - 1] + (item != against)))
        row = following
    return row[-1]


def test_rows_are_compared_as_published():
    reference = np.array([[10, 20], [30, 40], [50, 60], [70, 80], [90, 99]], np.uint8)
    candidate = reference.copy()
    candidate[0] += np.array([3, 4], np.uint8)  # a length of 5, alike
    candidate[1] += np.array([4, 4], np.uint8)  # 5.7, not alike
    candidate[2, 0] -= 1  # 255 in 8 bits, not alike
    candidate[3] += np.array([2, 2], np.uint8)
    assert pixel_similarity(reference, candidate) == 3 / 5
    assert pixel_similarity(candidate, reference) == 2 / 5, "what was lighter is darker now"


def test_frequent_rows_are_unlike_themselves_as_published():
    reference = np.array([[1, 2]] * 3 + [[5, 6], [7, 8]], np.uint8)
    # The first row is there 6 times in both, more than 2.5; the two others count.
    assert pixel_similarity(reference, reference) == 2 / 5
    assert pixel_similarity(noise(1), noise(1)) == 1
    blank = np.full((9, 9), 255, np.uint8)
    assert pixel_similarity(blank, blank) == 0


def test_pixels_are_compared_when_corrected():
    reference = np.full((10, 10), 255, np.uint8)
    reference[2:4, 2:7] = 100
    candidate = reference.copy()
    candidate[2, 2:7] = (95, 105, 94, 106, 100)
    candidate[9, 0] = 0
    candidate[9, 1] = 250
    # Ten pixels are drawn in the reference, of which two differ by 6, and one in the candidate alone.
    assert pixel_similarity(reference, candidate, fixed=True) == pytest.approx(8 / 11)
    assert pixel_similarity(reference, reference, fixed=True) == 1
    blank = np.full((9, 9), 255, np.uint8)
    assert pixel_similarity(blank, blank, fixed=True) == 1
    assert pixel_similarity(blank, 255 - blank, fixed=True) == 0
    tinted = np.full_like(reference, 252)
    assert pixel_similarity(reference, tinted, fixed=True) == 0


@pytest.mark.parametrize("fixed", [False, True])
def test_structure_agrees_with_the_definition(fixed):
    one, other = noise(1), noise(2)
    light = np.clip(one.astype(int) // 3 + 170, 0, 255).astype(np.uint8)
    for pair in ((one, other), (one, light)):
        assert ssim_similarity(*pair, fixed=fixed) == pytest.approx((1 + ssim_by_definition(*pair, 7)) / 2, abs=1e-9)
    assert ssim_similarity(one, one, fixed=fixed) == 1


def test_structure_of_small_pictures():
    one, other = noise(1, (6, 9)), noise(2, (6, 9))
    assert ssim_similarity(one, other) == 0
    assert ssim_similarity(one, other, fixed=True) == pytest.approx((1 + ssim_by_definition(one, other, 5)) / 2)
    with pytest.raises(Unscorable, match="at least 3x3"):
        ssim_similarity(noise(1, (2, 9)), noise(2, (2, 9)), fixed=True)


def test_tokens_are_the_treebank_s():
    assert " ".join(treebank_tokens(r"\frac{a}{b} can't 3,000.")) == r"\frac { a } { b } ca n't 3,000 ."


def test_edits_are_counted_in_tokens():
    # Six tokens each: E, =, mc^2, plus, the, end; one replaced.
    assert edit_similarity("E = mc^2 plus the end", "E = mc^3 plus the end") == pytest.approx(5 / 6)
    assert edit_similarity("a b c d", "a x b c d", fixed=True) == pytest.approx(4 / 5)


def test_a_beginning_is_enough_as_published():
    reference = "one two three four five six seven eight"
    assert edit_similarity(reference, "one two") == 1
    assert edit_similarity(reference, "one two", fixed=True) == pytest.approx(2 / 8)
    assert edit_similarity(reference, "") == 0
    assert edit_similarity("", "") == 0
    assert edit_similarity("", "", fixed=True) == 1
    assert edit_similarity("", "one", fixed=True) == 0


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_texts_have_a_similarity(one, other):
    assert 0 <= edit_similarity(one, other) <= 1
    assert 0 <= edit_similarity(one, other, fixed=True) <= 1
    assert edit_similarity(one, one, fixed=True) == 1


@given(st.lists(st.integers(0, 4), max_size=90), st.lists(st.integers(0, 4), max_size=90))
def test_distances_agree_with_the_table(one, other):
    assert levenshtein(one, other) == distance_by_table(one, other)


def test_long_programs_are_compared_in_time_or_not_at_all():
    words = [f"w{number % 997}" for number in range(20_000)]
    assert edit_similarity(" ".join(words), " ".join(words[::-1]), fixed=True) < 0.5
    for hostile in ("(" * 60_000, "a" * 600_000, "'" * 499_999):
        with pytest.raises(Unscorable, match="isn't compared"):
            edit_similarity("a", hostile)


def test_every_part_of_two_programs():
    pixels = page()
    pixels[8:20, 8:40] = noise(5, (12, 32, 3))
    found = values(side(pixels, r"\frac{a}{b}"), side(pixels, r"\frac{a}{b}"))
    assert tuple(found) == PARTS
    assert found == {"pixel": 12 / 40, "ssim": 1, "edit": 1, "compile": 1}
    assert values(side(pixels, "a"), side(pixels, "a"), "fixed") == dict.fromkeys(PARTS, 1)


def test_pictures_alone_have_no_edits():
    found = score(page(), page(), ["image2struct"])
    assert set(found.scores["image2struct"]) == {"pixel", "ssim", "compile"}
    assert "programs are compared" in found.unscored["image2struct.edit"]
    tiny = score(page(2, 2), page(2, 2), ["image2struct"], mode="fixed")
    assert "at least 3x3" in tiny.unscored["image2struct.ssim"]


def test_a_program_that_failed_gets_nothing():
    failed = Rendering(Program("x", "latex"), failure=Failure(FailureKind.RUNTIME, "undefined control sequence"))
    found = values(side(page(), r"\frac{a}{b}"), failed)
    assert found == dict.fromkeys(PARTS, 0)


def test_sizes_are_padded_or_resized():
    reference, candidate = page(colour=(255, 255, 255)), page(20, 30)
    assert values(reference, candidate)["ssim"] == 1
    drawn = page(20, 30)
    drawn[:10] = 0
    larger = np.asarray(Image.fromarray(drawn).resize((60, 40)))
    assert values(larger, drawn, name="image2struct_resize")["ssim"] == 1
    assert values(larger, drawn)["ssim"] < 1


def test_greys_are_pillow_s():
    pixels = np.random.default_rng(1).integers(0, 256, (30, 30, 3), dtype=np.uint8)
    other = pixels.copy()
    other[15:] = noise(3, (15, 30, 3))
    greys = [np.asarray(Image.fromarray(each).convert("L")) for each in (pixels, other)]
    found = values(pixels, other)
    assert found["ssim"] == ssim_similarity(*greys)
    assert found["pixel"] == 0.5
