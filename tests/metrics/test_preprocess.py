"""How pictures are prepared for models, step by step and as their folders ask for it."""

import json

import numpy as np
import pytest
from PIL import Image

from derender.metrics import Unscorable
from derender.metrics._preprocess import BILINEAR, IMAGENET, OPENAI, Preprocess, from_folder, letterboxed, resized


def noise(height, width):
    return np.random.default_rng(4).integers(0, 256, (height, width, 3), dtype=np.uint8)


def by_hand(pixels, size, box, colours, resample=Image.Resampling.BICUBIC):
    shown = np.asarray(Image.fromarray(pixels).resize(size, resample).crop(box), np.float64) / 255
    return ((shown - colours[0]) / colours[1]).transpose(2, 0, 1)


def test_the_shorter_side_is_scaled_and_the_middle_is_cut():
    # 300x401 → 224x299 (299.4 rounded down), of which the rest of 75 rows is odd.
    page = noise(401, 300)
    floor, nearest = (Preprocess(224, crop=224, nearest=choice)(page) for choice in (False, True))
    assert floor.dtype == np.float32
    np.testing.assert_allclose(floor, by_hand(page, (224, 299), (0, 37, 224, 261), IMAGENET), atol=1e-6)
    np.testing.assert_allclose(nearest, by_hand(page, (224, 299), (0, 38, 224, 262), IMAGENET), atol=1e-6)


def test_a_fixed_size_ignores_the_aspect_ratio():
    page = noise(50, 90)
    found = Preprocess((30, 20), resample=BILINEAR, mean=OPENAI[0], std=OPENAI[1])(page)
    np.testing.assert_allclose(
        found, by_hand(page, (30, 20), (0, 0, 30, 20), OPENAI, Image.Resampling.BILINEAR), atol=1e-6
    )


def test_a_letterbox_shows_the_whole_in_the_middle_of_white():
    page = np.zeros((20, 40, 3), np.uint8)
    found = letterboxed(page, 80)
    assert found.shape == (80, 80, 3)
    assert (found[:20] == 255).all()
    assert (found[20:60] == 0).all()
    assert (found[60:] == 255).all()
    assert letterboxed(np.zeros((1, 5000, 3), np.uint8), 80)[39].sum() == 0


def test_a_strip_is_refused_before_it_fills_the_memory():
    with pytest.raises(Unscorable, match="40000x1 pixels is too long and narrow"):
        Preprocess(224, crop=224)(np.zeros((1, 40_000, 3), np.uint8))


def test_the_size_wanted_is_given_as_it_is():
    page = noise(9, 7)
    assert resized(page, (7, 9)) is page


@pytest.mark.parametrize(
    ("config", "wanted"),
    [
        (
            {"size": {"shortest_edge": 256}, "crop_size": {"height": 224, "width": 224}, "resample": 2},
            Preprocess(256, crop=224, resample=2),
        ),
        ({"size": 224, "crop_size": 224, "do_center_crop": False}, Preprocess(224)),
        ({"size": {"height": 10, "width": 20}, "image_mean": [0, 0, 0]}, Preprocess((20, 10), mean=(0, 0, 0))),
        ({"do_resize": False}, Preprocess(None)),
        ({"size": {"height": 9, "width": 9}, "crop_size": None, "do_center_crop": None}, Preprocess((9, 9))),
    ],
)
def test_a_models_folder_says_how_it_wants_its_pictures(tmp_path, config, wanted):
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(config))
    assert from_folder(tmp_path, Preprocess(100)) == wanted


def test_a_folder_that_says_nothing_leaves_the_default(tmp_path):
    assert from_folder(tmp_path, Preprocess(100, crop=50)) == Preprocess(100, crop=50)
