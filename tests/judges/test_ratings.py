"""Lines of category scores that somebody already has."""

import json

import pytest

from derender.core import UserError
from derender.judges import Inspection, Mode, Unrated, get_rubric, rate_line

SPARSE = Inspection(True, ("mostly_empty_canvas",), 400, 400, 253.0, 400.0, 0.99, 0.0)
FULL = Inspection(True, (), 400, 400, 200.0, 4000.0, 0.8, 0.0)


def _line(**changed):
    fields = {
        "id": 7,
        "dataset": "ChemVQA-2K",
        "scores": dict.fromkeys(get_rubric("ChemVQA-2K").ids, 4),
        "execution_status": "ok",
        "candidate_readable": True,
        "is_blank_or_degenerate": False,
    }
    return json.dumps({name: value for name, value in (fields | changed).items() if value is not ...})


def test_a_line_is_given_back_with_its_rating():
    rated = rate_line("vision2code", _line())
    assert rated["id"] == 7
    assert (rated["raw_score_0_to_5"], rated["final_rating_0_to_5"], rated["applied_caps"]) == (4.0, 4.0, [])


def test_a_saved_rating_of_the_paper_is_taken_as_it_is():
    nested = {name: {"score_0_to_5": 4.0, "weight": 0.1} for name in get_rubric("ChemVQA-2K").ids}
    saved = {"rubric_dataset": "ChemVQA-2K", "execution_status": "ok", "candidate_inspection": FULL.record()}
    assert rate_line("vision2code", json.dumps({**saved, "category_scores": nested}))["final_rating_0_to_5"] == 4.0


@pytest.mark.parametrize("said", [{}, None])
def test_a_picture_that_nobody_looked_at_is_unreadable_as_published_alone(said):
    line = _line(candidate_readable=..., is_blank_or_degenerate=..., candidate_inspection=said)
    rated = rate_line("vision2code", line)
    assert (rated["raw_score_0_to_5"], rated["provisional_rating_0_to_5"], rated["final_rating_0_to_5"]) == (4, 4, 0)
    assert rated["applied_caps"] == [["candidate_missing_or_unreadable", 0.0, True]]
    with pytest.raises(UserError, match="candidate_readable must be true or false, and is missing"):
        rate_line("vision2code", line, Mode.FIXED)


@pytest.mark.parametrize("mode", Mode)
def test_a_failed_program_needs_no_inspection(mode):
    line = _line(execution_status="timeout", candidate_readable=..., is_blank_or_degenerate=...)
    rated = rate_line("vision2code", line, mode)
    assert rated["final_rating_0_to_5"] == 0.0
    assert [cap[0] for cap in rated["applied_caps"]] == ["execution_failure"]


def test_the_generic_rubric_looks_at_no_inspection_and_goes_before_the_samples_dataset():
    scores = dict.fromkeys(get_rubric("vision2code/generic").ids, 4)
    line = {"dataset": "ChartQA", "rubric_dataset": "generic", "execution_status": "ok", "scores": scores}
    assert rate_line("vision2code", json.dumps(line))["final_rating_0_to_5"] == 4.0


@pytest.mark.parametrize("name", ["category_scores", "subscores"])
def test_scores_have_other_names_too(name):
    line = _line(**{"scores": ..., name: dict.fromkeys(get_rubric("ChemVQA-2K").ids, "3.04")})
    assert rate_line("vision2code", line)["final_rating_0_to_5"] == 3.0


@pytest.mark.parametrize(
    "named",
    [
        {"question_folder": "ChemVQA-2K_test_000001_0123456789ab"},
        {"sample_id": "ChemVQA-2K:default:test:shard:5"},
        {"reference_image_path": "images/test/ChemVQA-2K_train_000001_0123456789ab/source.png"},
        {"reference_image_path": "a.png", "candidate_image_path": "out/ChemVQA-2K/b.png"},
        {"source_dataset": "ChemVQA-2K", "candidate_image_path": "out/ChartQA/b.png"},
    ],
)
def test_a_dataset_is_found_by_name_and_then_by_path(named):
    assert rate_line("vision2code", _line(dataset=..., **named))["final_rating_0_to_5"] == 4.0


def test_blank_is_absolute_as_published_and_relative_when_fixed():
    sparse = {"is_blank_or_degenerate": True, "candidate_inspection": SPARSE.record()}
    line = _line(**sparse, reference_inspection=SPARSE.record())
    assert rate_line("vision2code", line)["final_rating_0_to_5"] == 0.5
    assert rate_line("vision2code", line, Mode.FIXED)["final_rating_0_to_5"] == 4.0
    line = _line(**sparse, reference_inspection=FULL.record())
    assert rate_line("vision2code", line, Mode.FIXED)["final_rating_0_to_5"] == 0.5
    with pytest.raises(UserError, match="reference_inspection is missing"):
        rate_line("vision2code", _line(**sparse), Mode.FIXED)


def test_a_failure_of_the_machines_is_never_rated_when_fixed():
    assert rate_line("vision2code", _line(execution_status="worker_lost"))["final_rating_0_to_5"] == 0.0
    with pytest.raises(Unrated, match="never rated"):
        rate_line("vision2code", _line(execution_status="worker_lost"), Mode.FIXED)
    assert rate_line("vision2code", _line(execution_status="timeout"), Mode.FIXED)["final_rating_0_to_5"] == 0.0


def test_rewards_say_whether_they_pass():
    ids = get_rubric("januscoder/chart_edit").ids
    line = _line(dataset="chart_edit", scores=dict.fromkeys(ids, "3.0"), is_blank_or_degenerate=...)
    assert rate_line("januscoder", line)["passed"] is True


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"dataset": "ChartQB"}, "ChartQA"),
        ({"dataset": ...}, "nothing names its dataset"),
        ({"dataset": 5}, "dataset must be text"),
        ({"scores": [1, 2]}, "scores must be an object"),
        ({"scores": {}}, "no score for molecular_structure_fidelity"),
        ({"execution_status": ...}, "execution_status is missing"),
        ({"execution_status": ""}, "execution_status is missing"),
        ({"candidate_readable": ..., "is_blank_or_degenerate": ...}, "candidate_readable must be true or false"),
        ({"candidate_readable": ...}, "candidate_readable must be true or false, and is missing"),
        ({"is_blank_or_degenerate": "no"}, "is_blank_or_degenerate must be true or false, not 'no'"),
    ],
)
def test_what_is_missing_or_wrong_is_said_in_a_sentence(changed, said):
    with pytest.raises(UserError, match=said):
        rate_line("vision2code", _line(**changed))


@pytest.mark.parametrize("line", ["", "{", "[]", '{"dataset": NaN}', b"\xff\xfe\x00", "[" * 100_000])
def test_a_line_that_is_no_object_is_one_sentence(line):
    with pytest.raises(UserError, match=r"^is no JSON"):
        rate_line("vision2code", line)


def test_a_byte_order_mark_is_no_harm():
    assert rate_line("vision2code", b"\xef\xbb\xbf" + _line().encode())["final_rating_0_to_5"] == 4.0
