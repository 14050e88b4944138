"""Scoring many pairs."""

import itertools
import threading
from contextlib import closing

import numpy as np
import pytest

from derender.core import UnknownName
from derender.metrics import Fact, Mode, Part, Unscorable, get_metric, metric, observe, score, score_many
from derender.metrics._facts import rgb
from derender.metrics._processes import Processes, belongs_elsewhere


def test_results_come_in_order_and_equal_those_of_single_calls(chart):
    candidates = [np.clip(chart.astype(int) + shift, 0, 255).astype(np.uint8) for shift in range(0, 120, 5)]
    many = list(score_many(((chart, candidate) for candidate in candidates), ["mse", "ssim", "edges"], jobs=3))
    assert many == [score(chart, candidate, ["mse", "ssim", "edges"]) for candidate in candidates]


def test_a_bad_pair_is_unscored_and_the_others_go_on(chart, tmp_path):
    (tmp_path / "torn.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    pairs = [(chart, chart), (chart, tmp_path / "torn.png"), (chart, object()), (object(), chart), (chart, chart)]
    good, torn, odd, odd_reference, last = score_many(pairs, ["mse"], jobs=2)
    assert good.scores == last.scores == {"mse": {"mse": 0.0}}
    assert "torn.png" in torn.unscored["mse"]
    assert "object" in odd.unscored["mse"]
    assert "object" in odd_reference.unscored["mse"]


def test_unknown_metrics_are_refused_before_anything_is_taken(chart):
    with pytest.raises(UnknownName):
        score_many(iter([]), ["nothing"])


def test_an_endless_stream_is_taken_as_results_are_asked_for(chart):
    taken = itertools.count()
    pairs = ((chart, chart) for _ in taken)
    results = score_many(pairs, ["mse"], jobs=2)
    assert [next(results).scores for _ in range(3)] == [{"mse": {"mse": 0.0}}] * 3
    results.close()
    assert next(taken) < 20


def test_pairs_are_scored_side_by_side(chart):
    meeting = threading.Barrier(2, timeout=20)

    @metric("meeting", (Part("met"),), needs=(rgb,), source="here", cost_ms=1)
    def both(reference, candidate):
        """1 when two comparisons run at the same time; waits for the other."""
        meeting.wait()
        return {"met": 1.0}

    results = list(score_many([(chart, chart)] * 4, [both], jobs=2))
    assert [result.scores["meeting"]["met"] for result in results] == [1.0] * 4


def test_a_reference_is_read_once_for_pairs_that_follow_each_other(chart, tmp_path):
    from PIL import Image

    path = tmp_path / "reference.png"
    Image.fromarray(chart).save(path)
    results = score_many(((path, chart) for _ in range(12)), ["mse"], jobs=1)
    next(results)
    path.unlink()
    assert all(result.scores == {"mse": {"mse": 0.0}} for result in results)


def test_what_is_quicker_for_many_is_observed_for_many_at_once(chart):
    batches = []

    def brightness(sides):
        batches.append(len(sides))
        return [side[rgb].mean() if side[rgb].any() else Unscorable("it is black") for side in sides]

    mean = Fact("mean", lambda facts: brightness([facts])[0], batch=brightness)

    @metric("brighter", (Part("brighter", -255, 255),), needs=(mean,), source="here", cost_ms=0)
    def brighter(reference, candidate):
        return {"brighter": candidate[mean] - reference[mean]}

    candidates = [np.full_like(chart, value) for value in range(100)]
    results = list(score_many(((chart, candidate) for candidate in candidates), [brighter]))
    assert batches == [65, 36]
    assert results[0].unscored == {"brighter": "it is black"}
    assert [one.scores for one in results[1:]] == [score(chart, one, [brighter]).scores for one in candidates[1:]]


def test_long_work_on_pixels_is_done_by_other_processes_with_the_same_results(chart):
    names = ["ems", "mse", "block_emd"]
    assert [belongs_elsewhere(get_metric(name)) for name in names] == [True, False, True]
    candidates = [255 - chart, chart, np.roll(chart, 9, axis=1), chart[:200]]
    pairs = [(chart, candidate) for candidate in candidates]
    assert list(score_many(pairs, names, jobs=3)) == [score(*pair, names) for pair in pairs]


def test_a_process_that_is_lost_loses_no_score(chart):
    with closing(Processes(1)) as processes:
        sides, metrics = (observe(chart), observe(255 - chart)), [get_metric("block_emd")]
        first = processes.score(sides, metrics, Mode.OFFICIAL)
        assert first is not None and first.scores == score(chart, 255 - chart, ["block_emd"]).scores
        (process,) = processes._all
        process.kill()
        process.wait()
        assert processes.score(sides, metrics, Mode.OFFICIAL) == first, "another takes its place"
    assert all(process.returncode is not None for process in processes._all)


def test_work_stays_here_where_it_must(chart):
    own = metric("mine", (Part("mine"),), needs=(rgb,), source="here", cost_ms=900)(lambda *_: {"mine": 1.0})
    assert not belongs_elsewhere(own), "a process knows the catalogue's metrics alone"
    assert not any(belongs_elsewhere(get_metric(name)) for name in ("ssim", "words", "lpips_vgg", "chartmimic"))


def test_a_fault_of_ours_in_one_metric_of_one_pair_loses_nothing_else(chart):
    @metric("faulty", (Part("faulty"),), needs=(rgb,), source="here", cost_ms=0)
    def faulty(reference, candidate):
        return {"faulty": 1 / int(candidate[rgb].max())}

    good, black, last = score_many([(chart, chart), (chart, np.zeros_like(chart)), (chart, chart)], [faulty, "mse"])
    assert good.scores == last.scores and set(good.scores) == {"faulty", "mse"}
    assert list(black.scores) == ["mse"]
    assert "a fault of derender's own" in black.unscored["faulty"]
