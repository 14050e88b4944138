"""What a line of predictions may be, and what is said of one that is none."""

import json
import os

import pytest

from derender.benchmarks.vision2code.data import read_manifest
from derender.benchmarks.vision2code.predictions import NotAsked, read_prediction, read_predictions
from derender.core import UserError

FENCED = "Here it is.\n```python\nprint(1)\n```"


def _read(**fields):
    return read_prediction(json.dumps(fields).encode())


@pytest.mark.parametrize("name", ["question_folder", "sample_id", "id"])
@pytest.mark.parametrize(
    ("said", "program"),
    [
        ({"reply": FENCED}, "print(1)"),
        ({"text": "<think>no</think>print(2)"}, "print(2)"),
        ({"code": "```"}, "```"),
        ({"code": "print(3)", "reply": FENCED}, "print(3)"),
        ({"text": "", "refusal": "I won't"}, ""),
        ({"refusal": "I won't"}, ""),
    ],
)
def test_replies_are_taken_apart_and_code_is_not(name, said, program):
    found = _read(**{name: "ChartQA_1"}, **said)
    assert (found.name, found.program.source, found.error) == ("ChartQA_1", program, None)


def test_no_answer_is_no_empty_program():
    found = _read(id="a", error="the endpoint was down")
    assert (found.program, found.error) == (None, "the endpoint was down")


def test_scores_are_plain_or_as_they_are_saved():
    assert _read(id="a", code="", scores={"x": 4.5}).scores == {"x": 4.5}
    assert _read(id="a", code="", category_scores={"x": {"score_0_to_5": 3}}).scores == {"x": 3}
    assert _read(id="a", code="").scores is None


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b"nothing", "is no JSON"),
        (b"\xff\xfe", "is no JSON"),
        (b"[" * 100_000, "is no JSON"),
        (b"[]", "is no JSON object but list"),
        (b'{"reply": "x"}', "names no sample"),
        (b'{"id": "a"}', "has neither reply, text nor code"),
        (b'{"id": "a", "reply": 3}', "reply must be text, not 3"),
        (b'{"id": "a", "reply": "x", "scores": [4]}', "scores must be an object"),
    ],
)
def test_a_line_that_is_no_prediction(line, problem):
    with pytest.raises(UserError, match=problem):
        read_prediction(line)


def test_bad_lines_lose_nothing_else(package):
    samples = read_manifest(package.folder)[:2]
    first, second = (json.dumps({"id": name, "code": name}).encode() for name in (samples[0].question_folder, "?"))
    by_source = json.dumps({"sample_id": samples[1].source_id, "code": "print()"}).encode()
    *found, last = read_predictions([first, b"\n", b"{", second, first, by_source], samples)
    assert found[0][0] is samples[0] and last[0] is samples[1]
    assert [str(each) for each in found[1:]] == [
        "line 3: is no JSON",
        "line 4: '?' is no sample that is asked about",
        f"line 5: there is a prediction about {samples[0].question_folder} already",
    ]


def test_lines_about_other_samples_of_the_package_are_told_from_bad_ones(package):
    asked, other = read_manifest(package.folder)[:2]
    lines = [json.dumps({"id": name, "code": ""}).encode() for name in (other.question_folder, "?")]
    passed, bad = read_predictions(lines, [asked], package=[asked, other])
    assert isinstance(passed, NotAsked) and not isinstance(bad, NotAsked)


def test_a_program_may_lie_beside_the_lines(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a/program.py").write_text("print(4)\n\n")
    line = json.dumps({"id": "a", "code_path": "a/program.py"}).encode()
    assert read_prediction(line, tmp_path).program.source == "print(4)\n"
    with pytest.raises(UserError, match="has neither reply, text nor code"):
        read_prediction(line)


@pytest.mark.parametrize(
    ("place", "problem"),
    [
        ("../program.py", "code_path must lead to a file below the folder of the lines"),
        ("/program.py", "code_path must lead to a file below the folder of the lines"),
        ("nowhere.py", r"nowhere\.py: no such file"),
        ("odd.py", r"odd\.py: is not UTF-8 text"),
        ("\0", "is no name of a file"),
        ("pipe", "pipe: is a pipe or device, not a file"),
    ],
)
def test_a_path_to_no_program_is_said(tmp_path, place, problem):
    (tmp_path / "odd.py").write_bytes(b"\xff")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UserError, match=problem):
        read_prediction(json.dumps({"id": "a", "code_path": place}).encode(), tmp_path)
