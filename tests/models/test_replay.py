"""Recorded answers: found by key or id, good and bad ones, and a clear word about what is missing."""

import json

import numpy as np
import pytest

from derender.core import Language, UserError
from derender.models import (
    ChatModel,
    Message,
    ModelError,
    NoAnswer,
    NotRecorded,
    OpenAIModel,
    Recorded,
    Replay,
    Sampling,
    Usage,
    convert_picture,
    load_chat_model,
    request_key,
    wait,
)
from derender.render import Engine

from .endpoint import answer, answers

TALK = [Message.user("What is this?")]


@pytest.fixture
def recording(tmp_path):
    def write(*rows):
        path = tmp_path / "answers.jsonl"
        path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows))
        return path

    return write


def ask(path, item=None, **sampling):
    return wait(Replay(path).ask(TALK, Sampling(**sampling), item=item))


def test_an_answer_is_found_by_id(recording):
    path = recording({"id": "a", "text": "One."}, "", {"id": "b", "text": "Two."})
    assert isinstance(Replay(path), ChatModel)
    assert ask(path, "b").said() == "Two."
    assert Replay(path).items() == ["a", "b"]


def test_an_answer_by_content_key_comes_first(recording):
    key = request_key(TALK, Sampling(seed=3))
    path = recording({"id": "a", "text": "By id."}, {"key": key, "text": "By key."})
    assert ask(path, "a", seed=3).said() == "By key."
    assert ask(path, "a", seed=4).said() == "By id."


def test_samples_are_told_apart(recording):
    path = recording({"id": "a", "text": "First."}, {"id": "a", "sample": 1, "text": "Second."})
    assert [sample.text for sample in ask(path, "a", n=2).samples] == ["First.", "Second."]
    with pytest.raises(NotRecorded, match="no answer 3 about 'a'"):
        ask(path, "a", n=3)


def test_what_has_no_answer_is_said_with_its_name(recording):
    path = recording({"id": "a", "text": "One."})
    with pytest.raises(NotRecorded, match=r"answers\.jsonl: no answer about 'z' is recorded") as caught:
        ask(path, "z")
    assert request_key(TALK, Sampling())[:16] in str(caught.value)
    with pytest.raises(NotRecorded, match="no answer to this is recorded"):
        ask(path)


def test_bad_answers_are_given_as_they_were(recording):
    path = recording(
        {"id": "refused", "refusal": "I won't."},
        {"id": "thought", "text": "", "finish": "length"},
        {"id": "down", "error": "the endpoint was down"},
    )
    with pytest.raises(NoAnswer, match=r"replay/answers\.jsonl refused: I won't\."):
        ask(path, "refused").said()
    with pytest.raises(NoAnswer, match="all its tokens"):
        ask(path, "thought").said()
    with pytest.raises(ModelError, match=r"^the endpoint was down$") as caught:
        ask(path, "down")
    assert not isinstance(caught.value, NoAnswer)


def test_a_folder_of_texts_is_a_recording(tmp_path):
    (tmp_path / "a.txt").write_text("One.")
    (tmp_path / "b.2.md").write_text("Two.")
    (tmp_path / "more.jsonl").write_text('{"id": "c", "text": "Three."}\n')
    (tmp_path / "a.png").write_bytes(b"\x89PNG")
    assert [ask(tmp_path, item).said() for item in ("a", "b.2", "c")] == ["One.", "Two.", "Three."]


def test_a_run_folder_is_taken_by_its_replies(tmp_path):
    (tmp_path / "reply").mkdir()
    (tmp_path / "reply" / "a.txt").write_text("One.")
    (tmp_path / "results.jsonl").write_text('{"id": "a"}\n')
    assert ask(tmp_path, "a").said() == "One."


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("{", "line 2: is no recorded answer: it is no JSON"),
        ("[" * 100_000, "line 2: is no recorded answer: it is no JSON"),
        ([1], "line 2: is no recorded answer: it is no object"),
        ({"id": "b"}, "line 2: is no recorded answer: it has neither text nor refusal"),
        ({"id": "b", "text": 5}, "line 2: is no recorded answer: its text is no text"),
        ({"id": "b", "text": "x", "usage": {"input_tokens": -1}}, "its input_tokens is no number of tokens"),
        ({"text": "x"}, "line 2: has neither id nor key"),
        ({"id": "b", "sample": -1, "text": "x"}, "line 2: sample must be 0 or more"),
        ({"id": "a", "text": "x"}, "line 2: 'a' has an answer already"),
    ],
)
def test_a_line_that_is_no_answer_is_named(recording, row, words):
    with pytest.raises(UserError) as caught:
        Replay(recording({"id": "a", "text": "One."}, row))
    assert words in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        (lambda path: None, "there is no recording"),
        (lambda path: path.mkdir(), "holds no recorded answers"),
        (lambda path: path.write_bytes(b"\xff\xfe{"), "is not UTF-8"),
    ],
)
def test_a_recording_that_is_none(tmp_path, prepare, words):
    prepare(tmp_path / "x")
    with pytest.raises(UserError, match=words):
        Replay(tmp_path / "x")


def test_what_a_model_said_is_recorded_and_replayed(endpoint, tmp_path):
    endpoint.script = [answers(["a", "b"], {"prompt_tokens": 5, "completion_tokens": 7}), answer(None, refusal="No.")]
    path = tmp_path / "said.jsonl"
    model = Recorded(OpenAIModel("m", base_url=endpoint.url), path)
    wait(model.ask(TALK, Sampling(n=2), item="x"))
    wait(model.ask([Message.user("And this?")], item="x"))
    replay = Replay(path)
    again = wait(replay.ask(TALK, Sampling(n=2)))
    assert [sample.text for sample in again.samples] == ["a", "b"]
    assert (again.usage, again.saved) == (Usage(), Usage(5, 7))
    assert wait(replay.ask([Message.user("And this?")])).samples[0].refusal == "No."
    assert wait(replay.ask([Message.user("Something else?")], item="x")).said() == "a"


def test_a_picture_is_converted_by_a_recorded_answer(recording):
    source = "<svg xmlns='http://www.w3.org/2000/svg' width='80' height='60'><rect width='80' height='60'/></svg>"
    path = recording({"id": "chart", "text": f"Here:\n```svg\n{source}\n```"}, {"id": "empty", "text": "A chart."})
    model, picture = load_chat_model(f"replay/{path}"), np.zeros((60, 80, 3), np.uint8)
    with Engine(jobs=1, cache=False, isolation="weak") as engine:
        made = convert_picture(model, engine, picture, Language.SVG, metrics=["ssim"], item="chart")
        assert made.program.source.strip() == source
        assert made.scores["ssim"]["ssim"] == pytest.approx(1)
        with pytest.raises(NoAnswer, match="without a program"):
            convert_picture(model, engine, picture, Language.SVG, item="empty")


@pytest.mark.parametrize(
    ("name", "base_url", "words"),
    [
        ("oracle", None, "unknown model 'oracle'"),
        ("openai/", None, "unknown model"),
        ("trace", None, "only turns pictures"),
        ("replay/nowhere", None, "there is no recording"),
        ("replay/{recording}", "http://localhost", "needs no endpoint"),
    ],
)
def test_a_model_that_is_none(tmp_path, name, base_url, words):
    (tmp_path / "a.txt").write_text("x")
    name = name.format(recording=tmp_path)
    with pytest.raises(UserError, match=words):
        load_chat_model(name, base_url)
