"""Checkpoints of the real classes, tiny and with random weights, through the code that loads real ones."""

import asyncio
import pickle
import shutil
import time

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

from derender.core import Language, UserError
from derender.models import (
    ChatModel,
    ImagePart,
    Message,
    ModelError,
    NoAnswer,
    Sampling,
    TransformersModel,
    convert_picture,
    load_chat_model,
    wait,
)
from derender.render import Engine

from .tiny_vlm import save

KINDS = ["qwen2_5_vl", "qwen3_vl"]
RED = ImagePart.of_pixels(np.full((60, 100, 3), (255, 0, 0), np.uint8))
CHECKS = ImagePart.of_pixels((np.indices((60, 100, 3)).sum(0) // 9 % 2 * 255).astype(np.uint8))
GREEDY = Sampling(temperature=0.0, max_tokens=24)


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory):
    """Kind → folder."""
    folder = tmp_path_factory.mktemp("checkpoints")
    for kind in KINDS:
        save(kind, folder / kind)
    return {kind: folder / kind for kind in KINDS}


@pytest.fixture(scope="module", params=KINDS)
def model(request, checkpoints):
    return load_chat_model(f"hf/{checkpoints[request.param]}")


def ask(model, picture=RED, sampling=GREEDY, text="What is this?", **options):
    talk = [Message.system("Be brief."), Message.user(picture, text)]
    return wait(model.ask(talk, sampling, **options))


def test_text_and_usage_come_out(model):
    assert isinstance(model, ChatModel)
    found = ask(model)
    assert found.model == model.name in {f"hf/{kind}" for kind in KINDS}
    assert found.samples[0].text
    assert found.usage.input_tokens > len("Be brief.What is this?") and 0 < found.usage.output_tokens <= 24


def test_the_likeliest_answer_hangs_on_picture_and_words_alone(model):
    said = ask(model).samples
    assert ask(model).samples == said
    assert ask(model, CHECKS).samples != said
    assert ask(model, text="Why, though?").samples != said


def test_a_larger_picture_costs_more(model):
    small = ask(model, ImagePart.of_pixels(np.zeros((32, 32, 3), np.uint8)))
    assert ask(model, CHECKS).usage.input_tokens > small.usage.input_tokens


def test_samples_are_drawn_by_the_seed(model):
    sampling = Sampling(n=3, temperature=1.0, max_tokens=16, seed=5)
    found = ask(model, sampling=sampling)
    assert ask(model, sampling=sampling).samples == found.samples
    assert len(set(found.samples)) == 3
    assert ask(model, sampling=sampling.after(1)).samples == found.samples[1:]
    assert found.usage.input_tokens == 3 * ask(model).usage.input_tokens


def test_an_answer_ends_before_a_stop(model):
    whole = ask(model).samples[0]
    middle = next(sign for sign in whole.text[4:] if sign.isascii())
    stopped = ask(model, sampling=Sampling(temperature=0.0, max_tokens=24, stop=(middle,))).samples[0]
    assert (stopped.text, stopped.finish) == (whole.text.partition(middle)[0], "stop")


def test_an_answer_that_is_too_long_says_so(model):
    found = ask(model, sampling=Sampling(temperature=0.0, max_tokens=2))
    assert (found.samples[0].finish, found.usage.output_tokens) == ("length", 2)


def test_a_deadline_ends_an_answer(model):
    ask(model)
    started = time.monotonic()
    with pytest.raises(ModelError, match="did not answer before the deadline"):
        ask(model, sampling=Sampling(temperature=0.0, max_tokens=100_000), deadline=started + 0.3)
    # The next one does not wait for what nobody wants.
    assert ask(model).samples[0].text
    assert time.monotonic() - started < 5


def test_the_chat_template_takes_options(model):
    loud = Sampling(temperature=0.0, max_tokens=4, extra={"chat_template_kwargs": {"shout": True}})
    assert ask(model, sampling=loud).usage.input_tokens == ask(model).usage.input_tokens + len("LOUD")


def test_a_checkpoint_that_was_used_can_be_sent_to_another_process(model):
    said = ask(model).samples
    sent = pickle.dumps(model)
    assert len(sent) < 1000
    assert ask(pickle.loads(sent)).samples == said


def test_several_may_ask_at_once(model):
    async def both():
        talks = [[Message.user(picture, "What?")] for picture in (RED, CHECKS)]
        return await asyncio.gather(*(model.ask(talk, GREEDY) for talk in talks))

    first, second = asyncio.run(both())
    assert first.samples != second.samples


def test_what_it_says_of_a_picture_is_no_program_and_is_kept(checkpoints):
    model = TransformersModel(str(checkpoints["qwen3_vl"]))

    class Brief:
        name, identity = model.name, model.identity

        async def ask(self, messages, sampling=None, **options):
            return await model.ask(messages, GREEDY, **options)

    with Engine(jobs=1, cache=False, isolation="weak") as engine, pytest.raises(NoAnswer) as caught:
        convert_picture(Brief(), engine, np.zeros((60, 80, 3), np.uint8), Language.SVG)
    assert caught.value.reply


def test_the_identity_follows_the_weights(checkpoints, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(checkpoints["qwen3_vl"], folder)
    original = TransformersModel(str(checkpoints["qwen3_vl"])).identity
    assert TransformersModel(str(folder)).identity == original
    weights = folder / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    assert TransformersModel(str(folder)).identity != original


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("hf/no/such/folder", "there is no such folder"),
        ("hf/nobody/nothing", r"run `hf download nobody/nothing`"),
        ("hf/.", "has no config.json"),
    ],
)
def test_a_checkpoint_that_is_none(tmp_path, monkeypatch, name, words):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=words):
        load_chat_model(name)


def test_a_checkpoint_of_something_else(tmp_path):
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    model = load_chat_model(f"hf/{tmp_path}")
    with pytest.raises(UserError, match="no checkpoint of a model that sees"):
        ask(model)


def test_a_picture_that_is_none_is_one_sentence(model):
    with pytest.raises(UserError, match="damaged"):
        ask(model, ImagePart(b"\x89PNG\r\n\x1a\nno more"))
