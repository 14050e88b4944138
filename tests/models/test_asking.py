"""Endpoints as chat models: what is sent, what comes back, and how long is waited for it."""

import asyncio
import json
import math
import pickle
import threading
import time
from email.utils import formatdate

import pytest

from derender.core import UserError
from derender.models import ChatModel, ImagePart, Message, ModelError, NoAnswer, OpenAIModel, Sampling, Usage, wait

from .endpoint import KEY, answer, answers, refusal

TALK = [Message.system("Be brief."), Message.user("What is this?", ImagePart(b"\x89PNG...", "image/png"))]
USAGE = {"prompt_tokens": 100, "completion_tokens": 20, "prompt_tokens_details": {"cached_tokens": 64}}


def model(endpoint, **settings):
    return OpenAIModel("m", base_url=endpoint.url, **{"retries": 3, "pause_s": 0.001, **settings})


def ask(endpoint, *script, sampling=None, deadline=None, **settings):
    endpoint.script = list(script)
    return wait(model(endpoint, **settings).ask(TALK, sampling, deadline=deadline))


def test_an_endpoint_is_a_chat_model(endpoint):
    assert isinstance(model(endpoint), ChatModel)


def test_messages_and_parameters_are_sent_in_the_endpoints_form(endpoint):
    schema = {"type": "object"}
    sampling = Sampling(temperature=0.0, max_tokens=50, seed=7, stop=("END",), schema=schema, extra={"top_k": 1})
    ask(endpoint, answer("A chart."), sampling=sampling)
    body = endpoint.requests[0][2]
    assert body["messages"][0] == {"role": "system", "content": "Be brief."}
    text, picture = body["messages"][1]["content"]
    assert text == {"type": "text", "text": "What is this?"}
    assert picture["image_url"]["url"] == "data:image/png;base64,iVBORy4uLg=="
    named = {name: body[name] for name in ("temperature", "max_tokens", "seed", "stop", "top_k")}
    assert named == {"temperature": 0.0, "max_tokens": 50, "seed": 7, "stop": ["END"], "top_k": 1}
    assert body["response_format"]["json_schema"]["schema"] == schema
    assert "n" not in body and "top_p" not in body


def test_text_and_usage_come_out(endpoint):
    found = ask(endpoint, answer("A chart.", USAGE, reasoning_content="Bars, so…"))
    assert found.said() == "A chart."
    assert found.samples[0].thoughts == "Bars, so…"
    assert found.usage == Usage(100, 20, 64)
    assert found.model == "m" and found.cached == 0


@pytest.mark.parametrize(
    "usage", [None, "many", {"prompt_tokens": "100"}, {"prompt_tokens": -5}, {"prompt_tokens": True}]
)
def test_tokens_that_nobody_counted_are_not_zero(endpoint, usage):
    assert ask(endpoint, answer("A chart.", usage)).usage is None


def test_an_endpoint_that_gives_one_answer_at_a_time_is_asked_for_the_rest(endpoint):
    script = [answers(["a", "b"], USAGE), answers(["c"], USAGE), answers(["d", "e", "f"], USAGE)]
    found = ask(endpoint, *script, sampling=Sampling(n=5, seed=10))
    assert [sample.text for sample in found.samples] == ["a", "b", "c", "d", "e"]
    assert found.usage == Usage(300, 60, 192)
    assert [(body.get("n"), body["seed"]) for _, _, body in endpoint.requests] == [(5, 10), (3, 12), (2, 13)]


def test_counts_that_no_request_has_are_none(endpoint):
    huge = {"prompt_tokens": 10**4000, "completion_tokens": 1}
    assert ask(endpoint, answer("A chart.", huge)).usage is None


def test_letters_that_cannot_be_sent_are_replaced(endpoint):
    endpoint.script = [answer("A chart.")]
    wait(model(endpoint).ask([Message.user("half a pair: \ud83d"), Message.assistant("\udc00")]))
    assert [each["content"] for each in endpoint.requests[0][2]["messages"]] == ["half a pair: ?", "?"]


def test_an_endless_reason_to_stop_is_cut(endpoint):
    found = ask(endpoint, answers([""], finish="x" * 100_000))
    with pytest.raises(NoAnswer) as caught:
        found.said()
    assert len(str(caught.value)) < 400


def test_a_refusal_among_answers_is_one_samples_own(endpoint):
    step = json.loads(answers(["a", None])[2])
    step["choices"][1]["message"]["refusal"] = "Not this one."
    found = ask(endpoint, (200, {}, json.dumps(step)), sampling=Sampling(n=2))
    assert found.said(0) == "a"
    with pytest.raises(NoAnswer, match=r"m refused: Not this one\."):
        found.said(1)


