"""Reading replies as VinciCoder's reward does."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derender.metrics.vincicoder import extract_code, format_score

CASES = json.loads((Path(__file__).parent / "vectors" / "vincicoder" / "code_extract.json").read_text("utf-8"))
REPLY = st.lists(st.sampled_from(["```", "`", "python", "latex", "x", " ", "\n", "\x1c", "\u2003", "3"]), max_size=20)


@pytest.mark.parametrize("case", CASES, ids=range(len(CASES)))
def test_the_published_cases(case):
    found = extract_code(case["prompt"], case["response"])
    assert (found.keyword, found.language, list(found.codes)) == (case["keyword"], case["lang"], case["codes"])
    assert format_score(case["prompt"], case["response"]) == case["format"]


@given(REPLY.map("".join))
def test_fences_are_found_as_by_the_pattern_of_the_paper(reply):
    pattern = re.compile(r"```python\s*(.*?)\s*```", re.DOTALL)
    assert list(extract_code("a chart", reply).codes) == pattern.findall(reply)


def test_the_last_fence_is_run_and_an_empty_one_counts():
    assert extract_code("svg", "```svg\n<a/>\n``` then ```svg <b/>```").code == "<b/>"
    assert extract_code("python", "```python```").code == ""
    assert format_score("python", "```python```") == 1.0
    assert extract_code("python", "```python\nnever closed").code is None


def test_long_replies_take_linear_time():
    assert extract_code("python", "```python" + " " * 1_000_000).codes == ()
