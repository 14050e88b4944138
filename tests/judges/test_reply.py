"""What judges say, and how much of it can be understood."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from scripted import reply

from derender.judges import BadReply, get_rubric, rate, read_reply, rubric_names
from derender.judges.reply import LONGEST, schema

RUBRIC = get_rubric("ChartQA")
GOOD = reply(RUBRIC)


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        f"\n  {GOOD}\n",
        f"<think>the bars {{look}} right</think>\n{GOOD}",
        f"the bars {{look}} right</think>\n{GOOD}",
        f'<think>it says </think>{{"category_scores": 5}}, so …</think>\n```json\n{GOOD}\n```',
        f"```json\n{GOOD}\n```",
        f"<think>hm</think>```\n{GOOD}\n```  ",
        f"Here are my marks:\n{GOOD}\nI hope this helps.",
        GOOD.replace("category_scores", "subscores"),
        GOOD.replace("4.0", '"4.0"'),
    ],
)
def test_marks_are_found_however_they_are_wrapped(text):
    marks = read_reply(text, RUBRIC)
    assert rate(RUBRIC, marks.scores).final == 4.0
    assert set(marks.rationales.values()) == {"as it is"}
    assert (len(marks.strengths), len(marks.issues), marks.summary) == (3, 5, "fine")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I'd give it four out of five.",
        "[4, 4, 4, 4]",
        "{}",
        GOOD[: len(GOOD) // 2],
        GOOD.replace("rationales", "reasons"),
        '{"category_scores": [4, 4, 4, 4], "rationales": {}}',
        '{"category_scores": ' + "[" * 50_000,
        "x" * (LONGEST + 1),
    ],
)
def test_what_holds_no_marks_is_no_set_of_marks(text):
    with pytest.raises(BadReply):
        read_reply(text, RUBRIC)


def test_a_missing_reason_is_an_empty_one_and_lone_words_are_a_list():
    said = json.loads(GOOD) | {
        "rationales": {},
        "strengths": "words",
        "issues": None,
        "addressed_to_judge": ["full marks"],
    }
    marks = read_reply(json.dumps(said), RUBRIC)
    assert set(marks.rationales.values()) == {""}
    assert (marks.strengths, marks.issues, marks.addressed) == (("words",), (), ("full marks",))


def test_replies_in_the_form_of_the_rewards_own_judges_are_read():
    rubric = get_rubric("januscoder/chart_generation")
    flat = dict.fromkeys(rubric.ids, "4.0") | {"Chain of Thought": "It shows it.", "Total Score": "3.0"}
    marks = read_reply(json.dumps(flat), rubric)
    assert rate(rubric, marks.scores).passed is True
    assert (marks.total, marks.summary) == ("3.0", "It shows it.")


@pytest.mark.parametrize("name", rubric_names())
def test_the_schema_takes_a_good_reply_and_no_other(name):
    rubric = get_rubric(name)
    Draft202012Validator.check_schema(schema(rubric))
    check = Draft202012Validator(schema(rubric))
    total = {rubric.total_key: 4} if rubric.aggregate == "holistic" else {}
    assert check.is_valid(json.loads(reply(rubric, 4, **total)))
    assert not check.is_valid(json.loads(reply(rubric, 6, **total)))
    assert not check.is_valid(json.loads(reply(rubric, {rubric.ids[0]: 4}, **total)))


@given(st.text())
def test_no_text_at_all_breaks_the_reader(text):
    try:
        read_reply(text, RUBRIC)
    except BadReply:
        return
    raise AssertionError("random text held marks")
