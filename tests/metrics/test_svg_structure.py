"""What SVGs are made of: counts by hand, and texts that mean harm."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derender.core import Failure, FailureKind, Picture, Program, Rendering
from derender.metrics import Unscorable, observe
from derender.metrics.svg_structure import structure_of, svg_structure_agreement

HOUSE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><g><path d="M1 8h3.5v-4z"/>'
    '<path d="m0,4 4.5-4L9 4"/></g><rect width="2" height="3"/></svg>'
)


def side(source, failure=None):
    pictures = () if failure else (Picture("a.png", b"", 9, 9),)
    return observe(Rendering(Program(source, "svg"), pictures, failure))


def compared(reference, candidate, failure=None):
    return svg_structure_agreement(side(reference), side(candidate, failure))


def test_the_counts_of_a_house():
    found = structure_of(HOUSE)
    assert found.error is None
    assert found.elements == {"svg": 1, "g": 1, "path": 2, "rect": 1}
    assert found.paths == 2
    assert found.commands == {"M": 2, "H": 1, "V": 1, "Z": 1, "L": 1}
    # M 1 8 h 3.5 v -4 z, m 0 4 4.5 -4 L 9 4
    assert found.path_tokens == 8 + 8


def test_numbers_of_path_data_may_touch():
    assert structure_of('<svg><path d="M.5.5-1e-3+2E2"/></svg>').path_tokens == 5
    assert structure_of('<svg><path d="nonsense 3"/></svg>').commands == {"S": 2}


def test_prefixes_count_by_their_local_names():
    found = structure_of('<s:svg xmlns:s="http://www.w3.org/2000/svg"><s:path d="M0 0"/><undeclared:path/></s:svg>')
    assert (found.error, found.paths) == (None, 2)


def test_an_svg_agrees_with_itself():
    assert compared(HOUSE, HOUSE) == {
        "elements": 1,
        "commands": 1,
        "paths": 1,
        "path_tokens": 1,
        "length": 1,
        "valid": 1,
        "drawable": 1,
    }


def test_agreement_by_hand():
    other = '<svg><path d="M1 8h3v4z"/><circle r="2"/></svg>'
    found = compared(HOUSE, other)
    # svg and path of five and three elements; M, H, V, Z of six and four commands; 8 tokens of 16.
    assert found["elements"] == pytest.approx(2 * 2 / 8)
    assert found["commands"] == pytest.approx(2 * 4 / 10)
    assert (found["paths"], found["path_tokens"]) == (0.5, 0.5)
    assert found["length"] == pytest.approx(len(other) / len(HOUSE))


def test_parts_that_neither_side_has_are_none():
    found = compared('<svg><rect width="1" height="1"/></svg>', "<svg/>")
    assert (found["commands"], found["paths"], found["path_tokens"]) == (None, None, None)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("", "no element found"),
        ("<svg><path></svg>", "mismatched tag"),
        ("<html/>", "its root is <html>"),
        ("<svg>\x00</svg>", "not well-formed"),
        ('<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]><svg>&a;</svg>', "leads elsewhere"),
        ('<!DOCTYPE svg [<!ENTITY a "x"><!ENTITY b "&a;&a;">]><svg>&b;</svg>', "leads elsewhere"),
    ],
)
def test_what_is_no_svg_gets_nothing(source, reason):
    assert reason in structure_of(source).error
    failure = Failure(FailureKind.SYNTAX, "not well-formed XML")
    assert set(compared(HOUSE, source, failure).values()) == {0.0}


def test_a_reference_that_is_no_svg_is_unscored():
    with pytest.raises(Unscorable, match="the reference is no SVG"):
        compared("<svg>", HOUSE)


def test_an_entity_for_a_namespace_is_an_svg_still():
    source = '<!DOCTYPE svg [<!ENTITY ns "http://www.w3.org/2000/svg">]><svg xmlns="&ns;"><path/></svg>'
    assert structure_of(source).paths == 1


def test_a_picture_that_we_failed_to_draw_leaves_drawable_unscored():
    found = compared(HOUSE, HOUSE, Failure(FailureKind.STARVED, "busy"))
    assert isinstance(found["drawable"], Unscorable)
    assert found["valid"] == 1


def test_pictures_and_other_languages_are_unscored():
    page = observe(Rendering(Program("<p>", "html"), (Picture("a.png", b"", 9, 9),)))
    with pytest.raises(Unscorable, match="is none"):
        svg_structure_agreement(side(HOUSE), page)
    with pytest.raises(Unscorable, match="is a picture"):
        svg_structure_agreement(side(HOUSE), observe(Picture("a.png", b"", 9, 9)))


def test_hostile_texts_take_linear_time():
    started = time.process_time()
    assert structure_of("<svg>" + "<g>" * 300_000).error
    assert structure_of("<svg>" + "<g>" * 100_000 + "</g>" * 100_000 + "</svg>").elements["g"] == 100_000
    assert structure_of(f'<svg><path d="{"1" * 1_500_000}"/></svg>').path_tokens == 1
    assert structure_of(f'<svg><path d="{"1e" * 700_000}"/></svg>').path_tokens == 350_000
    assert structure_of("<svg" + " a" * 500_000).error
    declared = "".join(f'<!ENTITY e{index} "{"x" * 1000}">' for index in range(100))
    assert structure_of(f"<!DOCTYPE svg [{declared}]><svg/>").error
    assert time.process_time() - started < 8
    with pytest.raises(Unscorable, match="too long"):
        structure_of("<" * 2_000_001)


@given(st.text(), st.text(alphabet="<>/svgpath =\"'d0&;![]-"))
@settings(max_examples=100, deadline=None)
def test_any_text_has_a_structure(text, tags):
    for source in (text, tags, f"<svg>{tags}</svg>", f'<svg d="{text}"/>'):
        found = structure_of(source)
        assert found.error or found.elements["svg"] >= 1
