"""Complex wavelet SSIM: another implementation's numbers, the pyramid's definition, and what it forgives."""

import math
from pathlib import Path

import numpy as np
import pytest

from derender.metrics import Unscorable, observe
from derender.metrics.cw_ssim import coarse_bands, coarsest_bands, cw_ssim

VECTORS = Path(__file__).parent / "vectors" / "svg_ssim"
PYRTOOLS = {
    # the formula in double precision over the bands of pyrtools 1.1.1: SteerablePyramidFreq(height=4, order=7,
    # is_complex=True), divided by 4 ** 3
    "circle": 0.7557274418679364,
    "paths": 0.9656662023476973,
    "text": 0.7176855461508977,
    "blank": 0.019587261975549622,
    "self": 1.0,
}


def value(a, b):
    return cw_ssim(observe(a), observe(b))["cw_ssim"]


def noise(seed, shape):
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


@pytest.mark.parametrize("pair", PYRTOOLS)
def test_it_agrees_with_another_implementation(pair):
    found = value(VECTORS / f"{pair}_ref.png", VECTORS / f"{pair}_pred.png")
    assert found == pytest.approx(PYRTOOLS[pair], abs=1e-5)


@pytest.mark.parametrize(
    ("shape", "level"), [((64, 96), 1), ((61, 90), 1), ((64, 96), 2), ((64, 96), 3), ((57, 121), 1)]
)
def test_a_band_is_the_whole_spectrum_through_a_filter(shape, level):
    values = noise(4, shape)
    down = np.fft.fftfreq(shape[0])[:, None] * 2
    across = np.fft.fftfreq(shape[1])[None, :] * 2
    octaves = np.log2(np.maximum(np.hypot(down, across), 1e-9)) + level
    radial = np.where(np.abs(octaves) < 1, np.cos(np.pi / 2 * octaves), 0)
    angular = np.maximum(np.cos(np.arctan2(down, across) - np.pi * 3 / 8), 0) ** 7
    gain = 2**8 * math.factorial(7) / math.sqrt(8 * math.factorial(14))
    whole = np.fft.ifft2(np.fft.fft2(values) * radial * angular * gain)
    step = 2 ** (level - 1)
    assert coarsest_bands(values, level)[3] == pytest.approx(whole[::step, ::step], abs=1e-3)


def test_sides_are_halved_rounding_up():
    assert coarsest_bands(noise(4, (57, 121)), 3).shape == (8, 15, 31)


def test_a_small_shift_costs_less_than_it_costs_plain_ssim(chart):
    from derender.metrics.ssim import ssim

    moved = np.roll(chart, 3, axis=1)
    assert value(chart, moved) > 0.9 > ssim(observe(chart), observe(moved))["ssim"]


def test_plain_pictures_are_alike_and_a_blank_one_is_unlike_a_chart(chart):
    blank = np.full_like(chart, 255)
    assert value(blank, blank // 2) == pytest.approx(1.0)
    assert value(chart, blank) < 0.3


@pytest.mark.parametrize(("side", "height"), [(7, 7), (13, 7), (26, 7), (53, 7), (200, 25)])
def test_small_pictures_have_fewer_levels(side, height):
    assert observe(noise(1, (side, 4 * side)))[coarse_bands].shape[:2] == (8, height)


@pytest.mark.parametrize("shape", [(1, 1), (6, 10_000)])
def test_pictures_without_a_window_are_unscored(shape):
    with pytest.raises(Unscorable, match=f"a picture has {shape[1]}x{shape[0]}"):
        value(noise(1, shape), noise(2, shape))


@pytest.mark.parametrize(("shape", "most"), [((10, 101), 1000), ((20, 201), 4000), ((80, 1000), 64_000)])
def test_pictures_with_too_large_a_band_are_unscored(shape, most, monkeypatch):
    monkeypatch.setattr("derender.metrics.cw_ssim.MOST_PIXELS", 1000)
    with pytest.raises(Unscorable, match=f"{most} pixels at most here; a picture has {shape[1]}x{shape[0]}"):
        value(noise(1, shape), noise(2, shape))
    assert value(noise(1, (10, 100)), noise(2, (10, 100))) > 0
