"""BLEU and ROUGE of programs and of what pages say."""

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derender.core import Program
from derender.metrics import Unscorable, score
from derender.metrics._bleu import bleu, common_subsequence, corpus_bleu, method_4, rouge_l, rouge_n
from derender.metrics.bleu import split_code, weighted_bleu
from derender.metrics.webcode2m_text import rouge_1_recall

PAIRS = json.loads((Path(__file__).parent / "vectors" / "webcode2m" / "pages.json").read_text("utf-8"))
"""Pages, and what WebCode2M's bleu_rouge gave with NLTK 3.10 and rouge 1.0.1; None where it failed."""


def words(text):
    return text.split()


GUIDE = words("It is a guide to action which ensures that the military always obeys the commands of the party")
ORDER = words("It is a guide to action that ensures that the military will forever heed Party commands")
WORDS = st.lists(st.sampled_from("abc"), max_size=12)


def of(metric, reference, candidate, mode="official", language="html"):
    return score(Program(reference, language), Program(candidate, language), [metric], mode=mode)


@pytest.mark.parametrize("number", range(len(PAIRS)))
def test_the_numbers_of_pages_words_are_webcode2ms_own(number):
    pair = PAIRS[number]
    found = of("webcode2m_text", pair["reference"], pair["candidate"])
    if pair["bleu_1"] is None:
        assert "has no words; WebCode2M drops such pairs" in found.unscored["webcode2m_text"]
    else:
        expected = {"bleu_1": pair["bleu_1"], "rouge_1": pair["rouge_1"]}
        assert found.scores["webcode2m_text"] == expected


def test_corrected_words_stand_between_white_space_and_none_are_zero():
    page = "<html><p>{}</p></html>"
    numbers = of("webcode2m_text", page.format("3.14"), page.format("14.3"))
    assert numbers.scores["webcode2m_text"]["rouge_1"] == 1.0
    fixed = of("webcode2m_text", page.format("3.14"), page.format("14.3"), "fixed")
    assert fixed.scores["webcode2m_text"]["rouge_1"] == 0.0
    silent = of("webcode2m_text", page.format("hi"), page.format(""), "fixed")
    assert silent.scores["webcode2m_text"] == {"bleu_1": 0.0, "rouge_1": 0.0}
    with pytest.raises(Unscorable, match="reference"):
        rouge_1_recall(["."], ["x"])


def test_bleu_is_nltks():
    # NLTK 3.10: sentence_bleu and corpus_bleu of these two sentences.
    assert bleu(ORDER, GUIDE) == pytest.approx(0.41180376356915777, abs=1e-15)
    assert bleu(GUIDE, ORDER, smoothing=method_4) == pytest.approx(0.4138243206810592, abs=1e-15)
    assert corpus_bleu([ORDER, GUIDE], [GUIDE, ORDER]) == pytest.approx(0.4385068972747104, abs=1e-15)
    assert bleu(["a"], ["b"]) == 0.0


def test_bleu_by_hand():
    # All four words and one of three pairs match; the candidate is as long as the reference.
    reference, candidate = words("the cat sat down"), words("the cat down sat")
    assert bleu(reference, candidate, (0.5, 0.5)) == pytest.approx(math.sqrt(4 / 4 * 1 / 3))
    # One word too few: the brevity penalty is e^(1 - 4/3).
    assert bleu(reference, candidate[:3], (1.0,)) == pytest.approx(math.exp(-1 / 3))
    # An order without a match gets ln(length) / (2 * 5) matches.
    smoothed = bleu(["a", "b"], ["b", "a"], (0.5, 0.5), method_4)
    assert smoothed == pytest.approx(math.sqrt(1 * math.log(2) / 10))
    assert corpus_bleu([["a", "b"]], [["a", "c"]], (1.0,), ignoring={("c",)}) == 1.0


def test_rouge_by_hand():
    reference, candidate = words("a b c d"), words("a c b")
    assert rouge_n(reference, candidate, 1) == (1.0, 0.75)
    assert rouge_n(reference, candidate, 2) == (0.0, 0.0)
    assert rouge_l(reference, candidate) == (2 / 3, 0.5)
    found = of("rouge", "a b c d", "a c b").scores["rouge"]
    assert found == {"rouge_1": pytest.approx(6 / 7), "rouge_2": 0.0, "rouge_l": pytest.approx(4 / 7)}
    assert of("rouge", "a", "a").scores["rouge"]["rouge_2"] is None


@given(WORDS, WORDS)
def test_the_common_subsequence_is_the_tables(one, other):
    table = [[0] * (len(other) + 1) for _ in range(len(one) + 1)]
    for row, token in enumerate(one):
        for column, given_token in enumerate(other):
            match = table[row][column] + 1 if token == given_token else 0
            table[row + 1][column + 1] = max(match, table[row][column + 1], table[row + 1][column])
    assert common_subsequence(one, other) == table[-1][-1]


def test_tokens_are_words_and_signs():
    assert split_code('<a href="x_1">é+2</a>') == [
        "<",
        "a",
        "href",
        "=",
        '"',
        "x_1",
        '"',
        ">",
        "é",
        "+",
        "2",
        "<",
        "/",
        "a",
        ">",
    ]


@given(WORDS, WORDS)
def test_programs_score_in_range_and_best_against_themselves(reference, candidate):
    if not reference:
        assert "empty" in of("bleu", "", " ".join(candidate)).unscored["bleu"]
        return
    for metric in ("bleu", "rouge", "html_bleu"):
        values = of(metric, " ".join(reference), " ".join(candidate)).scores[metric]
        assert all(value is None or 0 <= value <= 1 for value in values.values())
        best = of(metric, " ".join(reference), " ".join(reference)).scores[metric]
        assert all(value is None or value == pytest.approx(1) for value in best.values())


def test_html_bleu_is_the_mean_of_four():
    reference = '<!doctype html><p class="a">x</p><p>y</p>'
    found = of("html_bleu", reference, reference.replace("class", "id")).scores["html_bleu"]
    # Of html, head, body and two p, one has another attribute; all children are the same.
    assert (found["dom_match"], found["attribute_match"]) == (1.0, 0.8)
    # 24 tokens, of which html, p four times and class are names (the fewer tokens of the rest weigh a fifth).
    tokens = split_code(reference)
    names = [token for token in tokens if token in {"html", "p", "class"}]
    rest = len(tokens) - len(names)
    assert found["weighted_bleu"] == pytest.approx((len(names) - 1 + 0.2 * rest) / (len(names) - 1 + 0.2 * (rest + 1)))
    parts = [found[part] for part in ("bleu", "weighted_bleu", "dom_match", "attribute_match")]
    assert found["html_bleu"] == pytest.approx(sum(parts) / 4)


def test_weighted_bleu_takes_off_for_brevity():
    assert weighted_bleu(["p", "x"], ["p"], {"p"}) == pytest.approx(math.exp(-1))
    assert weighted_bleu(["p", "x"], ["p", "y"], {"p"}) == pytest.approx(1 / 1.2)
    assert weighted_bleu(["p"], [], {"p"}) == 0.0


def test_long_programs_are_refused_or_compared_in_time():
    assert "characters" in of("bleu", "x", "x" * 1_000_001).unscored["bleu"]
    assert of("rouge", "a b " * 10_000, "b a " * 10_000).scores["rouge"]["rouge_l"] > 0.99
