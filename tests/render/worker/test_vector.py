"""SVG drawn by resvg: what is left out, what is refused, how large it gets and which fonts it has."""

import base64
import io
import os

import pytest
from PIL import Image

from derender.render.worker.svg_failure import CannotDraw
from derender.render.worker.svg_fonts import files_for, substitute_families
from derender.render.worker.svg_page import page_of_svg, size_of_svg
from derender.render.worker.vector import Drawn, draw

XMLNS = 'xmlns="http://www.w3.org/2000/svg"'
RED = f'<svg {XMLNS} width="20" height="10"><rect width="20" height="10" fill="red"/></svg>'


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def drawn(source: str, given=(), pixels=10_000_000, **options) -> Drawn:
    return draw(source.encode(), {"options": options, "pixels": pixels, "given": list(given)})


def picture(result: Drawn) -> Image.Image:
    return Image.open(io.BytesIO(result.packed.png())).convert("RGBA")


def failure(source: str, **options) -> CannotDraw:
    with pytest.raises(CannotDraw) as caught:
        drawn(source, **options)
    return caught.value


def svg(inside: str, attributes: str = 'width="100" height="100"') -> str:
    return f"<svg {XMLNS} {attributes}>{inside}</svg>"


@pytest.mark.parametrize(
    ("attributes", "options", "size"),
    [
        ('width="30" height="20"', {}, (30, 20)),
        ('width="1in" height="36pt"', {}, (96, 48)),
        ('viewBox="0 0 24 12"', {}, (24, 12)),
        ('width="100%" height="100%" viewBox="0 0 64 48"', {}, (64, 48)),
        ('width="100" viewBox="0 0 50 20"', {}, (100, 40)),
        ("", {}, (300, 150)),
        ('width="30" height="20"', {"width": 90}, (90, 60)),
        ('width="30" height="20"', {"height": 40}, (60, 40)),
        ('width="30" height="20"', {"width": 50, "height": 50}, (50, 50)),
    ],
)
def test_the_size_is_the_documents_own_unless_asked_for(attributes, options, size):
    assert picture(drawn(svg("<path/>", attributes), **options)).size == size


def test_a_document_without_a_view_box_is_scaled_with_its_content():
    big = picture(drawn(RED, width=200))
    assert big.size == (200, 100)
    assert big.getpixel((195, 95)) == (255, 0, 0, 255)


@pytest.mark.parametrize(
    ("source", "kind", "line"),
    [
        ("", "no_code", None),
        ("Here it is: " + RED, "syntax", 1),
        (f"\n<svg {XMLNS}>\n<rect></svg>", "syntax", 3),
        (f"<svg {XMLNS}>\n<text>a & b</text></svg>", "syntax", 2),
        (f"<svg {XMLNS}><text>a&nbsp;b</text></svg>", "syntax", 1),
        (f'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x.dtd"><svg {XMLNS}>&nbsp;</svg>', "syntax", 1),
        ("<html><svg/></html>", "syntax", 1),
        ('<svg xmlns="http://www.w3.org/1999/xhtml"/>', "syntax", None),
        (f'<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]><svg {XMLNS}>&a;</svg>', "policy", 1),
        (f'<!DOCTYPE svg [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><svg {XMLNS}>&b;</svg>', "policy", 1),
        (svg("<g>" * 600 + "</g>" * 600), "policy", 1),
        (svg("<path/>", 'width="0" height="10"'), "no_picture", None),
        (svg("<path/>", 'width="99999" height="99999"'), "output_too_large", None),
    ],
)
def test_what_can_not_be_drawn_says_why_and_where(source, kind, line):
    caught = failure(source)
    assert caught.kind == kind
    if line is not None:
        assert caught.line == line


def test_plain_entities_and_declared_encodings_are_read():
    source = f'<?xml version="1.0" encoding="iso-8859-1"?><!DOCTYPE svg [<!ENTITY e "é">]>{svg("<text>caf&e;</text>")}'
    assert drawn(source).texts == ["café"]


def test_forgotten_namespaces_are_added_and_told():
    result = drawn('<svg width="9" height="9"><g id="a"><rect width="9" height="9"/></g><use xlink:href="#a"/></svg>')
    assert picture(result).getpixel((4, 4)) == (0, 0, 0, 255)
    assert len(result.warnings) == 2


