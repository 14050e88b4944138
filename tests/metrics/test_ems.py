"""Image2Struct's EMS and block EMD: the published code's own numbers, the transport beneath, and the edges."""

import itertools
import math
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from derender.metrics import Unscorable, block_emd, observe, score
from derender.metrics._canvas import padded
from derender.metrics._emd import (
    Distances,
    lazy_transport,
    transport,
    work_between,
    work_by_axis,
    work_in_place,
    work_of_even,
)
from derender.metrics.block_emd import block_distance, fitted_size, most_frequent
from derender.metrics.ems import earth_mover_similarity, plain_distances, similarity

VECTORS = Path(__file__).parent / "vectors" / "ems"
OFFICIAL = {
    # HELM 63754d0, numpy 2.4 with OpenCV 5.0 and numpy 1.26 with OpenCV 4.11, Pillow 13.0 and 10.4: the same numbers.
    # At ratios more extreme than these Pillow's versions resize a little differently (60x900: 0.75288 and 0.75226).
    # EMS, block EMD
    "blank_pred": (0.5268759609054005, 0.5545986890792847),
    "blank_ref": (0.4454004314070894, 0.5545988082885742),
    "grey_bg": (0.8811165712525513, 0.14823698997497559),
    "other": (0.8031752362521623, 0.22512434422969818),
    "pad_both": (0.7836972727553583, 0.24120938777923584),
    "self": (1.0, 0.0),
    "shift": (0.8249413578852293, 0.21013768017292023),
    "tiny": (0.6045124401914521, 0.3494931161403656),
    "white_vs_black": (0.0, 1.0000007152557373),
    "wide": (0.8592812361148351, 0.1578487902879715),
}
RESIZED = 0.789844970534917
"""EMS of pad_both, the candidate being resized."""
WITH_WEIGHTS = {
    # the weight of background patches inactive and active, by an exact solver in 64 bits
    "blank_pred": (0.5268767483203604, 0.5454446159644668),
    "shift": (0.8249401252216538, 0.8347144621986),
    "other": (0.8031739941746641, 0.824649930407471),
    "tiny": (0.6045122841330617, 0.6237405768791299),
    "wide": (0.8592769048747784, 0.8612181322578846),
}
NAMES = ("ems", "ems_resize", "block_emd")


def vector(name):
    return tuple(np.asarray(Image.open(VECTORS / f"{name}_{side}.png").convert("RGB")) for side in ("ref", "pred"))


def value(name, reference, candidate, mode="official"):
    return score(reference, candidate, [name], mode=mode).scores[name]["block_emd" if name == "block_emd" else "ems"]


def page(height=80, width=80, colour=(255, 255, 255)):
    return np.full((height, width, 3), colour, np.uint8)


def boxed(*box, on=(255, 255, 255), colour=(0, 0, 0)):
    """A page of 80x80 with a box (top, bottom, left, right)."""
    pixels = page(colour=on)
    pixels[box[0] : box[1], box[2] : box[3]] = colour
    return pixels


def clouds(seed, count=5):
    random = np.random.default_rng(seed)
    found = np.empty((count, 64, 4), np.float32)
    weights = np.where(random.random((count, 64)) < 0.5, 0.001, 1.0)
    found[..., 0] = weights / weights.sum(axis=1, keepdims=True)
    found[..., 1] = random.random((count, 64)) ** random.integers(1, 4)
    found[..., 3], found[..., 2] = np.mgrid[:8, :8].reshape(2, -1) / 8
    return found


def by_linear_program(one, other):
    """The least work between two clouds, in 64 bits."""
    from scipy.optimize import linprog

    count = len(one)
    cost = np.abs(one[:, None, 1:].astype(float) - other[None, :, 1:]).sum(axis=2)
    marginals = np.zeros((2 * count, count * count))
    for index in range(count):
        marginals[index, index * count : (index + 1) * count] = 1
        marginals[count + index, index::count] = 1
    given = one[:, 0].astype(float), other[:, 0].astype(float)
    right = np.concatenate([weights / weights.sum() for weights in given])
    return linprog(cost.ravel(), A_eq=marginals[:-1], b_eq=right[:-1], method="highs").fun


@pytest.mark.parametrize("name", OFFICIAL)
def test_the_numbers_are_the_papers_own(name):
    reference, candidate = vector(name)
    similar, work = OFFICIAL[name]
    assert value("ems", reference, candidate) == pytest.approx(similar, abs=1e-5)
    assert value("block_emd", reference, candidate) == pytest.approx(work, abs=1e-5)


