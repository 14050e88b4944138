"""What is blank or degenerate: the published bounds to the pixel, and beside the reference."""

import io
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image, ImageDraw

from derender.core import UserError
from derender.judges import Inspection, inspect, inspect_pixels, is_emptier


def _grey(levels):
    return np.repeat(np.asarray(levels, np.uint8)[:, :, None], 3, axis=2)


def _white(height=100, width=100, *, black=0, level=255):
    levels = np.full(height * width, level, np.uint8)
    levels[:black] = 0
    return _grey(levels.reshape(height, width))


def _png(pixels):
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def _molecule(*, strokes=6, size=400):
    image = Image.new("RGB", (size, size), "white")
    draw = ImageDraw.Draw(image)
    corners = [(120 + 60 * x, 200 + 40 * y) for x, y in [(0, 0), (1, -1), (2, 0), (2, 1), (1, 2), (0, 1), (0, 0)]]
    for start, end in list(pairwise(corners))[:strokes]:
        draw.line([start, end], fill="black", width=2)
    return np.asarray(image)


def test_a_white_picture_sets_off_all_but_the_size():
    found = inspect_pixels(_white())
    assert found.checks == ("near_zero_variance", "near_monochrome", "mostly_empty_canvas")
    assert (found.mean, found.variance, found.near_white, found.near_black) == (255.0, 0.0, 1.0, 0.0)


def test_exactly_the_bound_of_emptiness_does_not_fire():
    assert inspect_pixels(_white(black=149)).checks == ("mostly_empty_canvas",)
    assert inspect_pixels(_white(black=150)).checks == ()
    assert inspect_pixels(255 - _white(black=149)).checks == ("mostly_empty_canvas",)
    assert inspect_pixels(255 - _white(black=150)).checks == ()


def test_white_begins_at_250_and_black_ends_at_5():
    checker = np.indices((100, 100)).sum(0) % 2
    assert inspect_pixels(_grey(np.where(checker, 250, 5))).near_white == 0.5
    assert inspect_pixels(_grey(np.where(checker, 250, 5))).near_black == 0.5
    assert inspect_pixels(_grey(np.where(checker, 249, 6))).near_white == 0.0
    assert inspect_pixels(_grey(np.where(checker, 249, 6))).near_black == 0.0


def test_a_side_below_32_is_too_small():
    noise = np.random.default_rng(0).integers(0, 256, (200, 31, 3), np.uint8)
    assert inspect_pixels(noise).checks == ("too_small",)
    assert inspect_pixels(np.concatenate([noise, noise[:, :1]], axis=1)).checks == ()


def test_the_range_of_greys_must_reach_10():
    half = np.indices((100, 100))[1] % 2
    assert inspect_pixels(_grey(100 + 9 * half)).checks == ("near_monochrome",)
    assert inspect_pixels(_grey(100 + 10 * half)).checks == ()


def test_the_variance_must_reach_4():
    levels = np.full(10_000, 100)
    levels[:98] = 120
    assert inspect_pixels(_grey(levels.reshape(100, 100))).variance == pytest.approx(3.8816, abs=1e-4)
    assert inspect_pixels(_grey(levels.reshape(100, 100))).checks == ("near_zero_variance",)
    levels[:104] = 120
    assert inspect_pixels(_grey(levels.reshape(100, 100))).checks == ()


def test_greys_are_those_of_the_usual_weights():
    pixels = np.random.default_rng(1).integers(0, 256, (64, 48, 3), np.uint8)
    grey = np.asarray(Image.fromarray(pixels).convert("L"), np.float64)
    found = inspect(_png(pixels))
    assert (found.width, found.height) == (48, 64)
    assert found.mean == round(float(grey.mean()), 4)
    assert found.variance == round(float(grey.var()), 4)


def test_no_picture_and_no_readable_one_are_told_apart(tmp_path):
    (tmp_path / "text.png").write_text("this is no picture")
    whole = _png(np.random.default_rng(2).integers(0, 256, (64, 64, 3), np.uint8))
    (tmp_path / "cut.png").write_bytes(whole[: len(whole) // 2])
    assert inspect(None).checks == inspect(tmp_path / "absent.png").checks == ("missing_candidate_image",)
    assert inspect(tmp_path / "text.png").checks == ("unreadable_image:UnidentifiedImageError",)
    assert inspect(tmp_path / "cut.png").checks == ("unreadable_image:OSError",)
    assert not inspect(tmp_path / "cut.png").readable


def test_a_sparse_drawing_is_blank_as_published_and_not_beside_its_reference():
    molecule = inspect_pixels(_molecule())
    assert molecule.checks == ("mostly_empty_canvas",)
    assert not is_emptier(molecule, molecule)
    assert not is_emptier(inspect_pixels(_molecule(strokes=3)), molecule)


@pytest.mark.parametrize("reference", [_molecule(), _white(black=3000), _grey(np.full((50, 50), 90) + np.eye(50) * 40)])
def test_an_empty_candidate_stays_blank_beside_any_drawing(reference):
    assert is_emptier(inspect_pixels(_white()), inspect_pixels(reference))
    assert is_emptier(inspect_pixels(_white(level=0)), inspect_pixels(reference))


def test_a_dense_reference_excuses_no_sparse_candidate():
    assert is_emptier(inspect_pixels(_molecule()), inspect_pixels(_white(black=4000)))


def test_a_small_candidate_is_excused_by_a_small_reference_only():
    noise = np.random.default_rng(3).integers(0, 256, (20, 20, 3), np.uint8)
    large = np.random.default_rng(3).integers(0, 256, (90, 90, 3), np.uint8)
    assert not is_emptier(inspect_pixels(noise), inspect_pixels(noise))
    assert is_emptier(inspect_pixels(noise), inspect_pixels(large))


def test_beside_a_reference_that_cannot_be_read_every_check_counts():
    assert is_emptier(inspect_pixels(_molecule()), inspect(None))
    assert is_emptier(inspect(None), inspect_pixels(_molecule()))
    assert not is_emptier(inspect_pixels(_white(black=4000)), inspect(None))


def test_the_published_record_can_be_read_back():
    found = inspect_pixels(_molecule())
    assert Inspection.of_record(found.record()) == found
    assert Inspection.of_record(inspect(None).record()) == inspect(None)
    with pytest.raises(UserError, match="near_white_ratio"):
        Inspection.of_record({**found.record(), "near_white_ratio": None})
