"""TreeBLEU: WebCode2M's own numbers, and the one that reads pages as browsers do."""

import json
import sys
import warnings
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derender.core import Program
from derender.metrics import Unscorable, score, score_many
from derender.metrics._soup import read_soup
from derender.metrics.treebleu import subtrees, treebleu

PAIRS = json.loads((Path(__file__).parent / "vectors" / "webcode2m" / "pages.json").read_text("utf-8"))
"""Pages, what WebCode2M's evaluator gave for them with Beautiful Soup 4.15, and None where it failed; of
candidates as they are, and as it rewrites them before."""
HTML = st.lists(
    st.sampled_from(
        ["<html>", "<body>", "<div>", "</div>", "<p>", "</p>", "<br>", "<x_y>", "text", "<!--", "-->", "<svg/>"]
    ),
    max_size=30,
).map("".join)


def of(reference, candidate, mode="official", metric="treebleu"):
    sides = (Program(page, "html") for page in (reference, candidate))
    return score(*sides, [metric], mode=mode)


def value(*pages, mode="official"):
    return of(*pages, mode=mode).scores["treebleu"]["treebleu"]


@pytest.mark.parametrize("number", range(len(PAIRS)))
def test_the_numbers_are_webcode2ms_own(number):
    pair = PAIRS[number]
    found = of(pair["reference"], pair["candidate"])
    if pair["treebleu"] is None:
        assert "WebCode2M drops such pairs" in found.unscored["treebleu"]
    else:
        assert found.scores["treebleu"]["treebleu"] == pair["treebleu"]
        assert treebleu(pair["reference"], pair["candidate"]) == pair["treebleu"]


@pytest.mark.parametrize("number", range(len(PAIRS)))
def test_the_numbers_of_the_whole_evaluation_are_webcode2ms_own(number):
    pair = PAIRS[number]
    found = of(pair["reference"], pair["candidate"], metric="webcode2m_treebleu")
    assert found.scores.get("webcode2m_treebleu", {}).get("treebleu") == pair["webcode2m_treebleu"]


def test_the_whole_evaluation_takes_equal_elements_out():
    page = f"<html><body><ul>{'<li></li>' * 51}</ul></body></html>"
    for mode, expected in (("official", 2 / 3), ("fixed", 1.0)):
        found = of(page, page, mode, "webcode2m_treebleu")
        assert found.scores["webcode2m_treebleu"]["treebleu"] == expected


def test_subtrees_are_elements_with_their_element_children():
    page = "<html><Body><ul><li>a</li> <!-- c --><li>b</li></ul><p>x</p></Body></html>"
    assert subtrees(read_soup(page)) == {"html_body", "body_ul_p", "ul_li_li"}
    assert subtrees(read_soup("<p><b>x</b></p>")) is None


def test_the_share_is_of_the_references_distinct_ones():
    reference = "<html><body><ul><li></li></ul><ul><li></li></ul><p><b></b></p></body></html>"
    candidate = "<html><body><ul><li></li></ul></body></html>"
    # html_body, ul_li of html_body, body_ul_ul_p, ul_li, p_b
    assert value(reference, candidate) == 0.5
    assert value(candidate, reference) == 2 / 3


def test_what_the_official_code_drops_has_a_value_when_corrected():
    whole, bare = "<html><body><p>hi</p></body></html>", "<p>hi</p>"
    assert "no <html>" in of(whole, bare).unscored["treebleu"]
    assert value(whole, bare, mode="fixed") == 1.0
    assert value(bare, whole) == 0.0
    assert value(bare, whole, mode="fixed") == 1.0
    assert value(whole, "", mode="fixed") == 0.5


def test_browsers_close_what_is_left_open():
    closed, left_open = "<html><ul><li>a</li><li>b</li></ul></html>", "<html><ul><li>a<li>b</ul></html>"
    assert value(closed, left_open) == 0.5
    assert value(closed, left_open, mode="fixed") == 1.0


@given(HTML, HTML)
def test_any_text_has_a_value_in_range_or_a_reason(reference, candidate):
    for mode in ("official", "fixed"):
        found = of(reference, candidate, mode)
        assert found.unscored or 0 <= found.scores["treebleu"]["treebleu"] <= 1
    assert value(reference, reference, mode="fixed") == 1.0


def test_programs_that_are_no_pages_and_pictures_are_unscored(chart):
    page = Program("<html><body></body></html>", "html")
    assert "is python" in score(page, Program("print(1)", "python"), ["treebleu"]).unscored["treebleu"]
    assert "picture" in score(page, chart, ["treebleu"]).unscored["treebleu"]


@pytest.mark.parametrize("hostile", ["<a b='" * 20_000, "<!-- >" * 20_000, "x" * 1_000_001])
def test_pages_that_would_take_minutes_are_refused(hostile):
    with pytest.raises(Unscorable):
        treebleu("<html><p></p></html>", hostile)


def test_a_character_reference_without_end_costs_its_page_alone():
    page, other = (Program(f"<html><p>{text}</p></html>", "html") for text in ("x", "&#" + "9" * 5_000 + ";"))
    first, second = score_many([(page, other), (page, page)], ["treebleu", "webcode2m_text"])
    assert set(first.unscored) == {"treebleu", "webcode2m_text"}
    assert not second.unscored


def test_deep_and_long_pages_are_no_trouble():
    deep = "<html>" + "<div>" * 5_000
    assert treebleu(deep, deep) == 1.0
    assert value(deep, deep, mode="fixed") == 1.0


@pytest.mark.parametrize(("package", "metric"), [("bs4", "treebleu"), ("selectolax.lexbor", "dom_ted")])
def test_an_absent_parser_is_named_with_how_to_get_it(package, metric, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    page = Program("<html><p></p></html>", "html")
    assert "pip install" in score(page, page, [metric]).unscored[metric]


def test_many_threads_leave_the_users_warnings_as_they_were(request):
    request.addfinalizer(partial(sys.setswitchinterval, sys.getswitchinterval()))
    sys.setswitchinterval(1e-5)
    pages = [Program(f"<?xml version='1.0'?><html><p>{number}{'<p>x' * 100}</html>", "html") for number in range(200)]
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        before = list(warnings.filters)
        found = list(score_many(zip(pages, pages, strict=True), ["treebleu"], jobs=8))
        assert warnings.filters == before and not seen
    assert all(each.scores["treebleu"]["treebleu"] == 1.0 for each in found)
