"""``derender models check``: what stands in the way of asking a model; and further fields of what it is asked."""

import json
import signal

import pytest
from models.endpoint import KEY, answer, listed, refusal, running
from PIL import Image

SEEN = json.dumps({"colours": ["red", "blue"], "sure": 5})
NO_THOUGHTS = {"chat_template_kwargs": {"enable_thinking": False}}
SVG = "```svg\n<svg xmlns='http://www.w3.org/2000/svg' width='40' height='30'><rect width='9' height='9'/></svg>\n```"
USAGE = {"prompt_tokens": 1000, "completion_tokens": 20}


@pytest.fixture
def endpoint(derender):
    with running() as server:
        server.models = listed("m")
        derender.environment |= {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": server.url}
        yield server


def test_a_model_in_good_health_is_said_to_be(derender, endpoint):
    endpoint.script = [answer(SEEN)]
    done = derender("models", "check", "openai/m", "--judge")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[0].startswith("✓ openai/m  answered in ")
    assert all(line.startswith("  ✓") for line in done.out.splitlines()[1:])
    assert KEY not in done.out


def test_what_stands_in_a_judges_way_may_stand_in_nobody_elses(derender, endpoint):
    endpoint.script = [refusal(400, f"no grammar for {KEY}"), answer("red, blue")]
    (row,) = derender("models", "check", "openai/m", "--json").rows
    assert (row["model"], row["problem"]) == ("m", None)
    assert {each["part"]: each["state"] for each in row["findings"]}["schema"] == "bad"
    endpoint.script = [refusal(400, f"no grammar for {KEY}"), answer("red, blue")]
    done = derender("models", "check", "openai/m", "--judge")
    assert done.code == 1
    assert "✗ schema" in done.out and "no grammar for ***" in done.out and "--plain" in done.out
    endpoint.script = [refusal(400, "no grammar"), answer("red, blue")]
    done = derender("models", "check", "openai/m", "--judge", "--plain")
    assert done.code == 0 and "! schema" in done.out


def test_a_judge_is_looked_for_where_judges_are_asked(derender, endpoint):
    endpoint.script = [answer(SEEN)] * 2
    derender.environment |= {"OPENAI_BASE_URL": "http://127.0.0.1:9/v1", "RATER_BASE_URL": endpoint.url}
    assert derender("models", "check", "openai/m", "--judge").code == 0
    assert derender("models", "check", "openai/m").code == 1


def test_an_endpoint_that_is_not_there_is_one_line(derender):
    done = derender("models", "check", "openai/m", "--base-url", "http://127.0.0.1:9/v1")
    assert done.code == 1
    assert "✗ reachable" in done.out and "is it running" in done.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["oracle"], "unknown model 'oracle'"),
        (["replay/nothing"], "there is no recording"),
        (["openai/m", "--timeout", "nan"], "--timeout must be more than 0"),
        (["openai/m", "--extra-body", "[1]"], "must be a JSON object, not '[1]'"),
    ],
)
def test_wrong_use_is_a_sentence(derender, arguments, words):
    done = derender("models", "check", *arguments)
    assert done.code == 2 and words in done.err


def _picture(path, colour="teal"):
    path.parent.mkdir(exist_ok=True)
    Image.new("RGB", (40, 30), colour).save(path)
    return path


def test_judges_are_sent_further_fields_and_asked_anew_where_no_verdict_came(derender, endpoint):
    pair = _picture(derender.folder / "ref/a.png"), _picture(derender.folder / "out/a.png", "navy")
    endpoint.script = [answer("no marks")]
    for asked in (2, 4):
        derender("judge", *pair, "-r", "generic", "-m", "openai/m", "--extra-body", json.dumps(NO_THOUGHTS))
        assert len(endpoint.requests) == asked
    assert all(body["chat_template_kwargs"] == {"enable_thinking": False} for _, _, body in endpoint.requests)


def test_further_fields_tell_answers_apart(derender, endpoint):
    picture = _picture(derender.folder / "a.png")
    endpoint.script = [answer(SVG)]
    for fields, asked in ((NO_THOUGHTS, 1), (NO_THOUGHTS, 1), ({}, 2), ({"top_k": 3}, 3)):
        assert derender("convert", picture, "-m", "openai/m", "--extra-body", json.dumps(fields)).code == 0
        assert len(endpoint.requests) == asked
    assert endpoint.requests[-1][2]["top_k"] == 3
    refused = derender("convert", picture, "-m", "openai/m", "--extra-body", '{"messages": []}')
    assert refused.code == 2 and "messages can't be set" in refused.err
    assert "leave out --extra-body" in derender("convert", picture, "--extra-body", "{}").err


def test_what_convert_spent_before_ctrl_c_is_written(derender, endpoint):
    for name, colour in (("a", "teal"), ("b", "navy")):
        _picture(derender.folder / f"{name}.png", colour)
    endpoint.script = [answer(SVG, USAGE), "silent"]
    running = derender.start("convert", "a.png", "b.png", "-m", "openai/m", "-o", "stopped")
    assert running.stdout.readline()
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=10)
    assert running.returncode == 130
    assert "stopped; 1 of 2 done" in err.decode()
    spent = json.loads((derender.folder / "stopped/ledger.json").read_text())
    assert spent["m"]["usage"]["input_tokens"] == 1000
