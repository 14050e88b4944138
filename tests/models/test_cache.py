"""Answers that are kept: what is asked again and what is not, and that no secret is kept with them."""

import pytest

from derender.core import ContentStore
from derender.models import Cached, ImagePart, Message, ModelError, OpenAIModel, Sampling, Usage, wait
from derender.models.cache import answer_store

from .endpoint import KEY, answer, answers, refusal

USAGE = {"prompt_tokens": 100, "completion_tokens": 20}
TALK = [Message.user(ImagePart(b"\x89PNG 1"), "What is this?")]


@pytest.fixture
def store(tmp_path):
    store = ContentStore(tmp_path / "answers")
    yield store
    store.close()


def cached(endpoint, store, *script, **settings):
    if script:
        endpoint.script = list(script)
    return Cached(OpenAIModel("m", base_url=endpoint.url, **{"retries": 0, **settings}), store)


def test_what_was_answered_is_not_asked_again(endpoint, store):
    first = wait(cached(endpoint, store, answer("A chart.", USAGE)).ask(TALK))
    # Another process would open the store anew.
    store.close()
    again = wait(cached(endpoint, ContentStore(store.folder), refusal(500, "down")).ask(TALK))
    assert len(endpoint.requests) == 1
    assert again.said() == first.said() == "A chart."
    assert (first.cached, first.usage, first.saved) == (0, Usage(100, 20), None)
    assert (again.cached, again.usage, again.saved) == (1, Usage(), Usage(100, 20))


OTHERS = {
    "text": ([Message.user(ImagePart(b"\x89PNG 1"), "What is that?")], Sampling(), {}),
    "picture": ([Message.user(ImagePart(b"\x89PNG 2"), "What is this?")], Sampling(), {}),
    "order": ([Message.user("What is this?", ImagePart(b"\x89PNG 1"))], Sampling(), {}),
    "role": ([Message.system("What is this?")], Sampling(), {}),
    "more": ([*TALK, Message.assistant("A chart.")], Sampling(), {}),
    "temperature": (TALK, Sampling(temperature=0.0), {}),
    "seed": (TALK, Sampling(seed=1), {}),
    "stop": (TALK, Sampling(stop=("x",)), {}),
    "max_tokens": (TALK, Sampling(max_tokens=5), {}),
    "schema": (TALK, Sampling(schema={"type": "object"}), {}),
    "extra": (TALK, Sampling(extra={"top_k": 1}), {}),
    "model": (TALK, Sampling(), {"name": "other"}),
    "place": (TALK, Sampling(), {"path": "/2"}),
}


@pytest.mark.parametrize("difference", list(OTHERS))
def test_another_request_is_asked(endpoint, store, difference):
    wait(cached(endpoint, store, answer("One."), answer("Two.")).ask(TALK))
    talk, sampling, other = OTHERS[difference]
    asked = OpenAIModel(other.get("name", "m"), base_url=endpoint.url + other.get("path", ""), retries=0)
    assert wait(Cached(asked, store).ask(talk, sampling)).said() == "Two."


@pytest.mark.parametrize("settings", [{"timeout_s": 9.0}, {"retries": 2}, {"api_key": "sk-other"}, {"concurrency": 3}])
def test_how_it_is_asked_makes_no_other_request(endpoint, store, settings):
    wait(cached(endpoint, store, answer("One."), answer("Two.")).ask(TALK))
    assert wait(cached(endpoint, store, **settings).ask(TALK)).said() == "One."


def test_more_samples_are_asked_for_only_as_far_as_they_are_missing(endpoint, store):
    wait(cached(endpoint, store, answers(["a", "b"], USAGE), answers(["c"], USAGE)).ask(TALK, Sampling(n=2, seed=5)))
    found = wait(cached(endpoint, store).ask(TALK, Sampling(n=3, seed=5)))
    assert [sample.text for sample in found.samples] == ["a", "b", "c"]
    assert (found.cached, found.usage, found.saved) == (2, Usage(100, 20), Usage(100, 20))
    assert endpoint.requests[1][2]["seed"] == 7 and "n" not in endpoint.requests[1][2]


def test_what_is_forgotten_is_asked_anew_and_nothing_else(endpoint, store):
    several = Sampling(n=2, seed=1)
    model = cached(endpoint, store, answers(["one", "two"]), answer("other"), answers(["new", "newer"]))
    wait(model.ask(TALK, several))
    wait(model.ask(TALK))
    wait(model.forget(TALK, several))
    assert wait(model.ask(TALK)).cached == 1
    again = wait(model.ask(TALK, several))
    assert ([again.said(0), again.said(1)], again.cached) == (["new", "newer"], 0)
    wait(model.forget([Message.user("never asked")]))


def test_a_failure_is_not_kept(endpoint, store):
    with pytest.raises(ModelError):
        wait(cached(endpoint, store, refusal(500, "down"), answer("Up.")).ask(TALK))
    assert wait(cached(endpoint, store).ask(TALK)).said() == "Up."


@pytest.mark.parametrize(("finish", "kept"), [("stop", False), ("content_filter", False), ("length", True)])
def test_an_empty_answer_is_kept_only_where_it_would_come_again(endpoint, store, finish, kept):
    wait(cached(endpoint, store, answers([""], finish=finish), answer("Text.")).ask(TALK))
    found = wait(cached(endpoint, store).ask(TALK))
    assert found.samples[0].text == ("" if kept else "Text.")


def test_a_refusal_is_kept(endpoint, store):
    wait(cached(endpoint, store, answer(None, refusal="No."), answer("Text.")).ask(TALK))
    assert wait(cached(endpoint, store).ask(TALK)).samples[0].refusal == "No."


def test_an_entry_that_cannot_be_read_is_asked_anew(endpoint, store, monkeypatch):
    wait(cached(endpoint, store, answer("One."), answer("Two.")).ask(TALK))
    get = store.get

    def damaged(key):
        found = get(key)
        return found and type(found)(b'{"text": 5}', ())

    monkeypatch.setattr(store, "get", damaged)
    assert wait(cached(endpoint, store).ask(TALK)).said() == "Two."


def test_no_key_and_no_password_is_written(endpoint, store):
    url = endpoint.url.replace("http://", "http://me:hush-hush@")
    endpoint.script = [answer("One.")]
    wait(Cached(OpenAIModel("m", base_url=url), store).ask(TALK))
    store.close()
    written = b"".join(path.read_bytes() for path in store.folder.rglob("*") if path.is_file())
    assert b"One." in written
    assert KEY.encode() not in written and b"hush-hush" not in written


def test_answers_lie_apart_from_renderings(monkeypatch, tmp_path):
    monkeypatch.setenv("DERENDER_CACHE", str(tmp_path))
    assert answer_store().folder == tmp_path / "answers"
