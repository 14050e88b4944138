"""Films compared frame by frame and aligned, on tables made by hand and small pictures."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derender.core import UserError
from derender.metrics import Unscorable, get_metric, observe
from derender.metrics import video as v

TABLES = st.integers(1, 5).flatmap(
    lambda wide: st.lists(
        st.lists(st.sampled_from([0, 0.25, 0.5, 1]), min_size=wide, max_size=wide), min_size=1, max_size=5
    )
)


def film(*greys):
    return [observe(np.full((12, 16, 3), grey, np.uint8)) for grey in greys]


def alike(one, other):
    """1 where two plain pictures are of one grey, and less by their distance."""
    from derender.metrics._facts import grey

    return 1 - abs(int(one[grey][0, 0]) - int(other[grey][0, 0])) / 255


def test_frames_are_compared_by_number():
    found = v.by_number(film(0, 255, 51), film(0, 204), alike)
    assert found.frames == pytest.approx((1, 0.8, 0))
    assert found.mean == pytest.approx(0.6)
    assert found.lowest == 0
    assert v.by_number(film(0), film(0, 0), alike).mean == 0.5


def test_frames_are_compared_by_time():
    assert v.by_time(film(0, 255), film(0, 0, 7, 255), alike).frames == (1, 1)
    # Halfway is frame 1.5 of four: the earlier of two as near.
    assert v.by_time(film(0, 51, 255), film(0, 51, 255, 255), alike).frames == (1, 1, 1)
    assert v.by_time(film(0, 0, 0), film(0), alike).mean == 1
    assert v.by_time(film(0), film(0, 255), alike).mean == 1
    assert v.by_time(film(0, 9), [], alike).mean == 0


@given(st.lists(st.integers(0, 255), min_size=1, max_size=6))
@settings(max_examples=30, deadline=None)
def test_a_film_is_like_itself_in_every_way(greys):
    here = film(*greys)
    table = v.likeness_table(here, here, alike)
    scores = v.by_number(here, here, alike).mean, v.by_time(here, here, alike).mean
    assert (*scores, v.warped(table).score, v.in_order(table).score) == (1, 1, 1, 1)


def test_a_pause_is_nothing_to_warping_and_something_to_order():
    table = v.likeness_table(film(0, 120, 255), film(0, 120, 120, 120, 255), lambda *pair: float(alike(*pair) == 1))
    assert v.warped(table) == v.Alignment(1, ((0, 0), (1, 1), (1, 2), (1, 3), (2, 4)))
    assert v.in_order(table).score == pytest.approx(2 * 3 / 8)


def test_frames_in_another_order_do_not_fit():
    forth, back = film(0, 120, 255), film(255, 120, 0)
    table = v.likeness_table(forth, back, lambda *pair: float(alike(*pair) == 1))
    assert v.in_order(table).score == pytest.approx(2 / 6)
    assert v.warped(table).score < 0.7


def test_an_alignment_by_hand():
    table = [[0.5, 0.0], [1.0, 0.5]]
    # Down first: (0.5 twice) and 0 and 0.5; straight: twice 0.5 and twice 0.5.
    assert v.warped(table).score == pytest.approx(1 - (2 * 0.5 + 0 + 0.5) / 4)
    assert v.warped(table).pairs == ((0, 0), (1, 0), (1, 1))
    assert v.in_order(table) == v.Alignment(0.5, ((0, 0), (1, 1)))


def every_path(rows, columns):
    """All paths from corner to corner with the weight of each step."""

    def further(i, j, path):
        if (i, j) == (rows - 1, columns - 1):
            yield path
        for di, dj in ((1, 1), (1, 0), (0, 1)):
            if i + di < rows and j + dj < columns:
                yield from further(i + di, j + dj, [*path, (i + di, j + dj, di + dj)])

    return further(0, 0, [(0, 0, 2)])


@given(TABLES)
def test_alignments_are_the_best_of_all(table):
    rows, columns = len(table), len(table[0])
    costs = [sum(w * (1 - table[i][j]) for i, j, w in path) for path in every_path(rows, columns)]
    found = v.warped(table)
    assert found.score == pytest.approx(1 - min(costs) / (rows + columns))
    sums = [
        sum(table[i][j] for i, j in zip(some, others, strict=True))
        for count in range(min(rows, columns) + 1)
        for some in itertools.combinations(range(rows), count)
        for others in itertools.combinations(range(columns), count)
    ]
    ordered = v.in_order(table)
    assert ordered.score == pytest.approx(2 * max(sums) / (rows + columns))
    assert sum(table[i][j] for i, j in ordered.pairs) == pytest.approx(max(sums))
    across = [list(column) for column in zip(*table, strict=True)]
    assert v.warped(across).score == pytest.approx(found.score)
    assert v.in_order(across).score == pytest.approx(ordered.score)


def test_a_film_without_frames():
    assert v.warped([[], []]) == v.in_order([[], []]) == v.Alignment(0, ())
    for compare in (v.by_number, v.by_time, v.likeness_table):
        with pytest.raises(Unscorable, match="no frames"):
            compare([], film(0), alike)
    for align in (v.warped, v.in_order):
        with pytest.raises(Unscorable, match="no frames"):
            align([])


def test_long_films_and_bad_tables_are_refused():
    long = film(0) * 301
    for compare in (v.by_number, v.by_time, v.likeness_table):
        with pytest.raises(Unscorable, match="300 frames"):
            compare(film(0), long, alike)
    with pytest.raises(Unscorable, match="300"):
        v.distinct_frames(long, v.same_hash())
    for table in ([[0.5], [0.5, 1]], [[2.0]], [[float("nan")]]):
        with pytest.raises(UserError, match="table of likeness"):
            v.warped(table)
    assert v.warped([[1.0] * 300] * 300).score == 1


def test_likeness_is_of_any_metric(chart):
    same, blank = observe(chart), observe(np.full_like(chart, 255))
    assert v.likeness_of(get_metric("ssim"))(same, same) == pytest.approx(1)
    assert v.likeness_of(get_metric("mse"))(same, same) == 1
    assert 0 < v.likeness_of(get_metric("mse"))(same, blank) < 1
    assert v.likeness_of(get_metric("photometric"), "photometric", "fixed")(same, same) == 1
    noise = np.random.default_rng(0).integers(0, 256, (30, 40, 3), dtype=np.uint8)
    assert get_metric("ssim")(observe(noise), observe(255 - noise))["ssim"] < 0
    assert v.likeness_of(get_metric("ssim"))(observe(noise), observe(255 - noise)) == 0
    with pytest.raises(UserError, match="no part"):
        v.likeness_of(get_metric("ssim"), "nonsense")
    with pytest.raises(Unscorable):
        v.likeness_of(get_metric("ssim"))(observe(chart[:5]), observe(chart[:5]))


def test_distinct_frames(chart):
    moved = np.roll(chart, 40, axis=1)
    frames = [observe(each) for each in (chart, chart, moved, chart, moved, np.full_like(chart, 255))]
    for same in (v.same_hash(), v.same_ssim()):
        found = v.distinct_frames(frames, same)
        assert found.first == (0, 2, 5)
        assert found.share == 0.5
    still = v.distinct_frames([observe(chart)] * 7, v.same_ssim())
    assert (still.first, still.share) == ((0,), pytest.approx(1 / 7))


def test_the_thresholds_count(chart):
    spotted = chart.copy()
    spotted[100:130, 100:140] = 0
    frames = [observe(chart), observe(spotted)]
    assert v.distinct_frames(frames, v.same_ssim(0.5)).first == (0,)
    assert v.distinct_frames(frames, v.same_ssim(0.9999)).first == (0, 1)
    assert v.distinct_frames(frames, v.same_hash(64)).first == (0,)
