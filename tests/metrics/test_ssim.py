"""SSIM against its definition, written out slowly."""

import math

import cv2
import numpy as np
import pytest

from derender.metrics import score


def by_definition(a, b):
    """Wang et al. 2004, window by window, in double precision."""
    weights = np.array([[math.exp(-(x * x + y * y) / (2 * 1.5**2)) for x in range(-5, 6)] for y in range(-5, 6)])
    weights /= weights.sum()
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    values = []
    for top in range(a.shape[0] - 10):
        for left in range(a.shape[1] - 10):
            x, y = (picture[top : top + 11, left : left + 11].astype(float) for picture in (a, b))
            mean_x, mean_y = (weights * x).sum(), (weights * y).sum()
            var_x, var_y = (weights * (x - mean_x) ** 2).sum(), (weights * (y - mean_y) ** 2).sum()
            covariance = (weights * (x - mean_x) * (y - mean_y)).sum()
            likeness = (2 * mean_x * mean_y + c1) * (2 * covariance + c2)
            values.append(likeness / ((mean_x**2 + mean_y**2 + c1) * (var_x + var_y + c2)))
    return float(np.mean(values))


def ssim(a, b):
    return score(a, b, ["ssim"]).scores["ssim"]["ssim"]


def grey_noise(seed, shape=(40, 52)):
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


@pytest.mark.parametrize("shape", [(11, 11), (11, 40), (33, 12), (40, 52)])
def test_unrelated_noise_agrees_with_the_definition(shape):
    one, other = grey_noise(1, shape), grey_noise(2, shape)
    assert ssim(one, other) == pytest.approx(by_definition(one, other), abs=1e-6)


def test_light_pages_agree_with_the_definition():
    page = np.full((48, 60), 255, np.uint8)
    cv2.putText(page, "Ab", (5, 35), cv2.FONT_HERSHEY_SIMPLEX, 1, 0, 2, cv2.LINE_AA)
    near = cv2.GaussianBlur(page, (3, 3), 0)
    assert ssim(page, near) == pytest.approx(by_definition(page, near), abs=1e-6)
    blank = np.full_like(page, 254)
    assert ssim(page, blank) == pytest.approx(by_definition(page, blank), abs=1e-6)


def test_pictures_larger_than_a_tile_agree_with_the_definition():
    one = cv2.resize(grey_noise(3, (20, 60)), (560, 150), interpolation=cv2.INTER_CUBIC)
    other = one.copy()
    other[60:140, 480:530] = 255 - other[60:140, 480:530]
    assert ssim(one, other) == pytest.approx(by_definition(one, other), abs=2e-6)


def test_opposites_are_below_zero():
    board = (np.indices((64, 64)).sum(0) % 2 * 255).astype(np.uint8)
    assert ssim(board, 255 - board) == pytest.approx(by_definition(board, 255 - board), abs=1e-6)
    assert ssim(board, 255 - board) < -0.9


def test_two_flat_greys_give_the_luminance_term_alone():
    expected = (2 * 100 * 150 + 6.5025) / (100**2 + 150**2 + 6.5025)
    flat = [np.full((30, 30), value, np.uint8) for value in (100, 150)]
    assert ssim(*flat) == pytest.approx(expected, abs=2e-5)


@pytest.mark.parametrize("shape", [(1, 1), (10, 200), (200, 10)])
def test_pictures_without_one_whole_window_are_unscored(shape):
    result = score(grey_noise(1, shape), grey_noise(2, shape), ["ssim"])
    assert result.scores == {}
    assert result.unscored == {"ssim": f"ssim needs at least 11x11 pixels; the reference has {shape[1]}x{shape[0]}"}