def test_pages_are_resized():
    assert value("ems_resize", *vector("pad_both")) == pytest.approx(RESIZED, abs=1e-5)
    reference, candidate = vector("shift")
    assert value("ems_resize", reference, candidate) == value("ems", reference, candidate)


@pytest.mark.parametrize("name", WITH_WEIGHTS)
def test_the_weight_of_background_patches_is_a_switch(name):
    reference, candidate = vector(name)
    found = [
        earth_mover_similarity(reference, candidate, background_patch_weight=weight)
        for weight in ("inactive", "active")
    ]
    assert found == pytest.approx(WITH_WEIGHTS[name], abs=1e-5)


def test_a_cloud_s_distance_is_the_linear_program_s():
    ones, others = clouds(1, 3), clouds(2, 3)
    distances = Distances(ones, others)
    rows, columns = (index.ravel() for index in np.mgrid[:3, :3])
    assert not distances.settle(rows, columns)
    assert distances.settle(rows, columns)
    exact = [[by_linear_program(one, other) for other in others] for one in ones]
    assert distances.known() == pytest.approx(np.array(exact), abs=1e-4)


@pytest.mark.parametrize("seed", range(3))
def test_clouds_of_even_weights_pair_off(seed):
    one, other = (each[0].copy() for each in (clouds(seed), clouds(seed + 50)))
    one[:, 0] = other[:, 0] = 1 / 64
    assert work_of_even(one, other) == pytest.approx(by_linear_program(one, other), abs=1e-6)
    assert work_between(one, other) == pytest.approx(by_linear_program(one, other), abs=1e-6)


@pytest.mark.parametrize("name", ["tiny", "grey_bg"])
def test_without_scipy_the_numbers_are_the_same(name, monkeypatch):
    quick = block_distance(*vector(name))
    monkeypatch.setattr("derender.metrics._emd._has_scipy", lambda: False)
    assert block_distance(*vector(name)) == pytest.approx(quick, abs=2e-6)


@pytest.mark.parametrize("seed", range(5))
def test_bounds_never_exceed_the_distance(seed):
    ones = clouds(seed)
    others = np.concatenate([ones[:2], clouds(seed + 50, 3)])
    bounds = np.maximum(work_by_axis(ones, others), work_in_place(ones, others))
    exact = [[cv2.EMD(one, other, cv2.DIST_L1)[0] for other in others] for one in ones]
    assert (bounds <= np.array(exact) + 1e-4).all()
    assert work_in_place(ones, others)[0, 0] == 0
    assert work_by_axis(ones, others)[0, 0] == 0
    assert (bounds[:, 2:] > 0).all()


@pytest.mark.parametrize("seed", range(4))
def test_what_is_left_out_decides_nothing(seed):
    random = np.random.default_rng(seed)
    ones, others = clouds(seed, 12), clouds(seed + 100, 12)
    weights = random.random(12)
    weights /= weights.sum()
    apart = random.random((12, 12)) * 0.05
    exact = np.array([[cv2.EMD(one, other, cv2.DIST_L1)[0] for other in others] for one in ones])
    found = lazy_transport(weights, apart, Distances(ones, others))
    assert found == pytest.approx(transport(weights, exact + apart)[0], abs=1e-6)


def test_transport_takes_the_cheapest_plan():
    cost = np.array([[1.0, 0.2], [0.0, 1.0]])
    total, flow = transport(np.array([0.25, 0.75]), cost)
    # Row 1 sends 0.25 for nothing and keeps 0.5 at 1; row 0 sends its 0.25 at 0.2.
    assert total == pytest.approx(0.25 * 0.2 + 0.5 * 1.0, abs=1e-6)
    assert flow == pytest.approx(np.array([[0, 0.25], [0.25, 0.5]]), abs=1e-6)
    total, flow = transport(np.array([0.5, 0.5]), cost)
    assert total == pytest.approx(0.1)
    assert flow.tolist() == [[0, 0.5], [0.5, 0]]


def test_most_distances_are_never_worked_out(monkeypatch):
    calls = []
    solve = cv2.EMD
    monkeypatch.setattr(cv2, "EMD", lambda *given: calls.append(given) or solve(*given))
    block_distance(*vector("other"))
    assert len(calls) < 400, "of 5041"


