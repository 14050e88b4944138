"""What an endpoint may do to whoever asks it: not send elsewhere, not fill the memory."""

import gzip

import pytest

from derender.core import UserError
from derender.models import Message, ModelError, OpenAIModel, connection, wait
from derender.models.errors import BadKey

from .endpoint import KEY, answer, listed, running

TALK = [Message.user("What is this?")]


def ask(endpoint, step):
    endpoint.script = [step]
    return wait(OpenAIModel("m", base_url=endpoint.url, retries=0).ask(TALK))


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirection_is_said_and_not_followed(endpoint, status):
    with running() as elsewhere:
        elsewhere.script = [answer("from elsewhere")]
        there = elsewhere.url.replace("http://", "http://me:secret@") + "/chat/completions?token=hidden"
        with pytest.raises(ModelError, match="names another place") as caught:
            ask(endpoint, (status, {"Location": there}, ""))
        assert elsewhere.requests == elsewhere.looked == []
    assert f"{elsewhere.url}/chat/completions" in str(caught.value)
    assert "secret" not in str(caught.value) and "hidden" not in str(caught.value)


def test_an_answer_that_never_ends_is_broken_off(endpoint, monkeypatch):
    monkeypatch.setattr(connection, "LONGEST_BODY", 1 << 20)
    with pytest.raises(ModelError, match="never ends"):
        ask(endpoint, "endless")


@pytest.mark.parametrize("status", [200, 400])
def test_a_small_answer_may_not_unpack_to_a_huge_one(endpoint, monkeypatch, status):
    monkeypatch.setattr(connection, "LONGEST_BODY", 1 << 20)
    with pytest.raises(ModelError, match="never ends"):
        ask(endpoint, (status, {"Content-Encoding": "gzip"}, gzip.compress(b" " * (2 << 20))))


def test_a_packed_answer_is_read(endpoint):
    status, headers, body = answer("packed")
    packed = (status, {**headers, "Content-Encoding": "gzip"}, gzip.compress(body.encode()))
    assert ask(endpoint, packed).said() == "packed"


def test_a_proxy_that_is_none_is_the_users_mistake(endpoint, monkeypatch):
    monkeypatch.setenv("ALL_PROXY", "carrier-pigeon://me:secret@loft:1")
    with pytest.raises(UserError, match="proxy that the environment names can't be used") as caught:
        ask(endpoint, answer("never"))
    assert "secret" not in str(caught.value)


def served(endpoint, step):
    endpoint.models = step
    return wait(OpenAIModel("m", base_url=endpoint.url).served())


def test_an_endpoint_says_what_it_serves(endpoint):
    assert served(endpoint, listed("m", "other")) == ["m", "other"]
    path, headers = endpoint.looked[0]
    assert (path, headers["authorization"]) == ("/v1/models", f"Bearer {KEY}")


@pytest.mark.parametrize(
    "step", [(404, {}, "{}"), (403, {}, "{}"), (200, {}, "<html>"), (200, {}, "[1]"), (200, {}, '{"data": 3}')]
)
def test_an_endpoint_without_a_list_says_nothing_of_it(endpoint, step):
    assert served(endpoint, step) is None


def test_a_key_that_is_not_let_in_is_said(endpoint):
    with pytest.raises(BadKey) as caught:
        served(endpoint, (401, {}, "{}"))
    assert KEY not in str(caught.value)
