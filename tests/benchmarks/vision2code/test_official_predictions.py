"""Folders that the paper's runner left, read back; the one that it publishes among them."""

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from derender.benchmarks.vision2code.data import Sample
from derender.benchmarks.vision2code.official_predictions import departures, read_official
from derender.benchmarks.vision2code.sources import Split
from derender.core import UserError
from derender.judges import get_rubric, rate

PUBLISHED = json.loads((Path(__file__).parent / "vectors/smoke_result.json").read_text())
NAME = PUBLISHED["question_folder"]
RATER = "openai_gpt_5_4_mini"
MINI = Split.TEST_MINI
SAMPLE = Sample(**{**PUBLISHED["benchmark_row"], "question": ""})
CODE = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\n"


@pytest.fixture
def home(tmp_path):
    """The folder of a split with the published sample in it."""
    folder = tmp_path / "outputs/gpt_5_4_mini/generations/benchmark/test_mini"
    _put(folder, NAME, PUBLISHED)
    return folder


def _put(home, name, result, code=CODE):
    folder = home / name
    folder.mkdir(parents=True, exist_ok=True)
    if code is not None:
        (folder / "generated_code.py").write_text(code + "\n")
    if result is not None:
        (folder / "result.json").write_text(json.dumps(result))
    return folder


def _read(folder, *more, samples=(SAMPLE,)):
    return read_official(folder, MINI, samples, *more)


def test_the_published_folder_has_the_published_rating(home):
    official = _read(home)
    found = official.found[NAME]
    assert found.prediction.program.source == CODE
    assert (found.render_success, found.final, found.rater) == (True, 3.7, RATER)
    rating = rate(get_rubric("ChartQA"), found.prediction.scores)
    assert (round(rating.raw, 4), rating.final) == (3.695, 3.7)
    assert official.problems == ()


@pytest.mark.parametrize("level", range(5))
def test_it_is_found_from_any_folder_above(home, level):
    folder = [home, *home.parents][level]
    assert _read(folder).folder == home


def test_several_models_are_not_mixed(home, tmp_path):
    _put(tmp_path / "outputs/other/generations/benchmark/test_mini", NAME, PUBLISHED)
    with pytest.raises(UserError, match=r"holds several runs of the split test_mini, give one of .*other"):
        _read(tmp_path / "outputs")


def test_what_is_not_asked_about_is_left_alone(home):
    _put(home, "Physics_test_000001_aaaaaaaaaaaa", {"question_folder": "Physics_test_000001_aaaaaaaaaaaa"}, code=None)
    official = _read(home)
    assert (list(official.found), official.problems) == ([NAME], ())


@pytest.mark.parametrize(
    ("result", "code", "said"),
    [
        (PUBLISHED, None, "generated_code.py: no such file"),
        ([], CODE, "result.json: is no JSON object"),
        ({"rubric_ratings": {"x": {"category_scores": 3}}}, CODE, "category_scores must be an object"),
    ],
)
def test_a_folder_that_cant_be_used_loses_nothing_else(home, result, code, said):
    other = replace(SAMPLE, question_folder="ChartQA_test_000001_aaaaaaaaaaaa")
    _put(home, other.question_folder, result, code)
    official = _read(home, samples=(SAMPLE, other))
    assert list(official.found) == [NAME]
    (problem,) = official.problems
    assert said in problem and other.question_folder in problem


def test_a_sample_without_a_result_is_known_by_its_folder(home):
    (home / NAME / "result.json").unlink()
    found = _read(home).found[NAME]
    assert (found.prediction.program.source, found.prediction.scores, found.render_success) == (CODE, None, None)


def test_only_the_runners_own_line_break_is_taken_off(home):
    (home / NAME / "generated_code.py").write_bytes(b"a = 1\r\n\n")
    assert _read(home).found[NAME].prediction.program.source == "a = 1\r\n"


def _rating(**fields):
    return {**PUBLISHED["rubric_ratings"][RATER], **fields}


def _marks(value):
    return {name: {"score_0_to_5": value} for name in get_rubric("ChartQA").ids}


def test_whose_rating_counts(home):
    file = home / NAME / "rating__other.json"
    file.write_text(json.dumps(_rating(final_rating_0_to_5=1.0, category_scores=_marks(1))))
    assert _read(home).found[NAME].rater == RATER
    found = _read(home, "other").found[NAME]
    assert (found.rater, found.final, set(found.prediction.scores.values())) == ("other", 1.0, {1})
    nobody = _read(home, "").found[NAME]
    assert (nobody.rater, nobody.final, nobody.prediction.scores) == (None, None, None)
    with pytest.raises(UserError, match=f"holds no rating by nobody, but by {RATER}, other"):
        _read(home, "nobody")