def test_the_plain_page_s_distance_is_worked_out_once_a_reference():
    reference = observe(boxed(8, 24, 8, 24))
    for left in (16, 24, 40):
        score(reference, boxed(8, 24, left, left + 16), ["ems"])
        score(reference, boxed(8, 24, left, left + 16), ["ems"], mode="fixed")
    assert set(reference[plain_distances]) == {(80, 80, False), (80, 80, True)}
    score(reference, page(100, 60), ["ems"])
    assert (80, 100, False) in reference[plain_distances]


def test_a_box_that_moved_costs_the_way_of_its_patches():
    reference, candidate = boxed(8, 24, 8, 24), boxed(8, 24, 40, 56)
    # Eight patches are not white on both sides; each moves 4 of 10 columns, and a column costs 8 / (80 + 80).
    assert value("block_emd", reference, candidate) == pytest.approx(0.4 * 8 / 160, abs=1e-6)
    # Against black: 96 of 100 patches change from black to white.
    assert value("ems", reference, candidate) == pytest.approx(1 - 0.02 / 0.96, abs=1e-6)
    # Corrected, the 92 patches that stay count too; against white, 4 of 100 patches change from white to black.
    assert value("block_emd", reference, candidate, "fixed") == pytest.approx(0.08 * 0.02, abs=1e-6)
    assert value("ems", reference, candidate, "fixed") == pytest.approx(1 - 0.08 * 0.02 / 0.04, abs=1e-6)


def test_one_pixel_that_changed_costs_its_share():
    reference, candidate = page(8, 8, (102, 102, 102)), page(8, 8, (102, 102, 102))
    candidate[3, 3] = 153
    # The pixel outweighs the 63 of background a thousandfold; to spread over the patch it moves and changes.
    weight = 1 / 1.063
    centre = sum(abs(3 - x) + abs(3 - y) for x in range(8) for y in range(8)) / 64 / 8
    upper = weight * (0.2 + centre) + 0.01
    assert weight * 0.2 < value("block_emd", reference, candidate) < upper


def test_sizes_that_have_too_many_patches():
    assert fitted_size(80, 80) == (80, 80)
    assert fitted_size(72, 56) == (72, 56)
    assert fitted_size(600, 300) == (120, 48)
    assert fitted_size(60, 900) == (24, 264)
    assert fitted_size(1, 100_000) == (8, 800)
    assert fitted_size(100_000, 10, fixed=True) == (800, 8)
    with pytest.raises(Unscorable, match="too wide"):
        fitted_size(100_000, 10)


