"""Failures as the paper sorts them, and as derender does."""

import json
from pathlib import Path

import pytest

from derender.benchmarks.vision2code.taxonomy import FailureClass, classify, classify_failure, count_failures
from derender.core import Failure, FailureKind, Program

VECTORS = (Path(__file__).parent / "vectors" / "failure_taxonomy.jsonl").read_text("utf-8").splitlines()


@pytest.mark.parametrize("line", VECTORS)
def test_official_classes(line):
    case = json.loads(line)
    assert classify(case["status"]) == case["failure_class"]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("no_output_image", FailureClass.OTHER_RUNTIME),
        ("ValueError: the read timed out", FailureClass.TIMEOUT),
        ("NameError: a\nTypeError: f() missing 1 required positional argument: 'x'", "hallucinated_api_argument"),
        ("SyntaxError without a colon", FailureClass.OTHER_RUNTIME),
        ("_UFuncNoLoopError: ufunc 'add' has no loop", FailureClass.SHAPE_3D_GEOMETRY),
    ],
)
def test_the_order_of_the_rules(status, expected):
    assert classify(status) == expected


def test_plots_know_no_timeouts_and_every_class_has_a_label():
    assert FailureClass.TIMEOUT.plotted is FailureClass.OTHER_RUNTIME
    assert {each.plotted for each in FailureClass} == set(FailureClass) - {FailureClass.TIMEOUT}
    assert len({each.label for each in FailureClass}) == len(FailureClass)


def test_derenders_own_kinds_say_more_than_the_text():
    assert classify("IndentationError: unexpected indent") is FailureClass.OTHER_RUNTIME
    syntax = Failure(FailureKind.SYNTAX, "IndentationError: unexpected indent")
    assert classify_failure(syntax) is FailureClass.SYNTAX_TRUNCATION
    speaks = Failure(FailureKind.RUNTIME, "ValueError: the timeout must be positive")
    assert classify_failure(speaks) is FailureClass.SHAPE_3D_GEOMETRY
    assert classify_failure(Failure(FailureKind.DEADLINE, "not done after 30 s")) is FailureClass.TIMEOUT


@pytest.mark.parametrize("kind", FailureKind)
def test_every_kind_has_a_class_unless_it_is_ours(kind):
    assert (classify_failure(Failure(kind, "AttributeError: no")) is None) == kind.ours


def test_a_real_program_that_fails(engine):
    failed = engine.render(Program("import matplotlib.pyplot as plt\nplt.gca().w_xaxis\n", "python"))
    assert classify_failure(failed.failure) is FailureClass.HALLUCINATED_API_ARGUMENT


def test_a_table_of_failures_and_as_it_is_plotted():
    statuses = [("a", "timeout"), ("a", "no_output_image"), ("b", "NameError: x"), ("b", "KeyError: y")]
    table = count_failures((model, classify(status)) for model, status in statuses)
    assert table.counts["a"][FailureClass.TIMEOUT] == table.counts["a"][FailureClass.OTHER_RUNTIME] == 1
    assert table.plotted["a"][FailureClass.OTHER_RUNTIME] == 2
    assert FailureClass.TIMEOUT not in table.plotted["a"]
    assert {kind: table.total(kind) for kind in FailureClass if table.total(kind)} == {
        FailureClass.TIMEOUT: 1,
        FailureClass.OTHER_RUNTIME: 1,
        FailureClass.HALLUCINATED_API_ARGUMENT: 1,
        FailureClass.SHAPE_3D_GEOMETRY: 1,
    }
