"""What is found out about a model before it is asked in earnest."""

import json
import time

import pytest

from derender.models import Message, OpenAIModel, Replay, Sampling, Traced, wait
from derender.models.chat import Answer, Sample
from derender.models.errors import ModelError
from derender.models.health import Part, State, check

from .endpoint import KEY, answer, answers, listed, refusal

MARKED = json.dumps({"colours": ["red", "blue"], "sure": 5})


def checked(endpoint, *script, models=None, **settings):
    endpoint.script, endpoint.models = list(script), models or listed("m")
    model = OpenAIModel("m", base_url=endpoint.url, **{"retries": 0, "pause_s": 0.001, **settings})
    return wait(check(model))


def states(health):
    return {each.part.value: each.state.value for each in health.findings}


def sentence(health, part):
    return next(each.sentence for each in health.findings if each.part is part)


def test_a_judge_in_good_health_is_asked_once(endpoint):
    health = checked(endpoint, answer(MARKED))
    assert set(states(health).values()) == {"good"}
    assert set(states(health)) == {"reachable", "key", "served", "answers", "picture", "pair", "schema"}
    assert health.problem(judge=True) is None
    assert health.latency_s > 0
    ((_, _, body),) = endpoint.requests
    assert [part["type"] for part in body["messages"][0]["content"]] == ["image_url", "image_url", "text"]
    assert body["temperature"] == 0.0
    assert body["response_format"]["type"] == "json_schema"


def test_nothing_there_is_said_with_what_to_look_for():
    health = wait(check(OpenAIModel("m", base_url="http://127.0.0.1:9/v1", retries=0)))
    assert states(health) == {"reachable": "bad"}
    assert "127.0.0.1:9/v1 can't be reached" in health.problem() and "is it running" in health.problem()
    assert health.latency_s is None


@pytest.mark.parametrize("models", [(401, {}, "{}"), (404, {}, "{}")])
def test_a_key_that_is_not_let_in(endpoint, models):
    health = checked(endpoint, refusal(401, f"no such key {KEY}"), models=models)
    assert states(health)["key"] == "bad"
    assert "OPENAI_API_KEY" in health.problem()
    assert KEY not in str(health)


def test_a_model_that_is_not_served_is_said_with_those_that_are(endpoint):
    health = checked(endpoint, refusal(404, "no such model"), models=listed(*"abcdefg"))
    assert sentence(health, Part.SERVED) == "'m' is not in its list of models: a, b, c, d, e and 2 more"
    assert "knows no model 'm'" in health.problem()
    assert len(endpoint.requests) == 1


def test_an_endpoint_without_a_list_may_serve_it_all_the_same(endpoint):
    health = checked(endpoint, answer(MARKED), models=(404, {}, "{}"))
    assert states(health)["served"] == "odd"
    assert health.problem(judge=True) is None


def test_an_endpoint_that_takes_no_schema_is_judged_with_plainly(endpoint):
    health = checked(endpoint, refusal(400, "response_format is unknown"), answer("Red and blue."))
    assert states(health)["schema"] == "bad"
    assert "response_format is unknown" in health.problem(judge=True) and "--plain" in health.problem(judge=True)
    assert health.problem(judge=True, plain=True) is None
    assert health.problem() is None
    assert not {"response_format", "temperature"} & set(endpoint.requests[1][2])


def test_a_schema_that_is_passed_over_is_worth_knowing(endpoint):
    health = checked(endpoint, answer("Red, then blue."))
    assert (states(health)["schema"], states(health)["picture"]) == ("odd", "good")
    assert health.problem(judge=True) is None


def test_an_endpoint_that_takes_one_picture_at_a_time_judges_nothing(endpoint):
    no = refusal(400, "at most 1 image may be provided")
    health = checked(endpoint, no, no, answer("red"))
    assert (states(health)["picture"], states(health)["pair"]) == ("good", "bad")
    assert "at most 1 image" in health.problem(judge=True) and "--limit-mm-per-prompt" in health.problem(judge=True)
    assert health.problem() is None


