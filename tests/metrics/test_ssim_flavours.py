"""The SSIM of three papers: the numbers their own code gives, and what it does at the edges."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from derender.metrics import score

VECTORS = Path(__file__).parent / "vectors" / "svg_ssim"
"""Pairs of SVGs drawn by CairoSVG 2.9.1 on white at 336x336."""
OFFICIAL = {
    # scikit-image 0.26.0: UniSVG's, StarVector's, WebCode2M's
    "circle": (0.8635166296775187, 0.8172241409306703, 0.8603085137473747),
    "paths": (0.9709019601699902, 0.9620666866852345, 0.9658013932170705),
    "text": (0.901166192841108, 0.8809520211013483, 0.8958324990254855),
    "blank": (0.6121207830811932, 0.586072216752681, 0.5994352067181519),
    "self": (1.0, 1.0, 1.0),
}
FLAVOURS = ("ssim_unisvg", "ssim_starvector", "ssim_webcode2m")
WINDOWS = {"ssim_unisvg": 7, "ssim_starvector": 11, "ssim_webcode2m": 11}


def ssim(name, reference, candidate):
    return score(reference, candidate, [name]).scores[name]["ssim"]


def noise(seed, shape=(40, 52, 3)):
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def by_definition(name, a, b):
    """Wang et al. 2004, channel by channel, window by window, in double precision."""
    window = WINDOWS[name]
    weights = np.full((window, window), window**-2.0)
    sample = window**2 / (window**2 - 1)
    if name == "ssim_webcode2m":
        line = np.exp(-((np.arange(window) - window // 2) ** 2) / (2 * 1.5**2))
        weights, sample = np.outer(line, line) / line.sum() ** 2, 1
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    values = []
    for top, left, channel in np.ndindex(a.shape[0] - window + 1, a.shape[1] - window + 1, 3):
        x, y = (each[top : top + window, left : left + window, channel].astype(float) for each in (a, b))
        mean_x, mean_y = (weights * x).sum(), (weights * y).sum()
        var_x, var_y = ((weights * (v - m) ** 2).sum() * sample for v, m in ((x, mean_x), (y, mean_y)))
        covariance = (weights * (x - mean_x) * (y - mean_y)).sum() * sample
        likeness = (2 * mean_x * mean_y + c1) * (2 * covariance + c2)
        values.append(likeness / ((mean_x**2 + mean_y**2 + c1) * (var_x + var_y + c2)))
    return float(np.mean(values))


@pytest.mark.parametrize("name", FLAVOURS)
@pytest.mark.parametrize("pair", OFFICIAL)
def test_the_numbers_are_the_papers_own(pair, name):
    official = OFFICIAL[pair][FLAVOURS.index(name)]
    found = ssim(name, VECTORS / f"{pair}_ref.png", VECTORS / f"{pair}_pred.png")
    assert found == pytest.approx(official, abs=1e-7)


@pytest.mark.parametrize("name", FLAVOURS)
@pytest.mark.parametrize("shape", [(11, 11, 3), (14, 60, 3), (75, 12, 3)])
def test_noise_agrees_with_the_definition(name, shape):
    one, other = noise(1, shape), noise(2, shape)
    assert ssim(name, one, other) == pytest.approx(by_definition(name, one, other), abs=1e-9)


@pytest.mark.parametrize("name", FLAVOURS)
def test_light_pages_many_strips_high_agree_with_the_definition(name):
    page = np.full((130, 30, 3), 255, np.uint8)
    cv2.putText(page, "Ab", (2, 90), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (30, 30, 0), 2, cv2.LINE_AA)
    near = cv2.GaussianBlur(page, (3, 3), 0)
    assert ssim(name, page, near) == pytest.approx(by_definition(name, page, near), abs=1e-9)


@pytest.mark.parametrize("name", FLAVOURS)
def test_pictures_larger_than_a_tile_agree_with_the_definition(name, monkeypatch):
    monkeypatch.setattr("derender.metrics.ssim_flavours.TILE", (20, 24))
    one, other = noise(1), noise(2)
    other[10:30, 5:45] = one[10:30, 5:45]
    assert ssim(name, one, other) == pytest.approx(by_definition(name, one, other), abs=1e-9)


@pytest.mark.parametrize("name", FLAVOURS)
def test_nearly_white_noise_agrees_with_the_definition(name):
    one, other = 255 - noise(1) // 50, 255 - noise(2) // 50
    assert ssim(name, one, other) == pytest.approx(by_definition(name, one, other), abs=1e-9)


def test_colour_counts_where_luma_is_the_same():
    red, green = np.zeros((20, 20, 3), np.uint8), np.zeros((20, 20, 3), np.uint8)
    red[..., 0], green[..., 1] = 199, 101
    assert ssim("ssim", red, green) > 0.99
    assert all(ssim(name, red, green) < 0.5 for name in FLAVOURS)


def test_other_sizes_are_treated_as_each_paper_does():
    small, large = noise(1), noise(2, (80, 104, 3))
    assert ssim("ssim_unisvg", small, large) == 0.0
    found = score(small, large, ["ssim_starvector"])
    assert "52x40 and 104x80" in found.unscored["ssim_starvector"]
    grown = cv2.resize(small, (104, 80), interpolation=cv2.INTER_LANCZOS4)
    assert ssim("ssim_webcode2m", small, large) == ssim("ssim_webcode2m", grown, large)


def test_pictures_smaller_than_a_window_have_no_score_or_a_smaller_window():
    one, other = noise(1, (6, 9, 3)), noise(2, (6, 9, 3))
    found = score(one, other, FLAVOURS)
    assert set(found.scores) == {"ssim_unisvg"}
    assert "at least 11x11" in found.unscored["ssim_starvector"]
    assert "at least 11x11" in found.unscored["ssim_webcode2m"]
    tiny = score(noise(1, (2, 9, 3)), noise(2, (2, 9, 3)), ["ssim_unisvg"])
    assert "at least 3x3" in tiny.unscored["ssim_unisvg"]
