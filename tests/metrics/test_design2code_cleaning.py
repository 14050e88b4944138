"""What is done to a page before it is drawn: as published, character by character, and as corrected."""

import json
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from derender.metrics import Unscorable
from derender.metrics._design2code_cleaning import design2code_cleaned, repaired, webcode2m_cleaned
from derender.metrics._design2code_recoloring import MOST_COLORS, colored_texts, recolored
from derender.metrics._repetition import published_start, repetition_start

PUBLISHED = json.loads((Path(__file__).parent / "vectors" / "design2code" / "cleaning.json").read_text())
SAME = "<p>the very same words again and again, until the end of all days and of all the pages there are, amen</p>\n"


@pytest.mark.parametrize("case", PUBLISHED)
def test_as_published(case):
    assert design2code_cleaned(case["page"]) == case["design2code"]
    assert webcode2m_cleaned(case["page"]) == case["webcode2m"]


def test_the_published_vectors_hold_pages_that_are_cut():
    assert sum(published_start(case["page"].replace("\r\n", "\n")) is not None for case in PUBLISHED) >= 5


def test_repetition_is_cut_once_it_was_said():
    page = "<html><body>" + "<p>one</p><p>two</p>" + SAME * 40
    kept = BeautifulSoup(page[: repetition_start(page)], "html.parser").get_text()
    assert kept.startswith("onetwothe very same")
    assert len(kept) in {100, 200}
    assert len(repaired(page)) < 400


def test_the_published_place_is_the_first_letter_that_fits():
    page = "<html><body>" + SAME * 30
    assert published_start(page) == page.index("t") == 2
    kept = BeautifulSoup(page[: repetition_start(page)], "html.parser").get_text()
    assert kept == BeautifulSoup(page, "html.parser").get_text()[:100]


def test_after_much_in_tags_nothing_is_cut_as_published():
    page = "<html><body>" + '<div class="' + "x" * 9000 + '"></div>' + "é" * 100 + SAME * 30
    assert published_start(page) is None
    kept = BeautifulSoup(page[: repetition_start(page)], "html.parser").get_text()
    assert kept == BeautifulSoup(page, "html.parser").get_text()[:200]


def test_a_page_that_does_not_repeat_is_left_whole():
    page = "<html><body>" + "".join(f"<p>{'abcdefghijklmnopqrstuvwxyz'[at] * 90}</p>" for at in range(26))
    assert published_start(page) is repetition_start(page) is None


def test_a_51st_equal_element_is_taken_out():
    page = "<html><body>" + "".join(f"<i id='{at}'></i>" for at in range(3)) + "<b>x</b>" * 60 + "</body></html>"
    left = BeautifulSoup(repaired(page), "html.parser")
    assert (len(left.find_all("b")), len(left.find_all("i"))) == (50, 3)


def test_elements_get_colours_from_the_brightest_down_and_fifty_more():
    pages = recolored("<body><p style='color:red;margin:0'>a</p><em>b</em><div>c</div></body>")
    first, second = (BeautifulSoup(page, "html.parser") for page in (pages.first, pages.second))
    assert "color: #FAFAFA !important" in first.p["style"]
    assert "color: #FAFAEA !important" in first.div["style"]
    assert "color: #2C2C2C !important" in second.p["style"]
    assert "margin:0" in first.p["style"] and "red" not in first.p["style"]
    assert "color: #" not in first.em["style"]


def test_texts_take_the_nearest_colour_that_is_understood():
    page = (
        "<body>bare<p style='color:#0A141E'>a<em style='color:inherit'>b</em><em style='color:rgb(1,2,3)'>c</em>"
        "<em style='color:#333'>d</em><!-- e --><script>f</script></p></body>"
    )
    own = (10, 20, 30)
    assert colored_texts(page) == [("bare", (0, 0, 0)), ("a", own), ("b", own), ("c", (1, 2, 3)), ("f", own)]
    assert ("f", own) not in colored_texts(page, repaired=True)


def test_a_style_that_stops_the_published_code_is_unscored():
    page = "<body><p>a</p><em style='color:'>b</em></body>"
    with pytest.raises(Unscorable, match="stops at the style 'color:'"):
        colored_texts(page)
    assert [text for text, _ in colored_texts(page, repaired=True)] == ["a", "b"]


def test_more_elements_than_colours():
    page = "<body>" + "<span></span>" * (MOST_COLORS + 1) + "<p>text</p></body>"
    with pytest.raises(Unscorable, match="4098 elements"):
        recolored(page)
    assert recolored(page, repaired=True).first.count("color: #") == 1
    with pytest.raises(Unscorable, match="elements with text"):
        recolored("<body>" + "<p>text</p>" * (MOST_COLORS + 1), repaired=True)


@pytest.mark.parametrize(
    "page",
    [
        "",
        "\0",
        "<",
        "<html",
        "<" * 5000,
        "<!-- ",
        "<div>" * 5000 + "deep",
        "&" * 5000,
        "\ud800",
        "<p " + "a=1 " * 2000,
        "<body></body><body>two</body>",
        "<table><p>" * 300,
        "</p>" * 5000,
    ],
)
def test_garbage_is_cleaned_or_refused_in_a_sentence(page):
    for clean in (design2code_cleaned, webcode2m_cleaned, repaired):
        for fixed in (False, True):
            try:
                colored_texts(recolored(clean(page), repaired=fixed).first, repaired=fixed)
            except Unscorable as why:
                assert len(str(why)) > 20


def test_texts_that_take_too_long_are_refused():
    with pytest.raises(Unscorable, match="repetitions are looked for"):
        design2code_cleaned("<p>" + "".join(chr(0x4E00 + at % 9999) for at in range(300_000)))
    with pytest.raises(Unscorable, match="levels deep"):
        webcode2m_cleaned("<html>" + "<div>" * 7000)