def test_a_model_without_eyes_is_named_as_such(endpoint):
    no = refusal(400, "this model takes text only")
    health = checked(endpoint, no, no, no, answer("red"))
    assert states(health) == {
        "reachable": "good", "served": "good", "key": "good", "answers": "good", "picture": "bad"
    }  # fmt: skip
    assert "text only" in health.problem()


@pytest.mark.parametrize("said", ["I see no squares.", "Blue and red.", "</think>green"])
def test_a_model_that_sees_something_else_is_doubted(endpoint, said):
    health = checked(endpoint, answer(said))
    assert states(health)["picture"] == "odd"
    assert "a red square and a blue square" in sentence(health, Part.PICTURE)


def test_thoughts_are_told_apart_from_the_answer(endpoint):
    health = checked(endpoint, answer(f"<think>Blue? No, red, then blue.</think>\n{MARKED}"))
    assert (states(health)["schema"], states(health)["picture"], states(health)["thoughts"]) == ("good", "good", "odd")
    assert "enable_thinking" in sentence(health, Part.THOUGHTS)
    assert states(checked(endpoint, answer(MARKED, reasoning_content="Red …")))["thoughts"] == "odd"


def test_a_model_that_spends_all_on_thoughts_is_told_to_think_less(endpoint):
    health = checked(endpoint, answers([""], finish="length"))
    assert states(health)["answers"] == "bad"
    assert "all its tokens for thinking" in health.problem() and "enable_thinking" in health.problem()
    assert "enable_thinking" not in checked(endpoint, answer("", refusal="No squares for you")).problem()


def test_an_outage_is_no_fault_of_the_question(endpoint):
    health = checked(endpoint, refusal(503, "loading the model"))
    assert "loading the model" in health.problem()
    assert len(endpoint.requests) == 1


def test_a_server_that_trips_over_a_schema_is_asked_plainly(endpoint):
    health = checked(endpoint, refusal(500, "no grammar"), refusal(500, "no grammar"), answer("red, blue"), retries=1)
    assert states(health)["schema"] == "bad"


def test_a_silent_endpoint_is_given_up_at_the_deadline(endpoint):
    endpoint.script, endpoint.models = ["silent"], listed("m")
    started = time.monotonic()
    health = wait(check(OpenAIModel("m", base_url=endpoint.url), deadline=started + 0.5))
    assert "before the deadline" in health.problem()
    assert time.monotonic() - started < 5


def test_it_is_asked_as_it_will_be(endpoint):
    endpoint.script, endpoint.models = [answer(MARKED)], listed("m")
    extra = {"chat_template_kwargs": {"enable_thinking": False}}
    wait(check(OpenAIModel("m", base_url=endpoint.url), sampling=Sampling(max_tokens=7, extra=extra)))
    body = endpoint.requests[0][2]
    assert (body["max_tokens"], body["chat_template_kwargs"]) == (7, extra["chat_template_kwargs"])
    assert "temperature" not in body


class _OneAtATime:
    name = identity = "some/model"

    async def ask(self, messages: list[Message], sampling=None, *, deadline=None, item=None):
        if len(messages[0].parts) > 2:
            raise ModelError("one picture, please")
        return Answer((Sample("red"),), self.name)


def test_any_other_model_is_asked_for_less_and_less_too():
    health = wait(check(_OneAtATime()))
    assert (health.problem(), states(health)["pair"]) == (None, "bad")


def test_a_recording_and_the_offline_model_need_no_endpoint(tmp_path):
    (tmp_path / "a.txt").write_text("said")
    health = wait(check(Replay(tmp_path)))
    assert [each.state for each in health.findings] == [State.GOOD]
    assert health.findings[0].sentence == "it gives back what was recorded about 1 item"
    health = wait(check(Traced("svg")))
    assert health.problem() is None and health.latency_s > 0
