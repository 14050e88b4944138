"""Vectors of pictures with words, from an endpoint on loopback and from a tiny checkpoint of the real class."""

import json

import numpy as np
import pytest
from transformers import Qwen3VLForConditionalGeneration

from derender.core import UserError
from derender.models import ModelError
from derender.models.embeddings import OpenAIEncoder, Shown, TransformersEncoder, unit

from .endpoint import KEY, refusal
from .tiny_vlm import save

RED = np.full((60, 100, 3), (255, 0, 0), np.uint8)
CHECKS = (np.indices((90, 40, 3)).sum(0) // 9 % 2 * 255).astype(np.uint8)
TELL = "Compare drawings."


def vector(*numbers):
    return 200, {}, json.dumps({"object": "list", "data": [{"index": 0, "embedding": list(numbers)}]})


@pytest.fixture
def encoder(endpoint):
    return OpenAIEncoder("E", endpoint.url, pause_s=0.01, retries=1, concurrency=1, instruction=TELL)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tiny") / "qwen3_vl"
    save("qwen3_vl", folder)
    model = Qwen3VLForConditionalGeneration.from_pretrained(folder)
    # The tiny one looks at a single token; with weights as small as a model starts with it looks at all of them.
    for weights in model.parameters():
        weights.data.div_(8)
    model.save_pretrained(folder)
    return folder


def test_an_endpoint_is_sent_a_talk_and_its_vector_has_length_one(endpoint, encoder):
    endpoint.script = [vector(3, 4), vector(0, 2)]
    encoder.ready()
    first, second = encoder.vectors([Shown(RED, "shapes"), Shown(RED)])
    assert first.tolist() == pytest.approx([0.6, 0.8]) and second.tolist() == [0, 1]
    path, headers, body = endpoint.requests[0]
    assert (path, body["model"], headers["authorization"]) == ("/v1/embeddings", "E", f"Bearer {KEY}")
    system, user = body["messages"]
    assert system == {"role": "system", "content": TELL}
    assert [part["type"] for part in user["content"]] == ["image_url", "text"]
    assert [part["type"] for part in endpoint.requests[1][2]["messages"][1]["content"]] == ["image_url"]
    assert "input" not in body and body["encoding_format"] == "float"


def test_a_picture_that_is_refused_costs_no_other_its_vector(endpoint, encoder):
    endpoint.script = [vector(1, 0), refusal(400, f"too large {KEY}"), refusal(503, "busy"), vector(0, 1)]
    first, second, third = encoder.vectors([Shown(RED)] * 3)
    assert first.tolist() == [1, 0] and third.tolist() == [0, 1]
    assert isinstance(second, ModelError) and "too large" in str(second) and KEY not in str(second)


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ((200, {}, "{}"), "without a vector"),
        ((200, {}, '{"data": [{"embedding": "no"}]}'), "without a vector"),
        ((200, {}, f'{{"data": [{{"embedding": [{400 * "9"}]}}]}}'), "without a vector"),
        (vector(0, 0), "no direction"),
        ((200, {}, '{"data": [{"embedding": [NaN, 1]}]}'), "no direction"),
        (refusal(401, "who?"), "valid key"),
        ("cut", "can't be reached"),
    ],
)
def test_an_answer_without_a_vector_is_a_sentence(endpoint, encoder, step, said):
    endpoint.script = [step]
    (found,) = encoder.vectors([Shown(RED)])
    assert isinstance(found, ModelError) and said in str(found)


def test_a_checkpoint_sees_picture_and_words(checkpoint):
    encoder = TransformersEncoder(str(checkpoint), TELL)
    encoder.ready()
    shown = [Shown(RED), Shown(CHECKS), Shown(RED, "shapes"), Shown(RED)]
    found = encoder.vectors(shown)
    assert all(np.linalg.norm(each) == pytest.approx(1, abs=1e-6) for each in found)
    red, checks, told, again = found
    assert red @ again == pytest.approx(1, abs=1e-5)
    assert max(red @ checks, red @ told) < 0.9999
    # Padding beside longer ones changes nothing.
    alone = TransformersEncoder(str(checkpoint), TELL, batch=1).vectors(shown)
    for one, other in zip(found, alone, strict=True):
        assert one @ other == pytest.approx(1, abs=1e-4)
    assert TransformersEncoder(str(checkpoint), "Else.").vectors([Shown(RED)])[0] @ red < 0.9999


def test_the_fingerprint_hangs_on_model_and_instruction(checkpoint, encoder):
    one, other = (TransformersEncoder(str(checkpoint), tell).fingerprint for tell in (TELL, "Else."))
    assert one != other
    assert encoder.fingerprint != OpenAIEncoder("F", encoder.base_url, instruction=TELL).fingerprint


def test_a_checkpoint_that_is_not_there_is_a_sentence(tmp_path):
    with pytest.raises(UserError, match="no checkpoint"):
        (tmp_path / "config.json").write_text("{}")
        TransformersEncoder(str(tmp_path)).ready()
    with pytest.raises(UserError, match="hf download"):
        TransformersEncoder("nobody/nothing").ready()


def test_a_vector_of_nothing_has_no_direction():
    with pytest.raises(ModelError):
        unit([0.0, 0.0])
    assert unit([[3.0], [4.0]]).tolist() == pytest.approx([0.6, 0.8])
