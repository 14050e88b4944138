"""What every metric promises, whatever the pictures."""

import json
import math
import statistics

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from derender.core import Picture, Program
from derender.metrics import get_metric, metric_names, observe, score

from .scenes import LEVELS, reference, spoiled

METRICS = [get_metric(name) for name in metric_names()]
AT_HAND = [metric.name for metric in METRICS if not metric.weights]
"""Those whose models are no question of what lies on a disk."""
PICTURE_METRICS = [
    name for name in AT_HAND if not get_metric(name).of_programs and get_metric(name).cost_ms <= 60 and name != "words"
]
"""Those that are quick enough to be tried on hundreds of pictures."""
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
    assert set(result.scores) | {name.partition(".")[0] for name in result.unscored} == set(PICTURE_METRICS)
    assert not set(result.scores) & set(result.unscored)
    assert json.loads(json.dumps(result.to_json(), allow_nan=False))["scores"] == result.scores
    for name, parts in result.scores.items():
        declared = {part.name: part for part in get_metric(name).parts}
        assert list(parts) == [part for part in declared if f"{name}.{part}" not in result.unscored]
        for part, value in parts.items():
            assert value is None or declared[part].low <= value <= declared[part].high


@given(pictures())
@settings(max_examples=60, deadline=None)
def test_equal_pictures_get_the_best_value(picture):
    # What published code gets wrong of equal pictures is among the defects that this mode corrects.
    for name, parts in score(picture, picture.copy(), PICTURE_METRICS, mode="fixed").scores.items():
        for part in get_metric(name).parts:
            if math.isfinite(part.best) and part.name in parts:
                assert parts[part.name] == pytest.approx(part.best), (name, part.name)


@given(pairs_of_one_size())
@settings(max_examples=60, deadline=None)
def test_symmetric_metrics_don_t_mind_which_side_is_which(pair):
    one, other = pair
    claimed = [name for name in PICTURE_METRICS if get_metric(name).symmetric]
    assert set(claimed) >= {"mse", "psnr", "ssim", "phash", "color_histogram"}
    there, back = score(one, other, claimed), score(other, one, claimed)
    for name in there.scores:
        assert there.scores[name] == pytest.approx(back.scores[name], abs=1e-6, nan_ok=False), name


YES_OR_NO = {"molecule_match", "treebleu", "webcode2m_treebleu"}
"""Metrics that don't see how much is wrong, or see kinds of things and not their number."""
OF_ONE_SIDE = {"executability", "molecule_validity"}
"""Metrics of the candidate alone, whatever the reference is."""


def goodness(metric, reference, candidate):
    """The first part on a scale where more is better; without a bound for equal sides where there is no value."""
    result = score(reference, candidate, [metric])
    part = metric.parts[0]
    value = result.scores[metric.name][part.name]
    if value is None:
        return math.inf
    return value if part.higher_is_better else -value


@pytest.mark.parametrize("name", [name for name in AT_HAND if name not in OF_ONE_SIDE])
def test_what_is_spoiled_more_is_worse_on_average(name):
    metric = get_metric(name)
    ways = WAYS if metric.of_programs or metric.family == "text" else [*WAYS, "noise", "blur", "crop"]
    if metric.cost_ms > 200:
        ways = ways[-2:]
    own = goodness(metric, reference(name), reference(name))
    means = [
        statistics.fmean(goodness(metric, reference(name), spoiled(name, what, level)) for what in ways)
        for level in LEVELS
    ]
    assert all(mean <= own + 1e-9 for mean in means), (own, means)
    assert own > means[-1] and means[0] >= means[-1], (own, means)
    if name not in YES_OR_NO:
        assert means[0] > means[-1], means


@pytest.mark.parametrize("name", sorted(OF_ONE_SIDE))
def test_a_metric_of_one_side_tells_what_works_from_what_does_not(name):
    metric = get_metric(name)
    broken = Program(reference(name).source[:7] + "(", reference(name).program.language)
    assert goodness(metric, reference(name), reference(name)) == 1.0
    assert score(reference(name), broken, [metric]).scores[name] == {metric.parts[0].name: 0.0}


WAYS = ["text", "colour", "elements"]


@pytest.mark.parametrize("name", metric_names())
def test_a_metric_says_what_a_table_must_know(name):
    metric = get_metric(name)
    assert metric.name == name and metric.parts and metric.needs
    assert metric.summary.endswith(".") and metric.source and metric.cost_ms > 0
    assert all(part.low < part.high for part in metric.parts)
    assert all(math.isfinite(part.low) or math.isfinite(part.high) for part in metric.parts)


@pytest.mark.parametrize(
    "name", [name for name in AT_HAND if not any(need.of_program for need in get_metric(name).needs)]
)
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