@pytest.mark.parametrize(
    ("inside", "told"),
    [
        ("<script>alert(1)</script>", "script"),
        ('<rect onclick="alert(1)"/>', "event handlers"),
        ('<foreignObject><p xmlns="http://www.w3.org/1999/xhtml">x</p></foreignObject>', "foreignObject"),
        ('<image href="https://example.com/a.png"/>', "refused reference: https://example.com/a.png"),
        ('<image href="/etc/hostname"/>', "refused reference: /etc/hostname"),
        ('<image href="../beside.png"/>', "refused reference: ../beside.png"),
        ('<use href="other.svg#a"/>', "refused reference: other.svg#a"),
        ('<rect fill="url(https://example.com/#g)"/>', "refused reference: https://example.com/#g"),
        ("<style>@import url(https://example.com/a.css);</style>", "style sheet"),
        ('<image href="data:text/html,hello"/>', "refused reference: data:text/html,hello"),
    ],
)
def test_what_leads_out_of_the_document_is_left_out_and_told(folder, inside, told):
    result = drawn(svg(inside + '<rect width="9" height="9"/>'), given=["beside.png"])
    assert told in " ".join(result.warnings)
    assert picture(result).getpixel((4, 4))[3] == 255


def test_files_beside_the_document_are_drawn(folder):
    (folder / "pic").mkdir()
    Image.new("RGB", (10, 10), "blue").save(folder / "pic" / "a b.png")
    (folder / "inner.svg").write_text(RED)
    images = '<image href="pic/a%20b.png" width="10" height="10"/>'
    images += '<image href="./inner.svg" y="20" width="20" height="10"/>'
    result = drawn(svg(images), given=["pic/a b.png", "inner.svg"])
    assert picture(result).getpixel((5, 5)) == (0, 0, 255, 255)
    assert picture(result).getpixel((5, 25)) == (255, 0, 0, 255)
    assert result.warnings == []


def test_a_file_that_was_not_given_is_not_read(folder):
    (folder / "inner.svg").write_text(RED)
    assert drawn(svg('<image href="inner.svg"/>')).warnings == ["refused reference: inner.svg"]


def test_an_svg_inside_an_svg_is_checked_too(folder):
    secret = svg('<image href="file:///etc/hostname"/><script>1</script><rect width="50" height="50" fill="lime"/>')
    inner = "data:image/svg+xml;base64," + base64.b64encode(secret.encode()).decode()
    result = drawn(svg(f'<image href="{inner}" width="100" height="100"/>'))
    assert picture(result).getpixel((20, 20)) == (0, 255, 0, 255)
    assert "refused reference: file:///etc/hostname" in result.warnings


def test_words_come_in_order_and_titles_are_none():
    inside = "<title>no</title><text>a <tspan>b</tspan><tspan x='1' dy='9'>c</tspan></text><text>&lt;d&gt;</text>"
    assert drawn(svg(inside)).texts == ["a b", "c", "<d>"]


def test_backgrounds():
    empty = svg("<path/>")
    assert picture(drawn(empty)).getpixel((1, 1)) == (0, 0, 0, 0)
    assert picture(drawn(empty, background="#0a0")).getpixel((1, 1)) == (0, 170, 0, 255)
    assert "mauvish" in drawn(empty, background="mauvish").warnings[0]


def test_deep_groups_do_not_overflow_the_stack():
    result = drawn(svg("<g>" * 500 + '<rect width="9" height="9"/>' + "</g>" * 500))
    assert picture(result).getpixel((4, 4)) == (0, 0, 0, 255)


@pytest.mark.parametrize("text", ["漢字", "한국어", "ひらがな", "العربية", "हिन्दी", "ไทย", "😀", "∑→✓"])
def test_the_scripts_of_the_world_have_glyphs(text):
    def shot(words: str) -> bytes:
        return drawn(svg(f'<text x="5" y="60" font-size="40" font-family="Arial">{words}</text>')).packed.stream

    assert shot(text) not in {shot("\U000e0fff" * len(text)), shot("")}


def test_well_known_families_are_drawn_with_their_substitutes():
    def shot(family: str) -> bytes:
        return drawn(svg(f'<text y="60" font-size="30" font-family="{family}">Wg1</text>')).packed.stream

    assert shot("Arial") == shot("Helvetica, serif") == shot("sans-serif") == shot("Liberation Sans")
    assert shot("Times New Roman") == shot("serif") == shot("Unheard Of")
    assert shot("'Courier New'") == shot("monospace") != shot("Arial")
    assert shot("Verdana") == shot("DejaVu Sans")


def test_only_whole_family_names_are_replaced():
    assert substitute_families("'Arial', Times, Interstate") == "'Liberation Sans', Liberation Serif, Interstate"


def test_no_fonts_are_read_for_a_document_without_words():
    assert files_for("") == []
    assert not any("CJK" in path for path in files_for("plain"))
    assert any("CJK" in path for path in files_for("漢"))
    assert all(os.path.isabs(path) for path in files_for("x"))


def test_the_page_for_the_browser_shows_the_whole_document():
    source = f'<?xml version="1.0"?>\n<!-- a > b --><!DOCTYPE svg PUBLIC "a" "b">{RED}'
    assert size_of_svg(source) == (20, 10)
    assert size_of_svg(source, width=40) == (40, 20)
    page = page_of_svg(source)
    assert RED in page
    assert "<?xml" not in page
    assert page.count("<!DOCTYPE") == 1
