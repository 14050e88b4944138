"""What every metric promises, whatever the pictures."""

import itertools
import json
import math

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from derender.core import Picture
from derender.metrics import get_metric, metric_names, observe, score

PICTURE_METRICS = [name for name in metric_names() if name != "words"]

sides = st.integers(1, 40)
shapes = st.tuples(sides, sides, st.just(3))


@st.composite
def pictures(draw, shape=shapes):
    """Noise, or flat blocks: what fuzzing finds and what programs draw."""
    size = draw(shape) if isinstance(shape, st.SearchStrategy) else shape
    if draw(st.booleans()):
        return draw(arrays.arrays(np.uint8, size))
    blocks = draw(arrays.arrays(np.uint8, (3, 3, 3)))
    return cv2.resize(blocks, (size[1], size[0]), interpolation=cv2.INTER_NEAREST)


@st.composite
def pairs_of_one_size(draw):
    shape = draw(shapes)
    return draw(pictures(shape)), draw(pictures(shape))


def values(reference, candidate, name):
    return score(reference, candidate, [name]).scores.get(name)


@given(pictures(), pictures())
@settings(max_examples=60, deadline=None)
def test_every_number_is_in_its_range_and_fit_for_json(reference, candidate):
    result = score(reference, candidate, PICTURE_METRICS)
    assert set(result.scores) | set(result.unscored) == set(PICTURE_METRICS)
    assert not set(result.scores) & set(result.unscored)
    assert json.loads(json.dumps(result.to_json(), allow_nan=False))["scores"] == result.scores
    for name, parts in result.scores.items():
        declared = {part.name: part for part in get_metric(name).parts}
        assert list(parts) == list(declared)
        for part, value in parts.items():
            assert value is None or declared[part].low <= value <= declared[part].high


@given(pictures())
@settings(max_examples=60, deadline=None)
def test_equal_pictures_get_the_best_value(picture):
    for name, parts in score(picture, picture.copy(), PICTURE_METRICS).scores.items():
        for part in get_metric(name).parts:
            assert parts[part.name] == pytest.approx(part.best), (name, part.name)


@given(pairs_of_one_size())
@settings(max_examples=60, deadline=None)
def test_symmetric_metrics_don_t_mind_which_side_is_which(pair):
    one, other = pair
    claimed = [name for name in PICTURE_METRICS if get_metric(name).symmetric]
    assert set(claimed) >= {"mse", "psnr", "ssim", "phash", "color_histogram"}
    there, back = score(one, other, claimed), score(other, one, claimed)
    assert there.scores == back.scores


@pytest.mark.parametrize("name", PICTURE_METRICS)
@pytest.mark.parametrize("spoil", ["noise", "blur"])
def test_a_worse_picture_never_scores_better(chart, name, spoil):
    part = get_metric(name).parts[0]
    towards_worse = [values(chart, worse, name)[part.name] for worse in spoiled(chart, spoil)]
    signed = [-value if part.higher_is_better else value for value in towards_worse]
    slack = 0.02 if name in {"phash", "edges"} else 1e-9
    assert all(later >= earlier - slack for earlier, later in itertools.pairwise(signed)), towards_worse
    assert signed[-1] >= signed[0], towards_worse
    if name != "phash":
        assert signed[-1] > signed[0], "spoiling must show"


def spoiled(picture, how):
    """Ever worse versions; noise is averaged over none, the seed being fixed."""
    if how == "noise":
        noise = np.random.default_rng(7).normal(size=picture.shape)
        return [np.clip(picture + level * noise, 0, 255).astype(np.uint8) for level in (0, 8, 24, 60, 120)]
    return [picture] + [cv2.GaussianBlur(picture, (0, 0), sigma) for sigma in (1, 2.5, 6, 12)]


@pytest.mark.parametrize("name", metric_names())
def test_a_metric_says_what_a_table_must_know(name):
    metric = get_metric(name)
    assert metric.name == name and metric.parts and metric.needs
    assert metric.summary.endswith(".") and metric.source and metric.cost_ms > 0
    assert all(part.low < part.high for part in metric.parts)
    assert all(math.isfinite(part.low) for part in metric.parts)


@pytest.mark.parametrize("name", metric_names())
def test_a_metric_reads_only_the_facts_it_declares(name, chart):
    metric = get_metric(name)
    reference, candidate = observe(worded(chart)), observe(worded(255 - chart))
    for side in (reference, candidate):
        for need in metric.needs:
            assert side[need] is side[need], "a fact is observed once"
        side._load = None
        known = set(side._known)
        metric(reference, candidate)
        assert set(side._known) - known <= {fact for fact in side._known if fact.name == "size"}


def worded(pixels):
    encoded = cv2.imencode(".png", pixels[:, :, ::-1])[1].tobytes()
    return Picture("chart.png", encoded, pixels.shape[1], pixels.shape[0], texts=("Sales 2024",))
