"""The OpenAI-compatible model against a real HTTP server on loopback that misbehaves on demand."""

import base64
import io
import json

import numpy as np
import pytest
from PIL import Image

from derender.core import Language, UserError
from derender.models.openai import MAX_SIDE, ModelError, NoAnswer, OpenAIModel

from .endpoint import answer, refusal

SVG = "<svg xmlns='http://www.w3.org/2000/svg' width='4' height='3'/>"
SOURCES = {
    Language.SVG: SVG,
    Language.PYTHON: "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
    Language.HTML: "<!DOCTYPE html>\n<html><body>here</body></html>",
}
PICTURE = np.zeros((3, 4, 3), np.uint8)


def convert(endpoint, *script, target=Language.SVG, **settings):
    endpoint.script = list(script)
    model = OpenAIModel("m", base_url=endpoint.url, **{"retries": 0, **settings})
    return model.convert(PICTURE, target)


def test_the_program_is_taken_out_of_the_reply(endpoint):
    program = convert(endpoint, answer(f"Here it is:\n```svg\n{SVG}\n```\nDone."))
    assert program.source.strip() == SVG
    assert program.language is Language.SVG


@pytest.mark.parametrize("target", list(SOURCES))
def test_the_prompt_names_target_and_size_and_carries_the_picture(endpoint, target):
    program = convert(endpoint, answer(f"```{target}\n{SOURCES[target]}\n```"), target=target)
    assert program.source.strip() == SOURCES[target]
    path, headers, body = endpoint.requests[0]
    image, text = body["messages"][0]["content"]
    sent = Image.open(io.BytesIO(base64.b64decode(image["image_url"]["url"].partition(",")[2])))
    assert path == "/v1/chat/completions"
    assert {k.lower(): v for k, v in headers.items()}["authorization"] == "Bearer sk-very-secret"
    assert body["model"] == "m"
    assert sent.size == (4, 3)
    assert "4 by 3" in text["text"] and f"```{target}" in text["text"]


def test_a_large_picture_is_scaled_down_before_it_is_sent(endpoint):
    endpoint.script = [answer(f"```svg\n{SVG}\n```")]
    OpenAIModel("m", base_url=endpoint.url).convert(np.zeros((50, 2 * MAX_SIDE, 4), np.uint8), Language.SVG)
    url = endpoint.requests[0][2]["messages"][0]["content"][0]["image_url"]["url"]
    assert Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))).size == (MAX_SIDE, 25)


def test_too_many_requests_and_outages_are_retried(endpoint):
    steps = [refusal(429, "slow down", **{"Retry-After": "0"}), refusal(503, "away", **{"Retry-After": "0"})]
    assert convert(endpoint, *steps, answer(f"```svg\n{SVG}\n```"), retries=3).source.strip() == SVG
    assert len(endpoint.requests) == 3


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (refusal(401, "bad key sk-very-secret"), "OPENAI_API_KEY"),
        (refusal(404, "no such model"), "knows no model 'm'"),
        (refusal(429, "slow down"), "too many requests"),
        (refusal(500, "it broke"), "answered 500: it broke"),
        (refusal(400, "bad\nkey sk-very-secret"), "answered 400: bad key ***"),
        (refusal(403, ""), "answered 403: Forbidden"),
        ((500, {}, "<html>oops</html>"), "answered 500"),
        ((200, {}, json.dumps({"choices": [None]})), "without a choice"),
        ((200, {}, json.dumps({"choices": "none"})), "without a choice"),
        ((200, {}, json.dumps({"choices": [{"message": "hello"}]})), "without a choice"),
        ((200, {}, json.dumps({"error": "quota"})), "without a choice"),
        ((200, {}, "[1, 2]"), "without a choice"),
        ((200, {}, "{not json"), "can't be read"),
        ((200, {"Content-Type": "text/html"}, "<html>hello</html>"), "without a choice"),
        ((200, {}, json.dumps({"id": "1", "object": "chat.completion", "choices": []})), "without a choice"),
        ("cut", "can't be reached"),
    ],
)
def test_every_refusal_is_one_sentence_without_the_key(endpoint, step, words):
    with pytest.raises(ModelError) as caught:
        convert(endpoint, step)
    message = str(caught.value)
    assert words in message
    assert "\n" not in message
    assert "sk-very-secret" not in message


def test_the_key_may_be_given_and_is_never_shown(endpoint):
    endpoint.script = [refusal(400, "no use for sk-mine here")]
    model = OpenAIModel("m", base_url=endpoint.url, api_key="sk-mine", retries=0)
    with pytest.raises(ModelError, match=r"no use for \*\*\* here"):
        model.convert(PICTURE, Language.SVG)
    headers = {name.lower(): value for name, value in endpoint.requests[0][1].items()}
    assert headers["authorization"] == "Bearer sk-mine"
    assert "sk-mine" not in repr(model)


def test_an_endpoint_without_a_key(endpoint, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY")
    assert convert(endpoint, answer(SVG)).source == SVG


def test_a_password_in_the_address_is_not_shown():
    with pytest.raises(ModelError) as caught:
        OpenAIModel("m", base_url="http://me:hush@127.0.0.1:9/v1", retries=0).convert(PICTURE, Language.SVG)
    assert "http://127.0.0.1:9/v1" in str(caught.value) and "hush" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["no address", "ftp://127.0.0.1/v1", "http://", "http://[/v1", "http://a:b:c", "localhost:8000"]
)
def test_an_address_that_is_none(url):
    with pytest.raises(UserError, match="no endpoint's address"):
        OpenAIModel("m", base_url=url)


def test_an_answer_in_parts(endpoint):
    assert (
        convert(endpoint, answer([{"type": "text", "text": SVG[:9]}, {"type": "text", "text": SVG[9:]}])).source == SVG
    )


def test_an_answer_cut_off_in_thought(endpoint):
    cut = json.loads(answer("")[2])
    cut["choices"][0]["finish_reason"] = "length"
    with pytest.raises(NoAnswer, match="all its tokens"):
        convert(endpoint, (200, {}, json.dumps(cut)))


def test_a_silent_endpoint_is_given_up(endpoint):
    with pytest.raises(ModelError, match=r"within 0\.3 seconds"):
        convert(endpoint, "silent", timeout_s=0.3)


def test_an_unreachable_endpoint_is_named():
    with pytest.raises(ModelError, match=r"http://127\.0\.0\.1:9/v1 can't be reached"):
        OpenAIModel("m", base_url="http://127.0.0.1:9/v1", retries=0).convert(PICTURE, Language.SVG)


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (answer("I can't see any picture, sorry."), "without a program"),
        (answer(""), "said nothing"),
        (answer(None, refusal="Not allowed."), "refused: Not allowed."),
    ],
)
def test_an_answer_without_a_program_keeps_the_reply(endpoint, step, words):
    with pytest.raises(NoAnswer) as caught:
        convert(endpoint, step)
    assert words in str(caught.value)
    assert caught.value.reply == (json.loads(step[2])["choices"][0]["message"]["content"] or "")
