"""Inspect's models as ours, at a real endpoint on loopback, and ours as Inspect's."""

import asyncio
import json
import pickle
import threading
import time

import pytest

pytest.importorskip("inspect_ai")

from derender.core import Language, UserError
from derender.models import ActiveModel, ImagePart, InspectModel, Message, ModelError, Sampling, load_chat_model, wait
from derender.models.inspect import config_of, from_inspect, inspect_model, sampling_of, to_inspect

from .endpoint import KEY, Endpoint, answers, refusal

NAME = "inspect/openai-api/local/tiny"
PICTURE = ImagePart(b"\x89PNG\r\n\x1a\nnot looked at", "image/png")
QUESTION = [Message.system("Be short."), Message.user(PICTURE, "What is it?")]
SCHEMA = {
    "type": "object",
    "properties": {"mark": {"type": "number"}},
    "required": ["mark"],
    "additionalProperties": False,
}


def said(*texts, finish="stop", **usage):
    status, headers, body = answers(texts, usage or None, finish)
    return status, headers, json.dumps({**json.loads(body), "model": "tiny"})


@pytest.fixture
def endpoint(monkeypatch):
    monkeypatch.setenv("LOCAL_API_KEY", KEY)
    monkeypatch.setenv("NO_PROXY", "*")
    server = Endpoint()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.release.set()
    server.shutdown()
    server.server_close()


def ask(endpoint, sampling=None, **more):
    return wait(load_chat_model(NAME, endpoint.url).ask(QUESTION, sampling, **more))


def test_pictures_and_parameters_go_out_and_texts_and_tokens_come_back(endpoint):
    counts = {"prompt_tokens": 100, "completion_tokens": 5, "total_tokens": 105}
    endpoint.script = [said("a bar", **counts, prompt_tokens_details={"cached_tokens": 40})]
    wanted = Sampling(temperature=0.0, max_tokens=50, seed=7, stop=("END",), schema=SCHEMA, extra={"top_k": 3})
    answer = ask(endpoint, wanted)
    assert answer.said() == "a bar" and answer.model == "openai-api/local/tiny"
    # All that was sent counts as input, what was at hand included.
    assert (answer.usage.input_tokens, answer.usage.output_tokens, answer.usage.cached_tokens) == (100, 5, 40)
    ((_, _, body),) = endpoint.requests
    assert body["messages"][0] == {"role": "system", "content": "Be short."}
    picture, text = body["messages"][1]["content"]
    assert picture["image_url"]["url"].startswith("data:image/png;base64,") and text["text"] == "What is it?"
    assert (body["temperature"], body["max_tokens"], body["seed"], body["stop"]) == (0.0, 50, 7, ["END"])
    assert body["top_k"] == 3
    assert body["response_format"]["json_schema"]["schema"]["required"] == ["mark"]


def test_where_fewer_answers_come_than_were_asked_for_the_others_are_asked_for(endpoint):
    endpoint.script = [said("one"), said("two")]
    answer = ask(endpoint, Sampling(n=2, seed=5))
    assert [sample.text for sample in answer.samples] == ["one", "two"]
    assert [body.get("seed") for _, _, body in endpoint.requests] == [5, 6]
    assert answer.usage is None


def test_an_answer_cut_short_says_so(endpoint):
    endpoint.script = [said("half a", finish="length")]
    assert ask(endpoint).samples[0].finish == "length"


def test_a_failure_is_one_sentence_without_the_key(endpoint):
    endpoint.script = [refusal(401, f"the key {KEY} is wrong")]
    with pytest.raises(ModelError, match=r"openai-api/local/tiny: .*the key .* is wrong") as caught:
        ask(endpoint)
    assert KEY not in str(caught.value) and "\n" not in str(caught.value)


def test_the_deadline_holds(endpoint):
    endpoint.script = ["silent"]
    started = time.monotonic()
    with pytest.raises(ModelError, match="before the deadline"):
        ask(endpoint, deadline=started + 0.5)
    assert time.monotonic() - started < 5


