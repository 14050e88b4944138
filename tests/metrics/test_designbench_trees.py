"""DesignBench's scores of edits by trees: its own numbers, and the steps on the way."""

import json
from pathlib import Path

import pytest

from derender.core import Program
from derender.metrics import Unscorable, observe, score
from derender.metrics._parse5 import parse5_tree
from derender.metrics.designbench_trees import Edit, cmcs, cmls, codebleu, edits, matched, type_overlap

EDITS = json.loads((Path(__file__).parent / "vectors" / "designbench" / "edits.json").read_text("utf-8"))
"""Pages before and after two edits, and what DesignBench gave with parse5 7, keys gone through in their own order."""


def of(original, reference, candidate):
    sides = observe(Program(reference, "html"), original=original), Program(candidate, "html")
    return score(*sides, ["cmls"])


@pytest.mark.parametrize("number", range(len(EDITS)))
def test_the_numbers_are_designbenchs_own(number):
    pair = EDITS[number]
    found = of(pair["original"], pair["reference"], pair["candidate"]).scores["cmls"]
    assert found == {"cmls": pair["cmls"], "cmcs": pair["cmcs"]}


def test_pages_are_parse5s():
    page = parse5_tree("<!doctype html><!-- c --><p class=a>x<svg><a xlink:href=b /></svg><template><i></i></template>")
    assert (page["mode"], page["childNodes"][1]) == ("no-quirks", {"nodeName": "#comment", "data": " c "})
    paragraph = page["childNodes"][2]["childNodes"][1]["childNodes"][0]
    assert paragraph["attrs"] == [{"name": "class", "value": "a"}]
    text, drawing, template = paragraph["childNodes"]
    assert text == {"nodeName": "#text", "value": "x"}
    assert drawing["namespaceURI"] == drawing["childNodes"][0]["namespaceURI"] == "http://www.w3.org/2000/svg"
    assert drawing["childNodes"][0]["attrs"][0] == {
        "name": "href",
        "value": "b",
        "prefix": "xlink",
        "namespace": "http://www.w3.org/1999/xlink",
    }
    assert template["childNodes"] == [] and template["content"]["childNodes"][0]["tagName"] == "i"
    assert parse5_tree("<p>")["mode"] == "quirks"
    legacy = parse5_tree("<!DOCTYPE html SYSTEM 'about:legacy-compat'>")["childNodes"][0]
    assert (legacy["publicId"], legacy["systemId"]) == ("", "about:legacy-compat")


def test_edits_are_found_place_by_place():
    before = {"type": "A", "start": 1, "body": [{"type": "B", "value": 1}], "names": ["x", "y"], "gone": "old"}
    after = {"type": "C", "start": 9, "body": [{"type": "B", "value": 2}, {"type": "D"}], "names": ["y"], "new": "now"}
    assert edits(before, after) == [
        Edit("update", "", "A C"),
        Edit("update", "type", "A C"),
        Edit("update", "body.0.value", "1 2"),
        Edit("insert", "body.1", "{'type': 'D'}"),
        Edit("delete", "names.0", "x"),
        Edit("delete", "gone", "old"),
        Edit("insert", "new", "now"),
    ]
    assert edits(before, before) == []
    assert edits({"a": []}, {"a": ["x"]}) == []


def test_scores_by_hand():
    one, two, three = Edit("update", "a.b.c", "x y"), Edit("update", "a.b.c", "x z"), Edit("insert", "a", "w")
    assert matched([one, two], [two]) == [(one, two)]
    assert cmls([one, two], [two]) == 0.5
    assert cmls([one], [three]) == 0.0 and cmcs([one], [three]) == 0.0
    assert cmls([], []) == 1.0 and cmcs([], []) == 1.0
    # No four tokens agree, so BLEU is 0; one of two tokens does; no names on either side.
    assert codebleu("x y", "x z", 0.5) == 0.25 * 0.5 + 0.25 * 0.5 + 0.25 * 1
    # A keyword weighs twice: 2 of 3.
    assert codebleu("const a", "const b", 0.0) == round(0.25 * 2 / 3 + 0.25 * (0 + 1 + 1) / 3, 4)
    assert type_overlap({"type": "A", "x": [{"type": "B"}]}, {"type": "A"}) == 0.5
    assert type_overlap({}, []) == 1.0


def test_a_page_before_the_edit_is_needed():
    assert "before the edit" in of(None, "<p>", "<p>").unscored["cmls"]


def test_large_and_deep_trees_are_refused(monkeypatch):
    monkeypatch.setattr("derender.metrics.designbench_trees.MOST_STEPS", 100)
    with pytest.raises(Unscorable, match="places"):
        edits({"x": [{}] * 100}, {"x": [{}] * 100})
    deep = "<div>" * 1_500
    assert "too deeply" in of("", deep, "").unscored["cmls"]
