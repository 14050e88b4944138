"""InteractScience's scores over outcomes written here; the arithmetic was checked on the results it published."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derender.core import UserError
from derender.metrics import Unscorable
from derender.metrics.interaction import checklist_grade, judge_average, pass_rates, snapshot_average


def spec(*tries):
    return {"title": "a test", "tests": [{"results": [{"status": status} for status in tries]}]}


def described(*specs, **inner):
    return {"title": "a describe", "specs": list(specs), **inner}


REPORT = {
    "suites": [
        {
            "file": "a.spec.js",
            "specs": [],
            "suites": [described(spec("passed"), spec("failed")), described(spec("passed"))],
        },
        {"file": "b.spec.js", "specs": [], "suites": [described(spec("failed", "passed"))]},
        {"file": "c.spec.js", "specs": [spec("passed"), spec("timedOut")]},
        {"file": "d.spec.js", "specs": [], "suites": [described(suites=[described(spec("passed"))])]},
        {"file": "e.spec.js", "specs": [spec("skipped")], "suites": [described(spec("failed"))]},
    ]
}


def test_the_official_rates_count_only_tests_inside_one_describe():
    rates = pass_rates(REPORT)
    assert (rates.tests, rates.files, rates.dropped_tests, rates.dropped_files) == (5, 3, 4, 2)
    assert rates.overall == 3 / 5
    assert rates.average == pytest.approx((2 / 3 + 1 + 0) / 3)
    assert rates.perfect == 1 / 3


def test_the_fixed_rates_count_every_test():
    rates = pass_rates(REPORT, "fixed")
    assert (rates.tests, rates.files, rates.dropped_tests, rates.dropped_files) == (9, 5, 0, 0)
    assert rates.overall == 5 / 9
    assert rates.average == pytest.approx((2 / 3 + 1 + 1 / 2 + 1 + 0) / 5)
    assert rates.perfect == 2 / 5


@given(st.lists(st.lists(st.booleans(), min_size=1, max_size=5), min_size=1, max_size=6))
def test_the_modes_agree_where_all_tests_lie_in_one_describe(files):
    suites = [{"suites": [described(*(spec("passed" if each else "failed") for each in file))]} for file in files]
    official, fixed = (pass_rates({"suites": suites}, mode) for mode in ("official", "fixed"))
    assert official == fixed
    assert 0 <= official.perfect <= official.average <= 1


def test_a_report_without_tests_is_no_score():
    for report in ({}, {"suites": []}, {"suites": [{"file": "a", "specs": [spec("passed")]}]}):
        with pytest.raises(Unscorable, match="no test"):
            pass_rates(report)


@pytest.mark.parametrize("report", [{"suites": 3}, {"suites": ["x"]}, {"suites": [{"specs": [{"tests": {}}]}]}])
def test_what_is_no_report_is_refused(report):
    with pytest.raises(UserError, match="no JSON report"):
        pass_rates(report)


def test_describes_ten_thousand_deep_are_read():
    suite = described(spec("passed"))
    for _ in range(10_000):
        suite = {"suites": [suite]}
    assert pass_rates({"suites": [suite]}, "fixed").overall == 1


def test_missing_snapshots_count_as_nothing():
    found = snapshot_average({"a": ["1", "2"], "b": ["1"]}, {("a", "1"): 0.8, ("b", "1"): 0.5})
    assert (found.snapshots, found.missing) == (3, 1)
    assert found.by_task == pytest.approx((0.4 + 0.5) / 2)
    assert found.by_snapshot == pytest.approx(1.3 / 3)


def test_tasks_without_a_reference_count_in_the_official_mode_alone():
    likeness = {("a", "1"): 0.8}
    assert snapshot_average({"a": ["1"], "b": []}, likeness).by_task == pytest.approx(0.4)
    assert snapshot_average({"a": ["1"], "b": []}, likeness, "fixed").by_task == pytest.approx(0.8)
    with pytest.raises(Unscorable):
        snapshot_average({"b": []}, {})
    with pytest.raises(UserError, match="finite"):
        snapshot_average({"a": ["1"]}, {("a", "1"): float("nan")})


def reply(*grades):
    return json.dumps({"checklist_results": [{"expectation": "x", "score": grade, "reason": ""} for grade in grades]})


def test_the_grades_of_a_judge():
    replies = [reply(5, 4), None, "I can't see it", f"```json\n{reply(1)}\n```"]
    official = judge_average(replies)
    assert (official.snapshots, official.missing, official.dropped) == (3, 1, 1)
    assert official.points == pytest.approx((4.5 + 0 + 1) * 20 / 3)
    assert judge_average(replies, "fixed").points == pytest.approx((3.5 + 0 + 0) * 25 / 3)


def test_a_reply_with_prose_is_read_in_the_fixed_mode_alone():
    assert checklist_grade(f"Here it is: {reply(2, 3)} Done.") is None
    assert checklist_grade(f"Here it is: {reply(2, 3)} Done.", "fixed") == 2.5


def test_a_grade_off_the_scale_counts_in_the_official_mode_alone():
    assert judge_average([reply(50)]).points == 1000
    assert checklist_grade(reply(50), "fixed") is None
    assert checklist_grade(reply(0, 5), "fixed") is None
    with pytest.raises(Unscorable, match="judge"):
        judge_average([reply(-3)], "fixed")


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", "null", reply(), '{"checklist_results": 3}', '{"checklist_results": [{}]}', "[" * 100_000,
     reply("4"), reply(None), reply(float("nan")), reply(10**400, 1), '{"checklist_results": ["x"]}', "9" * 5000],
)  # fmt: skip
@pytest.mark.parametrize("mode", ["official", "fixed"])
def test_replies_without_grades_are_unread(text, mode):
    assert checklist_grade(text, mode) is None


@given(st.text(max_size=200))
def test_any_text_is_read_or_not(text):
    for mode in ("official", "fixed"):
        grade = checklist_grade(text, mode)
        assert grade is None or isinstance(grade, float)
