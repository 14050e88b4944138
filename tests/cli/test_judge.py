"""``derender judge``: from what a person types to what a person reads."""

import json
from pathlib import Path

VECTORS = (Path(__file__).parent.parent / "judges/vectors/rating_vectors.jsonl").read_bytes()


def test_apply_gives_the_published_ratings(derender):
    done = derender("judge", "apply", "vision2code", stdin=VECTORS)
    assert (done.code, done.err) == (0, "")
    assert done.rows == [json.loads(line) for line in VECTORS.splitlines()]


def test_apply_loses_nothing_to_a_bad_line(derender):
    first, second = VECTORS.splitlines(keepends=True)[:2]
    bad = b'{"dataset": "ChartQA", "scores": {}}\n\xff\xfe\nnothing\n\n'
    done = derender("judge", "apply", "vision2code", stdin=first + bad + second)
    assert done.code == 1
    assert done.rows == [json.loads(first), json.loads(second)]
    said = done.err.splitlines()
    assert [line.split(":")[1].strip() for line in said[:-1]] == ["line 2", "line 3", "line 4"]
    assert said[-1] == "derender: 2 rated, 3 could not be used"


def test_apply_says_in_a_sentence_what_it_cannot_use(derender):
    assert derender("judge", "apply", "vision2code").err == "derender: standard input: holds no ratings\n"
    done = derender("judge", "apply", "vision3code", stdin=VECTORS)
    assert (done.code, done.out) == (2, "")
    assert "januscoder, vision2code" in done.err
    assert derender("judge", "apply", "vision2code", stdin=b"no\n").code == 2
    assert "no such file" in derender("judge", "apply", "vision2code", "absent.jsonl").err.lower()
    assert "official" in derender("judge", "apply", "vision2code", "--mode", "better", stdin=VECTORS).err
