"""Edges, found and matched."""

import numpy as np
import pytest

from derender.metrics import observe, score
from derender.metrics.edges import edges, near_edges


def square(left, *, shade=0, size=40):
    picture = np.full((100, 160, 3), 255, np.uint8)
    picture[30 : 30 + size, left : left + size] = shade
    return picture


def agreement(reference, candidate):
    return score(reference, candidate, ["edges"]).scores["edges"]


def test_two_pixels_are_forgiven_and_more_are_not():
    assert agreement(square(60), square(62)) == {"f1": 1.0, "precision": 1.0, "recall": 1.0}
    moved = agreement(square(60), square(66))
    assert 0.4 < moved["f1"] < 0.8, "the sides are lost, top and bottom stay"


def test_what_is_missing_costs_recall_and_what_is_too_much_precision():
    both = np.minimum(square(20), square(100))
    assert agreement(both, square(20)) == pytest.approx({"f1": 2 / 3, "precision": 1.0, "recall": 0.5})
    assert agreement(square(20), both) == pytest.approx({"f1": 2 / 3, "precision": 0.5, "recall": 1.0})


def test_light_lines_such_as_grids_count():
    grid = np.full((60, 60), 255, np.uint8)
    grid[30] = 220
    assert observe(grid)[edges].any()


def test_a_blank_side_has_no_share_of_its_own():
    blank = np.full((100, 160, 3), 255, np.uint8)
    assert agreement(square(60), blank) == {"f1": 0.0, "precision": None, "recall": 0.0}
    assert agreement(blank, square(60)) == {"f1": 0.0, "precision": 0.0, "recall": None}


def test_two_blank_pictures_are_unscored():
    blank = np.full((20, 20), 90, np.uint8)
    assert score(blank, blank, ["edges"]).unscored == {"edges": "neither picture has an edge"}


def test_near_means_within_two_pixels_of_an_edge():
    facts = observe(square(60))
    rows, columns = np.nonzero(facts[edges])
    grid = np.indices(facts[edges].shape).transpose(1, 2, 0)
    squared = ((grid[:, :, None, :] - np.stack([rows, columns], -1)) ** 2).sum(-1).min(-1)
    assert ((facts[near_edges] > 0) == (squared <= 4)).all()
