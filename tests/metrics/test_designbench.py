"""DesignBench's scores: its own numbers, and what its quirks come to."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from derender.core import Program
from derender.metrics import Unscorable, observe, score
from derender.metrics.designbench import (
    Framework,
    changed_lines,
    changed_places,
    cms,
    compile_error,
    issue_accuracy,
    mae,
    without_comments,
)

EDITS = json.loads((Path(__file__).parent / "vectors" / "designbench" / "edits.json").read_text("utf-8"))
"""Programs before and after two edits, and what DesignBench's code_similarity gave for them."""
TEXT = st.lists(st.sampled_from(["a", "b", "<p>", "", "\r", "\x0b"]), max_size=12).map("\n".join)


@pytest.mark.parametrize("number", range(len(EDITS)))
def test_cms_is_designbenchs_own(number):
    pair = EDITS[number]
    assert cms(pair["original"], pair["reference"], pair["candidate"]) == pair["cms"]


def test_cms_as_a_metric_needs_the_program_before_the_edit():
    pair = EDITS[13]
    before, after, other = (pair[name] for name in ("original", "reference", "candidate"))
    reference, candidate = Program(after, "html"), Program(other, "html")
    assert "before the edit" in score(reference, candidate, ["cms"]).unscored["cms"]
    for sides in (
        (observe(reference, original=before), candidate),
        (reference, observe(candidate, original=before)),
    ):
        assert score(*sides, ["cms"]).scores["cms"]["cms"] == pair["cms"]


def test_cms_numbers_lines_of_the_new_file_and_corrected_places_of_the_old():
    before, reference, candidate = "a\nb\nc", "a\nb\nC", "a\nx\nb\nC"
    assert changed_lines(before, reference) == {3}
    assert changed_lines(before, candidate) == {2, 4}
    assert changed_lines(before, "a\nc") == frozenset()
    assert cms(before, reference, candidate) == 0.0
    assert changed_places(before, candidate) == {("gap", 1), ("line", 2)}
    assert changed_places(before, "a\nc") == {("line", 1)}
    assert cms(before, reference, candidate, fixed=True) == 0.5


def test_cms_of_repeated_lines_differs_where_the_standard_library_passes_over_them():
    before = [line for number in range(100) for line in (f"a{number}", "</div>")]
    reference = "\n".join(line.replace("a", "b") for line in before)
    candidate = "\n".join(line.replace("div", "p") for line in before)
    assert cms("\n".join(before), reference, candidate) == 0.5
    assert cms("\n".join(before), reference, candidate, fixed=True) == 0.0


@given(TEXT, TEXT, TEXT)
def test_cms_is_symmetric_in_range_and_best_for_the_same_edit(before, one, other):
    for fixed in (False, True):
        found = cms(before, one, other, fixed=fixed)
        assert 0 <= found <= 1
        assert found == cms(before, other, one, fixed=fixed)
        assert cms(before, one, one, fixed=fixed) == 1


def test_cms_gives_up_in_time():
    with pytest.raises(Unscorable, match="lines"):
        cms("", "x\n" * 60_000, "x")
    with pytest.raises(Unscorable, match="too often"):
        cms("a\nb\n" * 5_000, "b\na\n" * 5_000, "", fixed=True)


def test_comments_and_blank_lines_are_left_out_of_repairs():
    code = "a /* one\ntwo */ b\n\n  \n<!-- c -->d // e\n/* open"
    assert without_comments(code) == "a  b\nd // e\n/* open"
    assert without_comments("/* " * 100_000) == "/* " * 100_000


def test_issue_accuracy_is_the_overlap_unless_all_are_guessed():
    assert issue_accuracy(["overflow", "crowding"], ["crowding", "occlusion"]) == 1 / 3
    assert issue_accuracy(["overflow"], ["overflow", "overflow"]) == 1.0
    assert issue_accuracy(["overflow"], []) == 0.0
    assert issue_accuracy(["a", "b", "c", "d", "e"], ["a", "b", "c", "d", "e"]) == 0.0
    assert issue_accuracy(["a", "b", "c", "d"], ["a", "b", "c", "d"]) == 1.0


def test_compile_errors_are_read_from_what_was_saved():
    vue = "<pre><span class=x></span><span class=message-body part=message-body>Element is\nmissing</span></pre>"
    react = "<b style=color:var(--color-ansi-truecolor)>×</span><span>Expected '}' ╭─[</span>"
    assert compile_error(Framework.VUE, page=vue) == "Element is\nmissing"
    assert compile_error(Framework.REACT, page=react) == "Expected '}' "
    assert compile_error(Framework.REACT, page=vue) is None
    assert compile_error(Framework.VUE, page="<p>fine</p>") is None
    assert compile_error(Framework.VUE, page="<p></p>", blank=True) == "blank"
    log = "Building...\nX [ERROR] NG5002: x [plugin angular-compiler]\nmore"
    assert compile_error(Framework.ANGULAR, log=log) == "X [ERROR] NG5002: x [plugin angular-compiler]"
    assert compile_error(Framework.ANGULAR, log="nothing came of it") == "no html"
    assert compile_error(Framework.ANGULAR, log=log, page="<p>") is None
    assert compile_error(Framework.VANILLA, page=vue) is None


def test_mae_is_a_mean_of_differences_after_lanczos():
    one, other = (np.random.default_rng(seed).integers(0, 256, (600, 300, 3), dtype=np.uint8) for seed in (1, 2))
    shrunk = [
        np.asarray(Image.fromarray(each).resize((256, 512), Image.Resampling.LANCZOS), float) for each in (one, other)
    ]
    assert mae(one, other) == pytest.approx(abs(shrunk[0] - shrunk[1]).mean())
    assert score(one, other, ["mae_designbench"]).scores["mae_designbench"]["mae"] == mae(one, other)
    assert mae(one, one) == 0.0


def test_mae_lays_smaller_pictures_on_noise_or_white():
    low, high = np.full((100, 100, 3), 255, np.uint8), np.full((200, 100, 3), 255, np.uint8)
    assert mae(low, high) == 0.0
    noisy = score(low, high, ["mae_designbench"]).scores["mae_designbench"]["mae"]
    assert noisy == score(low, high, ["mae_designbench"]).scores["mae_designbench"]["mae"]
    # Half of the canvas, 127.5 off on average.
    assert noisy == pytest.approx(127.5 / 2, rel=0.02)
    assert score(low, high, ["mae_designbench"], mode="fixed").scores["mae_designbench"]["mae"] == 0.0


def test_mae_of_a_hair_has_a_value():
    assert mae(np.zeros((3000, 1, 3), np.uint8), np.full((3000, 1, 3), 255, np.uint8)) == 255.0


def test_mae_refuses_a_canvas_that_fills_the_memory():
    wide, high = np.zeros((1, 9_000, 3), np.uint8), np.zeros((9_000, 1, 3), np.uint8)
    assert "9000x9000" in score(wide, high, ["mae_designbench"]).unscored["mae_designbench"]
