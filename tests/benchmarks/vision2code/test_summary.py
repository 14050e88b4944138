"""A run summed up as the paper does it, by hand."""

import pytest

from derender.benchmarks.statistics import Resampling
from derender.benchmarks.vision2code import DomainMap, Rated, summarise
from derender.benchmarks.vision2code.summary import official_macro

FEW = Resampling(resamples=300)
RUN = [
    Rated("ChartQA", True, 4.0, 4.0, {"structure_layout_fidelity": 4.0}),
    Rated("ChartQA", True, 5.0, 5.0, {"structure_layout_fidelity": 5.0}),
    Rated("ChartQA", False, 0.0, 0.0, {"structure_layout_fidelity": 0.0}),
    Rated("OlympiadBench", True, 2.5, 3.1),
    Rated("OlympiadBench", True, None, unscored="the judge's reply can't be read"),
]


def test_the_headline_is_the_mean_of_datasets_and_not_of_samples():
    found = summarise(RUN, how=FEW)
    assert found.score == 2.75
    assert found.raw_score == 3.05
    assert (found.all.n, found.all.rated, found.all.rendered) == (5, 4, 4)
    assert found.all.final == 2.875
    assert found.datasets["ChartQA"].categories == {"structure_layout_fidelity": 3.0}
    assert found.datasets["OlympiadBench"].final == 2.5
    assert found.all.render_rate == 0.8


def test_a_program_that_fails_is_0_and_a_rating_that_fails_is_left_out_and_said():
    found = summarise(RUN, how=FEW)
    assert found.bins == {"0-1": 1, "1-2": 0, "2-3": 1, "3-4": 0, "4-5": 2}
    assert found.unscored == {"the judge's reply can't be read": 1}


def test_a_failure_of_the_machine_counts_neither_as_a_rating_nor_as_a_picture_that_lacks():
    lost = Rated("ChartQA", None, None, unscored="the worker died twice")
    found = summarise([*RUN, lost], how=FEW)
    assert (found.all.n, found.all.drawn, found.all.render_rate) == (6, 5, 0.8)
    assert found.score == 2.75
    assert found.unscored["the worker died twice"] == 1


def test_intervals_are_of_their_own_headline():
    found = summarise(RUN, how=FEW)
    assert found.macro.value == pytest.approx(2.75)
    assert found.micro.value == pytest.approx(2.875)
    assert found.macro.low <= found.macro.value <= found.macro.high


def test_olympiadbench_belongs_where_one_says():
    assert summarise(RUN, how=FEW).domains == {"Charts&Plots": 3.0, "Geometry": 2.5}
    assert summarise(RUN, DomainMap.CODE, FEW).domains == {"Charts&Plots": 3.0, "Science": 2.5}


def test_means_are_rounded_before_they_are_averaged():
    assert official_macro([1.00004, 1.00004, 1.00014]) == 1.0
    assert official_macro([2.0, None, 3.0]) == 2.5
    assert official_macro([]) is None


def test_a_run_without_any_rating():
    found = summarise([Rated("ChartQA", True, None)], how=FEW)
    assert found.score is None and found.all.final is None
    assert found.unscored == {"no rating": 1}
    assert summarise([], how=FEW).all.render_rate == 0.0


def test_sums_are_added_up_one_by_one_as_in_the_paper():
    finals = (0.8, 3.6, 4.8, 0.4, 1.6, 0.7, 3.1, 4.8, 2.8, 3.0, 4.1, 2.4, 5.0, 1.3, 0.6, 3.1)
    # Their exact mean is 2.63125, and a more exact sum would be rounded up.
    found = summarise([Rated("ChartQA", True, final, final) for final in finals], how=FEW)
    assert found.all.final == found.all.raw == found.score == 2.6312
