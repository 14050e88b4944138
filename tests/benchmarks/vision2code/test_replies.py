"""Programs out of replies, the paper's way and ours."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derender.benchmarks.vision2code.replies import official_code, program_of
from derender.judges import Mode

VECTORS = (Path(__file__).parent / "vectors" / "replies.jsonl").read_text("utf-8").splitlines()
PIECES = st.lists(
    st.sampled_from(["```", "python", "Python\n", "x=1", "\n", " ", "<think>", "</think>", "`", "py"]), max_size=14
)


@pytest.mark.parametrize("line", VECTORS)
def test_official_code(line):
    case = json.loads(line)
    assert official_code(case["raw"]) == case["normalized"]


def by_patterns(reply):
    """The rules as patterns say them, which take forever on replies made for that."""
    text = re.sub(r"<think>.*?</think>\s*", "", reply.strip(), flags=re.DOTALL)
    if "</think>" in text:
        text = text.rsplit("</think>", 1)[1].lstrip()
    text = re.sub(r"</?think>", "", text)
    blocks = re.findall(r"```(?:python)?\s*(.*?)```", text, re.DOTALL | re.IGNORECASE)
    return blocks[-1].strip() if blocks else text


@given(PIECES)
def test_the_same_as_by_patterns(pieces):
    assert official_code("".join(pieces)) == by_patterns("".join(pieces))


@pytest.mark.parametrize("piece", ["<think>", "```", "``` \n", "</think>", "<think></think> "])
def test_replies_without_end_take_no_time(piece):
    assert len(official_code(piece * 100_000 + " " * 100_000 + "x")) < 1_000_000


def test_ours_takes_the_program_where_the_papers_way_takes_what_comes_last():
    reply = "```python\nimport matplotlib.pyplot as plt\nplt.plot([1])\n```\n\n```bash\npython plot.py\n```"
    assert program_of(reply).source == "bash\npython plot.py"
    assert program_of(reply, Mode.FIXED).source.startswith("import matplotlib")
    assert program_of("I can't.", Mode.FIXED).source == ""