def test_it_can_be_asked_from_many_loops_at_once(endpoint):
    endpoint.script = [said("yes")]
    model = load_chat_model(NAME, endpoint.url)
    found = []

    def one():
        found.append(asyncio.run(model.ask(QUESTION)).said())

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert found == ["yes"] * 4


def test_its_identity_is_name_place_and_settings_and_holds_no_secret(endpoint):
    from inspect_ai.model import GenerateConfig

    place = endpoint.url.replace("http://", "http://me:hidden@")
    model = load_chat_model(NAME, place)
    assert model.identity == f"inspect openai-api/local/tiny {endpoint.url}"
    asked = pickle.loads(pickle.dumps(model))
    assert asked == model and asked.identity == model.identity

    def identity(**config):
        return ActiveModel(inspect_model(model.name, endpoint.url, GenerateConfig(**config))).identity

    # What a question says itself, or what changes no answer, is no part of it.
    assert identity(temperature=0.5, max_connections=3, max_retries=1) == model.identity
    assert len({model.identity, identity(top_k=5), identity(extra_headers={"x": KEY})}) == 3
    assert KEY not in identity(extra_headers={"x": KEY})


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("inspect/nobody/x", "Inspect can't ask nobody/x"),
        ("inspect/x", "Inspect can't ask x"),
        ("inspect/openai-api/other/x", "OTHER_API_KEY"),
    ],
)
def test_a_name_that_can_not_be_asked_is_one_sentence_at_once(name, said, monkeypatch):
    monkeypatch.delenv("OTHER_API_KEY", raising=False)
    with pytest.raises(UserError, match=said) as caught:
        load_chat_model(name)
    assert "\n" not in str(caught.value) and "[/" not in str(caught.value)


def test_messages_and_sampling_survive_the_way_there_and_back():
    talk = [*QUESTION, Message.assistant("a bar"), Message.user("sure?")]
    assert from_inspect(to_inspect(talk)) == talk
    wanted = Sampling(2, 0.5, 0.9, 100, 3, ("a", "b"), "low", SCHEMA, {"x": 1})
    assert sampling_of(config_of(wanted)) == wanted
    with pytest.raises(UserError, match="'hard'"):
        config_of(Sampling(reasoning_effort="hard"))


def test_a_model_of_ours_is_inspects_and_keeps_its_name_and_identity(tmp_path):
    import derender.benchmarks.inspect_registry  # noqa: F401

    lines = [{"id": "seven", "text": "a bar"}, {"id": "eight", "refusal": "I won't"}, {"id": "nine", "error": "down"}]
    path = tmp_path / "said.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    replay = load_chat_model(f"replay/{path}")
    active = ActiveModel(inspect_model(f"derender/replay/{path}"))
    assert (active.name, active.identity) == (replay.name, replay.identity)
    for item in ("seven", "eight"):
        plain, hosted = (asyncio.run(each.ask(QUESTION, item=item)) for each in (replay, active))
        assert hosted.samples == plain.samples
    with pytest.raises(ModelError, match=r"^down$"):
        asyncio.run(active.ask(QUESTION, item="nine"))


def test_the_offline_model_writes_a_program_for_inspect():
    pytest.importorskip("vtracer")
    import io

    from PIL import Image

    import derender.benchmarks.inspect_registry  # noqa: F401

    buffer = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(buffer, "PNG")
    active = ActiveModel(inspect_model("derender/trace"))
    assert active.identity == load_chat_model("trace", target=Language.PYTHON).identity
    answer = asyncio.run(active.ask([Message.user(ImagePart(buffer.getvalue()))]))
    assert answer.said().startswith("```python")


def test_no_vocabulary_is_fetched_to_count_tokens():
    import derender.benchmarks.inspect_registry  # noqa: F401

    counted = asyncio.run(inspect_model("derender/trace").count_tokens("x" * 400))
    assert 50 < counted < 200


def test_an_inspect_model_is_one_object_by_name_and_place(endpoint):
    assert load_chat_model(NAME, endpoint.url) == InspectModel("openai-api/local/tiny", endpoint.url)