def test_without_a_word_about_it_the_newest_file_counts(home):
    folder = _put(home, NAME, {name: PUBLISHED[name] for name in ("question_folder", "render_success")})
    for seconds, (rater, mark) in enumerate({"b": 2, "a": 4}.items()):
        file = folder / f"rating__{rater}.json"
        file.write_text(json.dumps(_rating(category_scores=_marks(mark))))
        os.utime(file, (seconds, seconds))
    assert _read(home).found[NAME].rater == "a"
    os.utime(folder / "rating__b.json", (9, 9))
    assert _read(home).found[NAME].rater == "b"


@pytest.mark.parametrize(
    "rating",
    [
        {"status": "rating_failed", "error": "the judge was silent"},
        _rating(status="render_failed", category_scores=_marks(0), final_rating_0_to_5=0.0),
    ],
)
def test_zeros_of_failed_drawings_and_failed_ratings_are_no_scores(home, rating):
    _put(home, NAME, PUBLISHED | {"rubric_ratings": {RATER: rating}})
    assert _read(home).found[NAME].prediction.scores is None


def test_tables_say_whose_it_is(home):
    assert (_read(home).model, _read(home).judge) == (None, None)
    about = {"summary": {"model_kind": "openai", "model_path": "gpt-5.4-mini"}}
    (home / "benchmark_inference.json").write_text(json.dumps(about))
    rater = {"rater_provider": "openai", "rater_model": "gpt-5.4-mini"}
    (home / f"benchmark_summary__{RATER}.json").write_text(json.dumps(rater))
    assert (_read(home).model, _read(home).judge) == ("openai/gpt-5.4-mini", "openai/gpt-5.4-mini")


def test_no_run_is_said(tmp_path):
    with pytest.raises(UserError, match="is no folder"):
        _read(tmp_path / "nowhere")
    with pytest.raises(UserError, match="holds no outputs of the split test_mini"):
        _read(tmp_path)


def _row(success, final, status="ok", verdict=None):
    rating = {"final_rating_0_to_5": final}
    return {
        "question_folder": NAME,
        "render_success": success,
        "render_status": status,
        "official": rating,
        "verdict": verdict,
    }


def test_departures_from_the_folder_are_told(home):
    official = _read(home)
    assert [*departures(official, [_row(True, 3.7)])] == []
    assert [*departures(official, [_row(True, 0.5)])] == [
        f"rated otherwise than there by the same scores: 1, such as {NAME} (3.7 there, 0.5 here)"
    ]
    # Another judge may think otherwise.
    assert [*departures(official, [_row(True, 0.5, verdict={"judge": "x"})])] == []
    assert [*departures(official, [_row(False, 0.0, "Traceback\nNameError: name 'x'\n")])] == [
        f"a picture there and none here: 1, such as {NAME} (NameError: name 'x')"
    ]
    _put(home, NAME, PUBLISHED | {"render_success": False})
    assert [*departures(_read(home), [_row(True, 3.7)])] == [f"no picture there and one here: 1, such as {NAME}"]
    # Nothing is said of what the machine could not try.
    assert [*departures(_read(home), [_row(None, 0.0)])] == []


def test_two_folders_of_one_sample_are_said(home):
    shutil.copytree(home / NAME, home / f"{NAME}__2")
    assert "another folder is" in _read(home).problems[0]


@pytest.mark.parametrize(
    "fields",
    [
        {"latest_rubric_rating_slug": ["x"]},
        {"rubric_ratings": {RATER: _rating(final_rating_0_to_5=10**400)}},
        {"rubric_ratings": {RATER: _rating(status=["ok"])}},
    ],
)
def test_odd_fields_of_a_result_are_no_crash(home, fields):
    folder = _put(home, NAME, {**PUBLISHED, **fields})
    (folder / "rating__gone.json").symlink_to(home / "nowhere")
    official = _read(home)
    assert (official.found[NAME].prediction.program.source, official.problems) == (CODE, ())


@pytest.mark.parametrize("name", ["generated_code.py", "result.json", "rating__x.json"])
def test_a_pipe_in_a_folder_is_not_waited_for(home, name):
    (home / NAME / name).unlink(missing_ok=True)
    os.mkfifo(home / NAME / name)
    official = _read(home)
    assert official.found == {}
    assert f"{name}: is a pipe or device, not a file" in official.problems[0]
