"""Pixel metrics against values worked out by hand."""

import numpy as np
import pytest

from derender.metrics import observe, score
from derender.metrics.pixels import color_shares, dct_bits

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
