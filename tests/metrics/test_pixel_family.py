"""What the metrics of pixels and of drawn SVGs promise, whatever the pictures."""

import itertools
import math

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from derender.metrics import get_metric, metric_names, observe, score

PIXELS = [name for name in metric_names() if get_metric(name).family == "pixels"]
OF_SSIM = [name for name in PIXELS if "ssim" in name]
WITHOUT_MODELS = {"unisvg": {"ssim"}, "starvector": {"ssim", "mse", "masked_mse"}}
NAMES = [*PIXELS, *WITHOUT_MODELS]

sides = st.integers(1, 60)


@st.composite
def pictures(draw, height=sides, width=sides):
    """Noise, or flat blocks."""
    shape = draw(height), draw(width), 3
    seed = draw(st.integers(0, 2**32 - 1))
    if draw(st.booleans()):
        return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)
    blocks = draw(arrays.arrays(np.uint8, (3, 3, 3)))
    return cv2.resize(blocks, (shape[1], shape[0]), interpolation=cv2.INTER_NEAREST)


@st.composite
def pairs(draw):
    height, width = st.just(draw(sides)), st.just(draw(sides))
    return draw(pictures(height, width)), draw(pictures(height, width))


def scored(reference, candidate, names=NAMES, mode="official"):
    found = score(reference, candidate, names, mode=mode)
    asked = set(names)
    reasons = {name.partition(".")[0] for name in found.unscored}
    assert asked == set(found.scores) | reasons
    assert all(reason for reason in found.unscored.values())
    return found.scores


def in_range(found):
    for name, parts in found.items():
        declared = {part.name: part for part in get_metric(name).parts}
        for part, value in parts.items():
            assert value is None or declared[part].low <= value <= declared[part].high


@given(pictures(), pictures(), st.sampled_from(["official", "fixed"]))
@settings(max_examples=40, deadline=None)
def test_every_number_is_in_its_range(reference, candidate, mode):
    in_range(scored(reference, candidate, mode=mode))


@given(pictures(), st.sampled_from(["official", "fixed"]))
@settings(max_examples=40, deadline=None)
def test_equal_pictures_get_the_best(picture, mode):
    for name, parts in scored(picture, picture.copy(), mode=mode).items():
        for part in get_metric(name).parts:
            best = part.best
            if name == "psnr_unisvg":
                best = None if mode == "official" else 100.0
            assert parts.get(part.name, best) == (best if best is None else pytest.approx(best)), (name, part.name)


@given(pairs(), st.sampled_from(["official", "fixed"]))
@settings(max_examples=40, deadline=None)
def test_sides_may_be_swapped_where_that_is_claimed(pair, mode):
    one, other = pair
    claimed = [name for name in PIXELS if get_metric(name).symmetric]
    assert set(claimed) >= {"masked_mse", "psnr_unisvg", "ms_ssim", "cw_ssim", "dhash", *OF_SSIM}
    assert scored(one, other, claimed, mode) == scored(other, one, claimed, mode)


def test_pictures_of_any_shape_have_a_result():
    rng = np.random.default_rng(5)
    for height, width in [(1, 1), (1, 3000), (10, 10_000), (10_000, 10), (11, 11), (2500, 40)]:
        one, other = (rng.integers(0, 256, (height, width, 3), dtype=np.uint8) for _ in range(2))
        found = scored(one, other)
        in_range(found)
        assert {"mse", "masked_mse", "psnr_unisvg", "dhash"} <= set(found)
        assert not set(found) & {"ssim", "ms_ssim", "ssim_webcode2m"} or min(height, width) >= 11


@pytest.mark.parametrize(
    "kind", ["16-bit", "grey", "grey with opacity", "RGBA", "booleans", "floats", "palette", "CMYK"]
)
def test_pictures_of_any_kind_are_as_their_pixels(chart, kind):
    grey = cv2.cvtColor(chart, cv2.COLOR_RGB2GRAY)
    other_kinds = {
        "16-bit": (chart.astype(np.uint16) * 257, chart),
        "grey": (grey, np.repeat(grey[:, :, None], 3, 2)),
        "grey with opacity": (np.dstack([grey, np.full_like(grey, 255)]), np.repeat(grey[:, :, None], 3, 2)),
        "RGBA": (np.dstack([chart, np.full_like(grey, 255)]), chart),
        "booleans": (grey > 128, np.repeat((grey[:, :, None] > 128) * np.uint8(255), 3, 2)),
        "floats": (chart / 255.0, chart),
        "palette": (Image.fromarray(grey).convert("P"), np.repeat(grey[:, :, None], 3, 2)),
        "CMYK": (Image.fromarray(chart).convert("CMYK"), chart),
    }
    given_as, pixels = other_kinds[kind]
    candidate = cv2.GaussianBlur(chart, (5, 5), 0)
    assert scored(given_as, candidate) == scored(pixels, candidate)


def test_what_is_transparent_is_white():
    clear = np.zeros((40, 40, 4), np.uint8)
    white = np.full((40, 40, 3), 255, np.uint8)
    black = np.zeros((40, 40, 3), np.uint8)
    assert scored(clear, black) == scored(white, black)
    assert scored(clear, black)["mse"]["mse"] == 1.0


@pytest.mark.parametrize("name", [name for name in PIXELS if name != "psnr_unisvg"])
@pytest.mark.parametrize("how", ["noise", "blur", "erasure"])
def test_a_worse_picture_never_scores_better(chart, name, how):
    part = get_metric(name).parts[0]
    values = [scored(chart, worse, [name])[name][part.name] for worse in spoiled(chart, how)]
    signed = [-value if part.higher_is_better else value for value in values]
    # The masked error has nothing to say of ink that is gone.
    slack = (
        math.inf if (name, how) == ("masked_mse", "erasure") else 0.05 if "hash" in name or name == "edges" else 2e-3
    )
    assert all(later >= earlier - slack for earlier, later in itertools.pairwise(signed)), values
    assert signed[-1] >= signed[0]


def spoiled(picture, how):
    if how == "noise":
        noise = np.random.default_rng(7).normal(size=picture.shape)
        return [np.clip(picture + level * noise, 0, 255).astype(np.uint8) for level in (0, 8, 24, 60, 120)]
    if how == "blur":
        return [picture] + [cv2.GaussianBlur(picture, (0, 0), sigma) for sigma in (1, 2.5, 6, 12)]
    versions = [picture.copy() for _ in range(5)]
    for index, version in enumerate(versions):
        version[:, 30 : 30 + 65 * index] = 255
    return versions


def test_a_reference_observed_once_gives_the_same_for_every_candidate(chart):
    reference = observe(chart)
    blurred = cv2.GaussianBlur(chart, (5, 5), 0)
    assert scored(reference, blurred) == scored(reference, blurred) == scored(chart, blurred)
