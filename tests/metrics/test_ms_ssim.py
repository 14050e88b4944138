"""Multiscale SSIM: another implementation's numbers, and what small pictures get."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from derender.metrics import Unscorable, observe
from derender.metrics.ms_ssim import WEIGHTS, ms_ssim, scales
from derender.metrics.ssim import mean_similarity

VECTORS = Path(__file__).parent / "vectors" / "svg_ssim"
PYTORCH_MSSSIM = {
    # pytorch-msssim 1.0.0 of the same grey values in double precision, data range 255
    "circle": 0.654095078601366,
    "paths": 0.9657882136581806,
    "text": 0.7119632158879887,
    "blank": 0.3029434972340418,
    "self": 1.0,
}


def value(a, b):
    return ms_ssim(observe(a), observe(b))["ms_ssim"]


def noise(seed, shape):
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


@pytest.mark.parametrize("pair", PYTORCH_MSSSIM)
def test_it_agrees_with_another_implementation(pair):
    found = value(VECTORS / f"{pair}_ref.png", VECTORS / f"{pair}_pred.png")
    assert found == pytest.approx(PYTORCH_MSSSIM[pair], abs=5e-6)


@pytest.mark.parametrize(("side", "count"), [(11, 1), (20, 1), (21, 2), (160, 4), (161, 5), (400, 5)])
def test_there_are_as_many_scales_as_hold_a_window(side, count):
    found = observe(noise(1, (side, 3 * side)))[scales]
    assert [scale.shape[0] for scale in found] == [-(-side // 2**index) for index in range(count)]


def test_an_odd_last_row_and_column_count_double():
    picture = np.zeros((21, 23), np.uint8)
    picture[20, :], picture[:, 22] = 100, 200
    half = observe(picture)[scales][1]
    assert half.shape == (11, 12)
    assert (half[10, :11], half[10, 11], half[3, 11], half[3, 3]) == (pytest.approx(100), 200, 200, 0)


def test_one_scale_alone_is_ssim_itself():
    one, other = noise(1, (16, 40)), noise(2, (16, 40)) // 2 + noise(1, (16, 40)) // 2
    alone = mean_similarity(one, other)
    assert 0 < alone < 1
    # The published weights sum to 1.0001.
    assert value(one, other) == pytest.approx(alone ** sum(WEIGHTS))


def test_a_negative_gets_nothing():
    board = cv2.resize((np.indices((30, 30)).sum(0) % 2 * 255).astype(np.uint8), (240, 240))
    assert value(board, 255 - board) == 0.0


def test_luminance_counts_at_the_smallest_scale_alone():
    flat = [np.full((400, 400), level, np.uint8) for level in (100, 150)]
    luminance = (2 * 100 * 150 + 6.5025) / (100**2 + 150**2 + 6.5025)
    assert value(*flat) == pytest.approx(luminance ** WEIGHTS[-1], abs=5e-5)


def test_a_picture_of_another_size_is_brought_to_the_references():
    chart = noise(3, (200, 300))
    assert 0 < value(chart, chart[::2, ::2]) < 1


@pytest.mark.parametrize("shape", [(1, 1), (10, 10_000)])
def test_pictures_without_a_window_are_unscored(shape):
    with pytest.raises(Unscorable, match=f"the reference has {shape[1]}x{shape[0]}"):
        value(noise(1, shape), noise(2, shape))
