"""Pictures no one would trace by hand still give a program, short and soon."""

import cv2
import numpy as np
import pytest

from derender.models.trace import write


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 300, 3), (300, 1, 4), (3, 3, 3), (5, 5, 3), (40, 60, 3), (40, 60, 4)])
def test_blank_and_tiny(trace, drawn, shape):
    image = np.full(shape, 200, np.uint8)
    scene = trace.scene(image)
    assert (scene.height, scene.width) == shape[:2]
    redrawn = drawn(write(scene, "svg").source, (shape[1], shape[0]))
    assert abs(redrawn.astype(int) - 200).max() <= 1 or shape[2] == 4


def test_a_transparent_sheet_is_empty(trace):
    scene = trace.scene(np.zeros((50, 50, 4), np.uint8))
    assert scene.background is None and not scene.shapes and not scene.texts


def test_a_photograph_is_bounded(trace, drawn):
    random = np.random.default_rng(1)
    coarse = random.normal(0, 1, (8, 10, 3)).astype(np.float32)
    image = (
        cv2.resize(coarse, (416, 320), interpolation=cv2.INTER_CUBIC) * 50 + 128 + random.normal(0, 8, (320, 416, 3))
    )
    image = np.clip(image, 0, 255).astype(np.uint8)
    source = trace.convert(image, "svg").source
    assert 1_000 < len(source) < 64_000
    redrawn = drawn(source, (416, 320))
    assert abs(redrawn.astype(int) - image).mean() < 0.6 * abs(image - image.mean(axis=(0, 1))).mean()


def test_a_large_picture_keeps_its_size(trace):
    image = np.full((2200, 3000, 3), 255, np.uint8)
    image[300:1800, 400:1400] = (40, 90, 200)
    scene = trace.scene(image)
    assert (scene.width, scene.height) == (3000, 2200)
    (rect,) = scene.shapes
    assert (rect.x, rect.y, rect.width, rect.height) == pytest.approx((400, 300, 1000, 1500), abs=2)