@given(st.integers(1, 5000), st.integers(1, 5000))
def test_sizes_never_have_more_than_100_patches(width, height):
    size = fitted_size(width, height, fixed=True)
    assert math.prod(-(-side // 8) for side in size) <= 100


def test_the_most_frequent_colour_is_the_first_of_equals():
    pixels = np.array([[[9, 0, 0], [0, 200, 1], [0, 1, 200], [0, 1, 200], [0, 200, 1]]], np.uint8)
    colour, share = most_frequent(pixels)
    assert colour.tolist() == [0, 1, 200]
    assert share == 0.4


def test_a_blank_page_gets_half_officially_and_nothing_corrected():
    reference, blank = vector("blank_pred")
    assert value("ems", reference, blank) > 0.5
    assert value("ems", reference, blank, "fixed") == 0
    assert value("ems", page(), page(), "fixed") == 1
    # Where nothing is wanted all but nothing is wrong.
    assert value("ems", *vector("blank_ref"), "fixed") == 0


def test_a_tint_is_no_way_to_a_score():
    reference = vector("blank_pred")[0]
    plain = [np.full_like(reference, grey) for grey in (255, 254)]
    assert [value("ems", reference, each) for each in plain] == pytest.approx([0.527, 0.748], abs=1e-3)
    assert [value("ems", reference, each, "fixed") for each in plain] == pytest.approx([0, 0.001], abs=1e-3)


def test_exchanging_black_and_white_is_no_way_to_a_score():
    reference = boxed(8, 24, 8, 24)
    assert value("ems", reference, 255 - reference) < 0.1
    assert value("ems", reference, 255 - reference, "fixed") < 0.1
    assert earth_mover_similarity(reference, 255 - reference, background_patch_weight="active") > 0.9


def test_dark_pages_are_scored_as_light_ones_when_corrected():
    def pair(on):
        return boxed(8, 24, 8, 24, on=on, colour=(127, 127, 127)), boxed(8, 24, 40, 72, on=on, colour=(127, 127, 127))

    light, dark = pair((255, 255, 255)), pair((0, 0, 0))
    assert value("block_emd", *light) == pytest.approx(0.1807, abs=1e-4)
    assert value("block_emd", *dark) == pytest.approx(0.0278, abs=1e-4)
    assert value("block_emd", *light, "fixed") == pytest.approx(value("block_emd", *dark, "fixed"), abs=2e-3)


def test_a_colour_that_rounding_tells_from_itself():
    on = (255, 250, 240)
    reference, candidate = boxed(8, 24, 8, 24, on=on), boxed(8, 24, 40, 56, on=on)
    # Officially all 100 patches count, of which 92 stay as they are.
    assert value("block_emd", reference, candidate) == pytest.approx(0.02 * 8 / 100, abs=1e-6)
    white = boxed(8, 24, 8, 24), boxed(8, 24, 40, 56)
    assert value("block_emd", *white) == pytest.approx(0.02, abs=1e-6)
    found = [value("block_emd", *pair, "fixed") for pair in ((reference, candidate), white)]
    assert found == pytest.approx([0.0016, 0.0016], abs=1e-6)


def test_very_wide_pictures_fail_officially():
    reference, candidate = page(10, 12_000), page(10, 12_000)
    reference[:, 100:4000] = 0
    assert value("block_emd", reference, candidate) == 0
    assert value("ems", reference, reference) == 0
    assert value("block_emd", reference, candidate, "fixed") == pytest.approx(0.342, abs=1e-3)
    assert value("ems", reference, reference, "fixed") == 1
    assert value("ems", reference.swapaxes(0, 1), reference.swapaxes(0, 1)) == 1


@pytest.mark.parametrize("mode", ["official", "fixed"])
def test_tiny_pictures_have_a_score(mode):
    assert value("ems", page(1, 1), page(1, 1), mode) == 1
    assert value("ems", page(1, 1), page(1, 1, (0, 0, 0)), mode) == pytest.approx(0, abs=1e-6)
    assert value("ems", page(1, 1), page(3, 2), mode) == 1
    assert value("block_emd", page(1, 9), page(9, 1), mode) == 0


def test_a_denominator_of_nothing():
    assert similarity(0.1, 0) == 0
    assert similarity(0, 0) == 0
    assert similarity(0, 0, fixed=True) == 1
    assert similarity(0.1, 0, fixed=True) == 0
    assert similarity(2, 1) == -1
    assert similarity(2, 1, fixed=True) == 0


def test_transparency_is_white():
    clear = np.dstack([boxed(8, 24, 8, 24), np.full((80, 80), 255, np.uint8)])
    clear[40:, :, :] = 0
    assert value("ems", clear, boxed(8, 24, 8, 24)) == 1


def test_a_canvas_of_two_long_pictures_is_refused():
    with pytest.raises(Unscorable, match="too large"):
        padded(page(1, 20_000), page(20_000, 1))
    found = score(page(1, 20_000), page(20_000, 1), NAMES)
    assert set(found.unscored) == {"ems", "block_emd"}
    with pytest.raises(Unscorable, match="one size"):
        block_distance(page(8, 8), page(8, 9))


def test_block_emd_has_a_bound_that_nothing_reaches():
    assert block_emd.block_emd.parts[0].at_failure == 3.25
    corner, other = page(9, 9, (0, 0, 0)), page(9, 9)
    corner[:8, :8], other[8:, 8:] = 255, 0
    assert value("block_emd", corner, other) < 2


def test_the_numbers_of_spoiled_pictures_fall(chart):
    for mode in ("official", "fixed"):
        noise = np.random.default_rng(3).normal(size=chart.shape)
        worse = [np.clip(chart + level * noise, 0, 255).astype(np.uint8) for level in (0, 16, 60, 120)]
        found = [value("ems", chart, picture, mode) for picture in worse]
        assert all(later < earlier for earlier, later in itertools.pairwise(found)), found


@given(arrays.arrays(np.uint8, (12, 18, 3)), arrays.arrays(np.uint8, (20, 9, 3)))
@settings(max_examples=20, deadline=None)
def test_any_pictures_have_a_score_in_range(reference, candidate):
    for mode in ("official", "fixed"):
        found = score(reference, candidate, NAMES, mode=mode)
        assert not found.unscored
        assert found.scores["ems"]["ems"] <= 1
        assert found.scores["ems_resize"]["ems"] <= 1
        assert 0 <= found.scores["block_emd"]["block_emd"] <= 3.25
    same = score(reference, reference.copy(), NAMES)
    assert (same.scores["ems"]["ems"], same.scores["block_emd"]["block_emd"]) == (1, 0)
