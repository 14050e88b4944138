"""DeTikZify's scores of TeX: its own numbers, and the arithmetic by hand."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from derender.core import Program
from derender.metrics import Unscorable, score
from derender.metrics.detikzify import (
    crystalbleu,
    extended_edit_distance,
    mean_sampling_throughput,
    mean_token_efficiency,
    moses_tokens,
    shared_ngrams,
    spaced_tokens,
    tex_edit_distance,
    winsorised_mean,
    write_shared_ngrams,
)

OFFICIAL = json.loads((Path(__file__).parent / "vectors" / "detikzify" / "tikz.json").read_text("utf-8"))
"""TikZ programs, and what DeTikZify's tokenisers with crystalbleu 0.2 and torchmetrics' EED gave for them."""
SHARED = frozenset(map(tuple, OFFICIAL["shared_20"]))


def of(metric, pair):
    return score(Program(pair["reference"], "latex"), Program(pair["candidate"], "latex"), [metric])


@pytest.mark.parametrize("number", range(len(OFFICIAL["pairs"])))
def test_the_numbers_are_detikzifys_own(number):
    pair = OFFICIAL["pairs"][number]
    assert crystalbleu([pair["reference"]], [pair["candidate"]], SHARED) == pair["crystalbleu"]
    assert of("ted", pair).scores["ted"]["ted"] == pair["ted"]


def test_tokens_corpus_and_shared_ngrams_are_detikzifys_own():
    tokens = OFFICIAL["tokens"]
    assert moses_tokens(tokens["program"]) == tokens["moses"]
    assert spaced_tokens(tokens["program"]) == tokens["spaced"]
    assert [list(gram) for gram in shared_ngrams(OFFICIAL["corpus"], 20)] == OFFICIAL["shared_20"]
    sides = ([pair[side] for pair in OFFICIAL["pairs"]] for side in ("reference", "candidate"))
    assert crystalbleu(*sides, SHARED) == OFFICIAL["crystalbleu_of_all"]


def test_crystalbleu_needs_the_shared_ngrams(tmp_path, monkeypatch):
    pair = OFFICIAL["pairs"][1]
    monkeypatch.setenv("DERENDER_WEIGHTS", str(tmp_path))
    reason = of("crystalbleu", pair).unscored["crystalbleu"]
    assert str(tmp_path / "crystalbleu" / "datikz.json") in reason and "write_shared_ngrams" in reason
    write_shared_ngrams(shared_ngrams(OFFICIAL["corpus"], 20), tmp_path)
    assert of("crystalbleu", pair).scores["crystalbleu"]["crystalbleu"] == pair["crystalbleu"]


def test_the_edit_distance_by_hand():
    # One place, never visited, of two: 0.3 over the reference's length and itself.
    assert extended_edit_distance("a", "a") == pytest.approx(0.3 / 1.3)
    # Replacing costs 1. After "a" the cheapest place is behind it, and after "b" again: one place come back to, two
    # passed by.
    assert extended_edit_distance("ab", "ac") == pytest.approx((1 + 0.3 * 3) / (2 + 0.3 * 3))
    assert extended_edit_distance("a", "") == 1.0


@given(st.text("ab {", max_size=12), st.text("ab {", max_size=12))
@example("abcdefghijklmnopqrstuvwxyz", "abcdefghijklmnopqrstuvwxyz0123456789")
def test_the_edit_distance_is_the_recurrences(reference, candidate):
    reference = f" {reference} "
    row, visits = [0.0] + [1.0] * len(candidate), [-1] * (len(candidate) + 1)
    for sign in reference:
        below = [row[0] + 1]
        for place, other in enumerate(candidate, 1):
            below.append(min(below[-1] + 0.2, row[place - 1] + (other != sign), row[place] + 1))
        visits[below.index(min(below))] += 1
        row = [min(cost, 2 + min(below)) for cost in below] if sign == " " else below
    coverage = 0.3 * sum(1 if count < 0 else count for count in visits)
    expected = min(1, (row[-1] + coverage) / (len(reference) + coverage))
    assert extended_edit_distance(reference, candidate) == expected


def test_texts_without_a_space_take_no_longer_than_others():
    signs = "".join(chr(0x4E00 + number) for number in range(1_500))
    started = time.process_time()
    assert extended_edit_distance(signs, signs) == pytest.approx(0.3 / 1500.3)
    # Rounds over every row for each of its places would take three seconds.
    assert time.process_time() - started < 1.5


def test_token_efficiency_and_throughput_are_winsorised_means():
    # The result's share of all characters: 2 of 6, 3 of 3.
    assert mean_token_efficiency([["aaaa", "bb"], ["ccc"]]) == pytest.approx((1 / 3 + 1) / 2)
    # Of 20 the lowest and the highest are put in line: 1 becomes 3, 99 becomes 5.
    counts = [1] + [3] * 9 + [5] * 9 + [99]
    assert mean_sampling_throughput([["x"] * count for count in counts]) == (3 * 10 + 5 * 10) / 20
    assert winsorised_mean([7.0, 1.0]) == 4.0
    with pytest.raises(ValueError, match="no numbers"):
        winsorised_mean([])


def test_comments_do_not_count():
    program = OFFICIAL["corpus"][1]
    bare = program.replace(" % data", "")
    assert moses_tokens(program) == moses_tokens(bare)
    assert tex_edit_distance(program, bare) == tex_edit_distance(program, program) < 0.001


def test_long_programs_are_refused():
    with pytest.raises(Unscorable, match="characters"):
        moses_tokens("x" * 100_001)
    with pytest.raises(Unscorable, match="too long"):
        tex_edit_distance("x " * 5_000, "y " * 5_000)
    for hostile in ("\\begin{" * 2_000, "{" * 10_000, "\ud800" * 50):
        assert 0 <= tex_edit_distance("\\draw (0,0);", hostile) <= 1
        moses_tokens(hostile)
