"""The losses of benches of three-dimensional scenes, by hand and on pictures and embeddings made here."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from derender.core import BadPicture, UserError
from derender.metrics import Unscorable, score
from derender.metrics import scenes as s

VECTORS = arrays.arrays(np.float64, 8, elements=st.floats(-9, 9))
LOSSES = st.floats(0, 1)


def picture(value, width=4, height=3):
    return np.full((height, width, 3), value, np.uint8)


def photometric(reference, candidate, mode="official"):
    return score(reference, candidate, ["photometric"], mode=mode).scores["photometric"]["photometric"]


def noise(seed, shape=(30, 40, 3)):
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def test_the_photometric_loss_is_the_mean_square_in_0_to_1():
    one, other = picture(0, 2, 1), picture(0, 2, 1)
    other[0, 1] = (255, 51, 0)
    assert photometric(one, other) == pytest.approx((1 + 0.2**2) / 6, abs=1e-7)
    assert photometric(one, picture(255, 2, 1)) == 1
    assert photometric(one, one) == 0


def test_the_photometric_loss_agrees_with_double_precision():
    one, other = noise(1, (300, 400, 3)), noise(2, (300, 400, 3))
    exact = ((one.astype(float) - other) ** 2).mean() / 255**2
    assert photometric(one, other) == photometric(one, other, "fixed") == pytest.approx(exact, rel=1e-5)


def test_two_sizes_meet_at_the_candidates_officially_and_else_at_the_references():
    stripes = picture(0, 40, 20)
    stripes[:, ::2] = 255
    assert photometric(stripes, picture(127, 1, 1)) == pytest.approx(0, abs=1e-4)
    assert photometric(stripes, picture(127, 1, 1), "fixed") == pytest.approx(0.25, abs=1e-4)


def test_opacity_does_not_count():
    one = np.dstack([picture(9), picture(0)[..., 0]])
    assert s.photometric_loss(one, np.dstack([picture(9), picture(200)[..., 0]])) == 0
    for other in (picture(1, 5, 5), picture(1)[..., 0]):
        with pytest.raises(BadPicture, match="no photometric loss"):
            s.photometric_loss(one, other)


def test_what_a_renderer_makes_of_one_scene_is_its_noise_floor():
    renderings = [picture(100), picture(100), picture(151)]
    floor = s.noise_floor(renderings)
    assert floor.pairs == 3
    assert floor.highest == pytest.approx(0.04, abs=1e-7)
    assert floor.mean == pytest.approx(0.08 / 3, abs=1e-7)
    assert floor.tells_apart(0.1, 0.05)
    assert not floor.tells_apart(0.1, 0.07)
    with pytest.raises(Unscorable, match="two renderings"):
        s.noise_floor(renderings[:1])


def test_how_much_of_the_way_was_gone():
    assert s.recovered(0.1, 0.4) == pytest.approx(0.75)
    assert s.recovered(0.5, 0.4) == pytest.approx(-0.25)
    assert s.recovered(0.1, 0.4, floor=0.1) == 1
    assert s.recovered(0.01, 0.4, floor=0.1) == 1
    assert s.recovered(0.25, 0.4, floor=0.1) == pytest.approx(0.5)
    for start, floor in ((0.0, 0.0), (0.1, 0.2)):
        with pytest.raises(Unscorable, match="noise"):
            s.recovered(0.3, start, floor)


@given(LOSSES, LOSSES, st.floats(0.01, 1))
def test_the_nearer_to_the_goal_the_more_of_the_way_is_gone(one, other, start):
    nearer, further = sorted((one, other))
    assert s.recovered(further, start) <= s.recovered(nearer, start) <= 1


def test_n_clip_is_one_minus_the_cosine():
    assert s.n_clip([1, 0], [1, 1]) == pytest.approx(1 - math.sqrt(0.5))
    assert s.n_clip([1, 0], [-3, 0]) == 2


def test_rounding_may_make_n_clip_negative_in_the_official_mode_alone():
    many = np.random.default_rng(0).normal(size=(200, 512)).astype(np.float32)
    official = [s.n_clip(one, one * np.float32(3)) for one in many]
    assert min(official) < 0
    assert max(map(abs, official)) < 1e-5
    assert min(s.n_clip(one, one * np.float32(3), "fixed") for one in many) == 0


@pytest.mark.parametrize("vector", [[0.0, 0.0], [math.nan, 1], [math.inf, 1], [1e200, 1e200]])
def test_embeddings_without_a_direction_are_unscored(vector):
    with pytest.raises(Unscorable, match="no direction"):
        s.n_clip([1.0, 2.0], vector)
    with pytest.raises(UserError, match="2 and 3 numbers"):
        s.n_clip([1, 2], [1, 2, 3])


def test_the_direction_of_a_change():
    start, goal = np.array([1.0, 1.0]), np.array([2.0, 1.0])
    assert s.clip_direction(start, goal, goal) == 1
    assert s.clip_direction(start, goal, [7.0, 1.0]) == 1
    assert s.clip_direction(start, goal, [0.0, 1.0]) == -1
    assert s.clip_direction(start, goal, [1.0, 5.0]) == 0
    assert s.clip_direction(start, goal, [2.0, 2.0]) == pytest.approx(math.sqrt(0.5))
    assert s.clip_direction(start, goal, start) == 0
    with pytest.raises(Unscorable):
        s.clip_direction(start, start, goal)


@given(VECTORS, VECTORS, VECTORS)
def test_directions_and_n_clip_keep_to_their_ranges(one, other, third):
    try:
        assert -1 <= s.clip_direction(one, other, third) <= 1
        assert 0 <= s.n_clip(one, other, "fixed") <= 2
    except Unscorable:
        pass


ROUNDS = {str(n): s.Round(n_clip, 0.1 * n) for n, n_clip in ((1, 0.5), (2, 0.2), (9, 0.3), (10, 0.2))}


def test_the_best_round_is_the_first_with_the_least_n_clip():
    assert s.best_round(ROUNDS) == "2"
    with pytest.raises(Unscorable, match="no round"):
        s.best_round({})


def test_the_last_round_is_the_ninth_of_ten_officially():
    assert s.last_round(ROUNDS) == "9"
    assert s.last_round(ROUNDS, "fixed") == "10"
    with pytest.raises(UserError, match="numbers"):
        s.last_round({"final": s.Round(0, 0)})
    with pytest.raises(Unscorable):
        s.last_round({}, "fixed")


def test_missing_rounds_take_the_next_ones_losses_and_more():
    found = s.with_missing_rounds({3: s.Round(0.1, 0.2), 5: s.Round(0.05, 0.1)})
    assert list(found) == [1, 2, 3, 4, 5]
    assert found[1] == s.Round(0.2, 0.4)
    assert found[2].n_clip == pytest.approx(0.1 * (2 - 1 / 9))
    assert found[4].photometric == pytest.approx(0.1 * (2 - 3 / 9))
    assert found[3] == s.Round(0.1, 0.2)
    assert s.with_missing_rounds({}) == {}


@pytest.mark.parametrize(
    ("family", "results", "official", "fixed"),
    [
        (s.BLENDER_GYM["placement"], [0.1] * 20, 0.1, 0.55),
        (s.BLENDER_GYM["material"], [0.1] * 20, 0.55, 0.55),
        (s.BLENDER_GYM["lighting"], [0.02] * 40, -0.12, 0.02),
        (s.BLENDER_BENCH["level2"], [0.5] * 7, 0.5, 5.5 / 9),
    ],
)
def test_tasks_without_a_result_count_as_the_worst(family, results, official, fixed):
    found = s.final_score(results, family, missing=s.MISSING_N_CLIP)
    assert found.value == pytest.approx(official)
    assert (found.results, found.missing) == (len(results), family.tasks - len(results))
    corrected = s.final_score(results, family, missing=s.MISSING_N_CLIP, mode="fixed")
    assert corrected.value == pytest.approx(fixed)
    assert corrected.missing >= 0


def test_a_family_without_results_has_no_score():
    with pytest.raises(Unscorable, match="no task"):
        s.final_score([], s.BLENDER_BENCH["level1"], missing=s.MISSING_GRADE)


@pytest.mark.parametrize(
    ("reply", "official", "fixed"),
    [
        ("4. The cabinet is in place.", 4, 4),
        ("Score: 4. Good", 0, 4),
        ("-3. Bad", -3, None),
        ("100. Wonderful", 100, None),
        ("4.5. Fine", 4, 4.5),
        ("**3**: the lamp is missing", 0, 3),
        ("3", 0, 3),
        ("nan. What?", 0, None),
        ("I can't judge 2 pictures.", 0, None),
        ("", 0, None),
        ("9" * 5000 + ". x", 0, None),
        ("*" * 100_000, 0, None),
    ],
)
def test_the_grade_of_a_reply(reply, official, fixed):
    assert s.grade(reply) == official
    assert s.grade(reply, "fixed") == fixed
