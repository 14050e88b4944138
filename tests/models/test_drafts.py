"""What models are asked for programs with."""

import numpy as np
import pytest

from derender.core import Language, Program, UserError
from derender.models import ImagePart, NoAnswer, load_model
from derender.models.conversion import parse_target
from derender.models.drafts import conversion, editing, generation, program_in

PICTURE = np.zeros((30, 40, 3), np.uint8)


def text_of(assignment):
    (message,) = assignment.messages
    return next(part for part in message.parts if isinstance(part, str))


@pytest.mark.parametrize("target", list(Language))
def test_each_language_has_its_prompts_with_nothing_left_to_fill(target):
    picture = conversion(PICTURE, target, "a")
    request = generation("three {curly} bars", target, "b")
    change = editing(Program("x {y} z", target), "make it {green}", "c")
    for assignment in (picture, request, change):
        assert assignment.target is target and len(assignment.prompt) == 64
        text = text_of(assignment)
        assert f"```{target}" in text
        for name in ("{width}", "{height}", "{language}", "{kind}", "{tag}", "{rules}", "{request}", "{fence}"):
            assert name not in text
    assert "40 by 30" in text_of(picture) and isinstance(picture.messages[0].parts[0], ImagePart)
    assert "three {curly} bars" in text_of(request)
    assert "x {y} z" in text_of(change) and "make it {green}" in text_of(change)
    assert [each.item for each in (picture, request, change)] == ["a", "b", "c"]


def test_the_prompts_hash_tells_prompts_apart_and_not_what_is_filled_in():
    assert generation("one", Language.SVG).prompt == generation("two", Language.SVG).prompt
    others = {generation("one", Language.HTML).prompt, editing(Program("<svg/>", "svg"), "x").prompt}
    assert generation("one", Language.SVG).prompt not in others and len(others) == 2


def test_a_program_with_fences_in_it_closes_nothing():
    source = 'text = """\n```python\nprint()\n```\n"""'
    lines = text_of(editing(Program(source, "python"), "say ```` more")).splitlines()
    assert "````python" in lines and "`````" in lines
    assert lines[lines.index("````python") + 1 : lines.index("````")] == source.splitlines()


@pytest.mark.parametrize("request_", ["", " \n"])
def test_an_empty_request_is_the_users_mistake(request_):
    with pytest.raises(UserError, match="say in words"):
        generation(request_, Language.SVG)
    with pytest.raises(UserError, match="say in words"):
        editing(Program("<svg/>", "svg"), request_)


def test_a_reply_without_a_program_is_named_and_kept():
    with pytest.raises(NoAnswer, match=r"m answered without a program .*'I see a chart\.'") as caught:
        program_in("I see\na chart.", Language.SVG, "m")
    assert caught.value.reply == "I see\na chart."


def test_models_that_are_asked_write_every_language(tmp_path):
    (tmp_path / "a.txt").write_text("x")
    asked = load_model(f"replay/{tmp_path}")
    assert [parse_target(language, asked) for language in Language] == list(Language)
    with pytest.raises(UserError, match="without asking a model: use one of svg, python, html"):
        parse_target("latex")