def test_a_refusal_without_content_is_the_models_own(endpoint):
    choice = {"finish_reason": "stop", "message": {"role": "assistant", "refusal": "Not this one."}}
    with pytest.raises(NoAnswer, match="m refused"):
        ask(endpoint, (200, {}, json.dumps({"choices": [choice]}))).said()


@pytest.mark.parametrize(
    "failure",
    [refusal(status, "later") for status in (408, 409, 429, 500, 502, 503, 529)]
    + [refusal(429, "later", **{"Retry-After": "0"}), refusal(429, "later", **{"Retry-After": formatdate(0)}), "cut"],
)
def test_what_may_pass_is_asked_again(endpoint, failure):
    assert ask(endpoint, failure, failure, answer("Now.")).said() == "Now."
    assert len(endpoint.requests) == 3


@pytest.mark.parametrize(
    "failure", [refusal(400, "no"), refusal(401, "no"), refusal(404, "no"), (200, {}, "{"), (200, {}, "[]")]
)
def test_what_will_not_pass_is_asked_once(endpoint, failure):
    with pytest.raises(ModelError):
        ask(endpoint, failure)
    assert len(endpoint.requests) == 1


def test_tries_are_counted_in_the_sentence(endpoint):
    with pytest.raises(ModelError, match=r"answered 429, too many requests: slow down after 2 retries$"):
        ask(endpoint, refusal(429, "slow down"), retries=2)
    assert len(endpoint.requests) == 3


def test_the_pause_that_the_endpoint_asks_for_is_kept(endpoint):
    started = time.monotonic()
    assert ask(endpoint, refusal(429, "later", **{"Retry-After": "0.4"}), answer("Now.")).said() == "Now."
    assert time.monotonic() - started >= 0.4


def test_a_pause_longer_than_the_deadline_is_not_begun(endpoint):
    started = time.monotonic()
    with pytest.raises(ModelError, match=r"429.*deadline leaves no time"):
        ask(endpoint, refusal(429, "later", **{"Retry-After": "30"}), deadline=started + 5)
    assert time.monotonic() - started < 3


def test_a_pause_beyond_all_patience_is_not_begun(endpoint):
    with pytest.raises(ModelError, match="asks for a pause of 3600 seconds"):
        ask(endpoint, refusal(503, "away", **{"Retry-After": "3600"}))


@pytest.mark.parametrize("step", ["silent", "slow"])
def test_a_deadline_ends_what_no_byte_or_ever_more_bytes_come_of(endpoint, step):
    started = time.monotonic()
    with pytest.raises(ModelError, match="did not answer 'm' before the deadline"):
        ask(endpoint, step, deadline=started + 0.3)
    assert time.monotonic() - started < 3


def test_bytes_that_trickle_do_not_outlast_the_time_of_a_try(endpoint):
    with pytest.raises(ModelError, match=r"within 0\.3 seconds after 1 retry"):
        ask(endpoint, "slow", timeout_s=0.3, retries=1)
    assert len(endpoint.requests) == 2


def test_a_deadline_that_has_passed_asks_nothing(endpoint):
    with pytest.raises(ModelError, match="before the deadline"):
        ask(endpoint, answer("Late."), deadline=time.monotonic() - 1)
    assert endpoint.requests == []


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ((200, {"Content-Type": "text/html; charset=utf-8"}, "<html>hi</html>"), "text/html instead of JSON"),
        ((200, {}, '{"choices": ['), "it is no whole JSON"),
        ((200, {}, "[" * 100_000), "it is no whole JSON"),
        (refusal(500, f"key {KEY} is bad"), "key *** is bad"),
    ],
)
def test_each_kind_of_nonsense_has_its_sentence(endpoint, step, words):
    with pytest.raises(ModelError) as caught:
        ask(endpoint, step, retries=0)
    assert words in str(caught.value)
    assert KEY not in str(caught.value) and "\n" not in str(caught.value)


def test_no_more_requests_than_allowed_are_under_way(endpoint):
    endpoint.script = ["together"]
    asked = model(endpoint, concurrency=2)

    async def all_at_once():
        return await asyncio.gather(*(asked.ask([Message.user(str(number))]) for number in range(6)))

    found = asyncio.run(all_at_once())
    assert [each.said() for each in found] == ["both here"] * 6
    assert endpoint.most_active == 2


