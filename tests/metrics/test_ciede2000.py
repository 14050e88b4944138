import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from derender.metrics._ciede2000 import ciede2000, color_similarity, to_lab

COLORMATH = json.loads((Path(__file__).parent / "vectors" / "ciede2000.json").read_text())
"""What colormath 3.0.0 gives, under NumPy 1.26."""

SHARMA = [
    ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
    ((50.0, 0.0, 0.0), (50.0, -1.0, 2.0), 2.3669),
    ((50.0, 2.49, -0.001), (50.0, -2.49, 0.0009), 7.1792),
    ((50.0, 2.5, 0.0), (58.0, 24.0, 15.0), 19.4535),
    ((90.9257, -0.5406, -0.9208), (88.6381, -0.8985, -0.7239), 1.5381),
    ((2.0776, 0.0795, -1.135), (0.9033, -0.0636, -0.5514), 0.9082),
]
"""Of the test data published with the formula."""

colors = st.tuples(*[st.integers(0, 255)] * 3)


@pytest.mark.parametrize("row", COLORMATH)
def test_equals_colormath(row):
    one, other = row["rgb"]
    assert to_lab(one) == pytest.approx(row["lab"], abs=1e-11)
    assert float(ciede2000(to_lab(one), to_lab(other))) == pytest.approx(row["difference"], abs=1e-11)


@pytest.mark.parametrize(("one", "other", "expected"), SHARMA)
def test_equals_the_published_test_data(one, other, expected):
    assert float(ciede2000(one, other)) == pytest.approx(expected, abs=1e-4)


def test_many_at_once_are_what_each_is_alone():
    pairs = np.array([row["rgb"] for row in COLORMATH])
    together = color_similarity(pairs[:, 0], pairs[:, 1])
    assert together.tolist() == [float(color_similarity(*pair)) for pair in pairs]
    table = color_similarity(pairs[:, None, 0], pairs[None, :, 1])
    assert np.diag(table).tolist() == together.tolist()


def test_black_and_white_are_a_hundred_apart():
    assert float(color_similarity((0, 0, 0), (255, 255, 255))) == pytest.approx(0, abs=1e-6)


@given(colors, colors)
def test_symmetric_and_within_its_range(one, other):
    there, back = float(color_similarity(one, other)), float(color_similarity(other, one))
    assert there == pytest.approx(back, abs=1e-12)
    assert 0 <= there <= 1
    assert float(color_similarity(one, one)) == 1
