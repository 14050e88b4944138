"""Pixel metrics against values worked out by hand."""

from pathlib import Path

import numpy as np
import pytest

from derender.metrics import observe, score
from derender.metrics.pixels import color_shares, dct_bits, gradient_bits

VECTORS = Path(__file__).parent / "vectors" / "svg_ssim"
UNISVG_PSNR = {
    "circle": 34.053050114215495,
    "paths": 61.47534112018842,
    "text": 47.07607590254896,
    "blank": 47.875922074794445,
    "self": None,
}
BLACK, WHITE = np.zeros((8, 8, 3), np.uint8), np.full((8, 8, 3), 255, np.uint8)


def value(reference, candidate, metric, part):
    return score(reference, candidate, [metric]).scores[metric][part]


def test_mse_of_one_channel_of_one_pixel():
    candidate = BLACK.copy()
    candidate[3, 4, 1] = 51
    assert value(BLACK, candidate, "mse", "mse") == pytest.approx(0.2**2 / (64 * 3))


def test_mse_of_opposites_is_one():
    assert value(BLACK, WHITE, "mse", "mse") == 1.0


def test_psnr_is_that_of_the_mse():
    candidate = np.full((8, 8, 3), 51, np.uint8)
    assert value(BLACK, candidate, "psnr", "psnr") == pytest.approx(13.9794, abs=1e-4)


def test_psnr_ends_at_zero_and_at_a_hundred():
    assert value(BLACK, WHITE, "psnr", "psnr") == 0.0
    assert value(BLACK, BLACK, "psnr", "psnr") == 100.0
    huge = np.zeros((2000, 2000), np.uint8)
    speck = huge.copy()
    speck[0, 0] = 1
    assert value(huge, speck, "psnr", "psnr") == 100.0


def test_masked_mse_compares_where_both_have_ink():
    left, right = WHITE.copy(), WHITE.copy()
    left[:, :4], right[:, 2:6] = (0, 0, 0), (255, 255, 0)
    # Columns 2 and 3 have ink in both: black against yellow is 2 of 3 channels, on a quarter of the pixels.
    assert value(left, right, "masked_mse", "masked_mse") == pytest.approx(2 / 3 / 4)
    fixed = score(left, right, ["masked_mse"], mode="fixed").scores["masked_mse"]["masked_mse"]
    # Of the six columns with ink, two differ in all channels, two in two, and two in one.
    assert fixed == pytest.approx((3 + 2 + 1) * 2 / (6 * 3))


def test_a_blank_page_has_no_masked_error_until_it_is_corrected():
    assert value(BLACK, WHITE, "masked_mse", "masked_mse") == 0.0
    assert score(BLACK, WHITE, ["masked_mse"], mode="fixed").scores["masked_mse"]["masked_mse"] == 1.0
    assert score(WHITE, WHITE, ["masked_mse"], mode="fixed").scores["masked_mse"]["masked_mse"] == 0.0


def test_almost_white_is_ink():
    almost = np.full((8, 8, 3), (255, 255, 254), np.uint8)
    assert value(almost, BLACK, "masked_mse", "masked_mse") == pytest.approx((2 + (254 / 255) ** 2) / 3)


@pytest.mark.parametrize("pair", UNISVG_PSNR)
def test_psnr_of_bytes_that_wrap_around_is_unisvgs(pair):
    found = value(VECTORS / f"{pair}_ref.png", VECTORS / f"{pair}_pred.png", "psnr_unisvg", "psnr")
    assert found == (None if UNISVG_PSNR[pair] is None else pytest.approx(UNISVG_PSNR[pair], abs=1e-12))


def test_psnr_of_bytes_that_wrap_around_by_hand():
    # 255 squares to 65025, which is 1 modulo 256; 16 to 256, which is 0.
    assert value(BLACK, WHITE, "psnr_unisvg", "psnr") == pytest.approx(48.1308, abs=1e-4)
    assert value(BLACK, BLACK + 16, "psnr_unisvg", "psnr") is None
    assert score(BLACK, WHITE, ["psnr_unisvg"], mode="fixed").scores["psnr_unisvg"]["psnr"] == 0.0
    assert score(BLACK, BLACK, ["psnr_unisvg"], mode="fixed").scores["psnr_unisvg"]["psnr"] == 100.0


def test_dhash_is_of_gradients_from_left_to_right():
    rising = np.tile(np.arange(0, 90, 10, dtype=np.uint8), (8, 1))
    assert observe(rising)[gradient_bits].all()
    assert not observe(rising[:, ::-1])[gradient_bits].any()
    bent = rising.copy()
    bent[:, 5:] = 0
    # Of each row's eight steps, the one down and the three level ones differ.
    assert value(rising, bent, "dhash", "similarity") == 0.5
    assert value(rising, np.repeat(np.repeat(rising, 5, 0), 5, 1), "dhash", "similarity") == 1.0


def test_color_histogram_counts_the_shared_colours_wherever_they_lie():
    half = WHITE.copy()
    half[:, :2] = (200, 30, 30)
    assert value(WHITE, half, "color_histogram", "intersection") == pytest.approx(0.75)
    assert value(half, half[:, ::-1], "color_histogram", "intersection") == 1.0
    assert value(half, np.repeat(half, 3, axis=0), "color_histogram", "intersection") == pytest.approx(1.0)


def test_color_shares_keep_the_channels_apart():
    shares = observe(np.full((2, 2, 3), (255, 40, 0), np.uint8))[color_shares]
    assert shares[7, 1, 0] == 1.0
    assert shares.sum() == 1.0


def test_phash_knows_a_picture_again_after_scaling_and_brightening(chart):
    smaller = chart[::2, ::2]
    dimmed = (chart * 0.8).astype(np.uint8)
    assert value(chart, smaller, "phash", "similarity") >= 0.9
    assert value(chart, dimmed, "phash", "similarity") >= 0.9
    assert value(chart, np.rot90(chart), "phash", "similarity") <= 0.75


def test_phash_of_a_plain_picture_does_not_depend_on_its_shade():
    hashes = [observe(np.full((50, 70), shade, np.uint8))[dct_bits] for shade in (1, 77, 200, 255)]
    assert all((one == hashes[0]).all() for one in hashes)
    assert hashes[0].sum() == 1