def test_one_model_serves_threads_and_event_loops_at_once(endpoint):
    endpoint.script = [answer("Yes.")]
    asked = model(endpoint)
    said = []

    def from_a_thread():
        said.append(wait(asked.ask(TALK)).said())
        said.append(asyncio.run(asked.ask(TALK)).said())

    threads = [threading.Thread(target=from_a_thread) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert said == ["Yes."] * 8


def test_a_model_that_was_used_can_be_sent_to_another_process(endpoint):
    endpoint.script = [answer("Yes.")]
    asked = model(endpoint)
    wait(asked.ask(TALK))
    copy = pickle.loads(pickle.dumps(asked))
    assert copy == asked
    assert wait(copy.ask(TALK)).said() == "Yes."


def test_an_awaiter_who_leaves_takes_the_request_along(endpoint):
    endpoint.script = ["silent", answer("Next.")]
    asked = model(endpoint, concurrency=1)

    async def leave():
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asked.ask(TALK), 0.2)
        # The only slot must be free again.
        return await asyncio.wait_for(asked.ask(TALK), 5)

    assert asyncio.run(leave()).said() == "Next."


@pytest.mark.parametrize(
    "settings", [{"n": 0}, {"max_tokens": 0}, {"temperature": -0.1}, {"temperature": math.nan}, {"top_p": 1.1}]
)
def test_an_impossible_wish_is_the_users_mistake(settings):
    with pytest.raises(UserError):
        Sampling(**settings)


@pytest.mark.parametrize("form", ["{}?key=hush-hush", "me:hush-hush@{}"])
def test_an_addresses_secrets_are_not_given_back(endpoint, form):
    endpoint.script = [refusal(400, "no such key: hush-hush")]
    address = f"http://{form.format(endpoint.url.removeprefix('http://'))}"
    with pytest.raises(ModelError, match=r"no such key: \*\*\*"):
        wait(OpenAIModel("m", base_url=address, retries=0).ask(TALK))


@pytest.mark.parametrize(
    "url", ["htp://me:{}@host/v1", "me:{}@host", "http://me:{}@host:0/v1?key={}", "host/v1?key={}"]
)
def test_what_is_no_address_is_shown_without_its_secrets(url):
    with pytest.raises(UserError, match="host") as caught:
        OpenAIModel("m", base_url=url.format(KEY, KEY))
    assert KEY not in str(caught.value)


def test_a_key_is_not_shown_by_half(endpoint):
    with pytest.raises(ModelError) as caught:
        ask(endpoint, refusal(400, "x" * 294 + KEY))
    assert "sk-" not in str(caught.value)


def test_nothing_at_once_is_the_users_mistake():
    with pytest.raises(UserError, match="at least one request"):
        OpenAIModel("m", concurrency=0)


def test_a_keys_line_break_is_left_out(endpoint):
    ask(endpoint, answer("Yes."), api_key="sk-mine\n")
    headers = {name.lower(): value for name, value in endpoint.requests[0][1].items()}
    assert headers["authorization"] == "Bearer sk-mine"


@pytest.mark.parametrize("key", ["sk-mi\nne", "sk-ключ"])
def test_a_key_that_can_be_none_is_not_shown(endpoint, key):
    with pytest.raises(UserError, match="OPENAI_API_KEY") as caught:
        ask(endpoint, answer("Yes."), api_key=key)
    assert "sk-" not in str(caught.value)


def test_the_identity_holds_no_secret():
    asked = OpenAIModel("m", base_url="http://me:hush@host:8000/v1/?key=hush", api_key="hush")
    assert asked.identity.startswith("openai m http://host:8000/v1?")
    assert "hush" not in asked.identity


def test_a_query_of_the_address_is_sent_and_tells_places_apart(endpoint):
    for version in "12":
        endpoint.script = [answer("here")]
        wait(OpenAIModel("m", base_url=f"{endpoint.url}?version={version}").ask(TALK))
    assert [path for path, _, _ in endpoint.requests] == [f"/v1/chat/completions?version={each}" for each in "12"]
    one, other = (OpenAIModel("m", base_url=f"{endpoint.url}?version={version}").identity for version in "12")
    assert one != other


@pytest.mark.parametrize(
    ("content", "media_type"),
    [(b"\x89PNG\r\n", "image/png"), (b"\xff\xd8\xff\xe0", "image/jpeg"), (b"RIFF....WEBP", "image/webp")],
)
def test_a_picture_file_is_sent_as_what_it_is(content, media_type):
    assert ImagePart.of_file(content) == ImagePart(content, media_type)


def test_a_file_that_models_do_not_take(endpoint):
    with pytest.raises(UserError, match="PNG, JPEG, WebP and GIF"):
        ImagePart.of_file(b"BM....")
