"""The offline model where a model is asked."""

import time

import numpy as np
import pytest

from derender.core import Language, UserError, extract_program
from derender.models import ChatModel, ImagePart, Message, ModelError, Sampling, Traced, load_chat_model, wait

PICTURE = np.full((60, 90, 3), 255, np.uint8)
PICTURE[20:50, 10:40] = (0, 0, 128)
SHOWN = ImagePart.of_pixels(PICTURE)


@pytest.mark.parametrize("target", [Language.SVG, Language.PYTHON])
def test_the_answer_holds_a_program_of_the_last_picture(target):
    model = load_chat_model("trace", target=target)
    assert isinstance(model, ChatModel) and model.name == "trace"
    white = ImagePart.of_pixels(np.full((60, 90, 3), 255, np.uint8))
    found = wait(model.ask([Message.user(white, "Not this."), Message.user(SHOWN, "Draw it.")], Sampling(n=2)))
    program = extract_program(found.said(), target).program
    assert "000080" in program.source
    assert found.samples[0] == found.samples[1]
    assert found.usage.input_tokens == 0


def test_languages_have_identities_of_their_own():
    assert Traced("svg").identity != Traced("python").identity


def test_words_alone_are_not_answered():
    with pytest.raises(ModelError, match="is shown none"):
        wait(Traced().ask([Message.user("a bar chart")]))


def test_a_deadline_is_kept():
    with pytest.raises(ModelError, match="before the deadline"):
        wait(Traced().ask([Message.user(SHOWN)], deadline=time.monotonic()))


def test_what_is_shown_must_be_a_picture():
    with pytest.raises(UserError, match="not a picture"):
        wait(Traced().ask([Message.user(ImagePart(b"text"))]))


def test_a_language_that_trace_does_not_write():
    with pytest.raises(UserError, match="trace does not write mermaid"):
        load_chat_model("trace", target=Language.MERMAID)
