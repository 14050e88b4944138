"""Words at their places: by hand, from programs that tell, and from pictures that are read."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from derender.core import Language, Program
from derender.metrics import observe, score
from derender.metrics._facts import Unscorable
from derender.metrics.ocr import installed, read_lines
from derender.metrics.text_boxes import Word, compare_words, split, text_boxes, words_of

SQUARE = (100.0, 100.0)
needs_ocr = pytest.mark.skipif(not installed(), reason="rapidocr (extra `trace`) is not installed")


def word(text, x, y, width=0.1, height=0.05):
    return Word(text, (x, y, x + width, y + height))


def test_a_word_counts_anywhere_and_once_more_at_its_place():
    reference = [word("a", 0.1, 0.1), word("b", 0.5, 0.5), word("c", 0.8, 0.8)]
    candidate = [word("a", 0.12, 0.08), word("b", 0.5, 0.6)]
    assert compare_words(reference, candidate) == {
        "box_precision": 1 / 2,
        "box_recall": 1 / 3,
        "box_f1": pytest.approx(2 / 5),
        "word_precision": 1,
        "word_recall": 2 / 3,
        "word_f1": pytest.approx(4 / 5),
    }


def test_a_wide_word_may_slip_further_as_long_as_most_of_it_overlaps():
    wide = Word("title", (0.1, 0.1, 0.7, 0.2))
    assert compare_words([wide], [Word("title", (0.25, 0.1, 0.85, 0.2))])["box_recall"] == 1
    assert compare_words([wide], [Word("title", (0.35, 0.1, 0.95, 0.2))])["box_recall"] == 0


def test_equal_words_are_paired_so_that_most_stand_right():
    # Taking the nearest first would leave the second of them alone.
    reference = [word("0", 0.10, 0.5), word("0", 0.125, 0.5)]
    candidate = [word("0", 0.13, 0.5), word("0", 0.155, 0.5)]
    assert compare_words(reference, candidate)["box_f1"] == 1


def test_a_side_without_words_has_no_share():
    values = compare_words([word("a", 0, 0)], [])
    assert (values["word_recall"], values["word_precision"], values["box_f1"]) == (0, None, 0)
    with pytest.raises(Unscorable, match="neither"):
        compare_words([], [])


boxes = st.lists(
    st.builds(word, st.sampled_from("abc"), st.floats(0, 1), st.floats(0, 1), st.floats(0.01, 0.5)), min_size=1
)


@given(boxes, boxes)
def test_properties(one, other):
    assert set(compare_words(one, one[::-1]).values()) == {1.0}
    there, back = compare_words(one, other), compare_words(other, one)
    assert there["box_f1"] == pytest.approx(back["box_f1"])
    assert there["word_recall"] == back["word_precision"]
    for part in ("f1", "precision", "recall"):
        assert 0 <= there[f"box_{part}"] <= there[f"word_{part}"] <= 1


def test_more_shift_places_fewer():
    reference = [word(f"w{i}", (i % 5) / 5, (i // 5) / 5) for i in range(25)]
    chance = np.random.default_rng(0)
    shares = []
    for most in (0, 0.02, 0.04, 0.07, 0.2):
        moved = [word(each.text, *(np.array(each.box[:2]) + chance.uniform(-most, most, 2))) for each in reference]
        shares.append(compare_words(reference, moved)["box_f1"])
    assert shares[0] == shares[1] == 1 and shares[1] > shares[2] > shares[3] > shares[4]


@pytest.mark.parametrize(
    ("rotation", "first", "second"),
    [
        (0, (0, 0, 0.4, 1), (0.6, 0, 1, 1)),
        (90, (0, 0.6, 1, 1), (0, 0, 1, 0.4)),
        (180, (0.6, 0, 1, 1), (0, 0, 0.4, 1)),
        (270, (0, 0, 1, 0.4), (0, 0.6, 1, 1)),
        (45, (0, 0.6, 0.4, 1), (0.6, 0, 1, 0.4)),
        (135, (0.6, 0.6, 1, 1), (0, 0, 0.4, 0.4)),
        (225, (0.6, 0, 1, 0.4), (0, 0.6, 0.4, 1)),
        (315, (0, 0, 0.4, 0.4), (0.6, 0.6, 1, 1)),
        (-90, (0, 0, 1, 0.4), (0, 0.6, 1, 1)),
    ],
)
def test_words_share_the_box_of_their_text_along_its_direction(rotation, first, second):
    words = split("ab cd", (0, 0, 100, 100), rotation, SQUARE)
    assert [each.text for each in words] == ["ab", "cd"]
    assert [each.box for each in words] == [pytest.approx(first), pytest.approx(second)]


def test_lines_share_the_box_of_their_text_across_it():
    words = split("ab\ncd", (0, 0, 100, 100), 0, SQUARE)
    assert [each.box for each in words] == [pytest.approx((0, 0, 1, 0.5)), pytest.approx((0, 0.5, 1, 1))]
    upward = split("ab\ncd", (0, 0, 100, 100), 90, SQUARE)
    assert [each.box for each in upward] == [pytest.approx((0, 0, 0.5, 1)), pytest.approx((0.5, 0, 1, 1))]


CHART = (
    "import matplotlib.pyplot as plt\nfig, ax = plt.subplots(figsize=(5, 4))\nax.plot([1, 2])\n"
    "ax.set_title('Sales growth')\nax.set_ylabel('Units sold')\n{extra}\nfig.savefig('a.png', dpi={dpi})\n"
)


def chart(engine, extra="", dpi=100):
    return observe(Program(CHART.format(extra=extra, dpi=dpi), Language.PYTHON), engine=engine)


def parts(reference, candidate, metric="text_boxes"):
    scores = score(reference, candidate, [metric])
    assert scores.unscored == {}
    return scores.scores[metric]


def test_a_charts_words_stand_where_its_axes_put_them(engine):
    found = {each.text: each.box for each in chart(engine)[text_boxes]}
    assert found["Sales"][3] < 0.12 and found["Sales"][2] <= found["growth"][0]
    # Upwards along the left side: the first word below the second.
    assert found["Units"][2] < 0.1 and found["Units"][1] >= found["sold"][3]


def test_places_are_shares_of_the_picture(engine):
    assert set(parts(chart(engine), chart(engine, dpi=173)).values()) == {1.0}


def test_a_title_moved_is_still_there_and_out_of_place(engine):
    values = parts(chart(engine), chart(engine, "ax.set_title(''); fig.text(0.4, 0.3, 'Sales growth')"))
    assert values["word_f1"] == 1
    assert values["box_recall"] == pytest.approx(1 - 2 / len(chart(engine)[text_boxes]))


def test_a_page_and_a_drawing_tell_their_words(engine):
    page = observe(Program("<body style='margin: 0'><p>One two</p>", Language.HTML), engine=engine)
    drawing = '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="50"><text x="45" y="25">One two</text></svg>'
    vector = observe(Program(drawing, Language.SVG), engine=engine)
    for side in (page, vector):
        assert [each.text for each in side[text_boxes]] == ["One", "two"]
    assert page[text_boxes][0].box[0] == 0
    assert vector[text_boxes][0].box[0] == pytest.approx(0.5, abs=0.01)
    values = parts(page, vector)
    assert (values["word_f1"], values["box_f1"]) == (1, 0)


def test_a_failed_program_has_no_word_at_any_place(engine):
    broken = observe(Program("raise ValueError", Language.PYTHON), engine=engine)
    assert set(parts(chart(engine), broken).values()) == {0.0}


@needs_ocr
def test_what_is_read_stands_where_it_was_written():
    picture = np.full((300, 500, 3), 255, np.uint8)
    cv2.putText(picture, "Sales report", (30, 60), cv2.FONT_HERSHEY_SIMPLEX, 1, (0, 0, 0), 2)
    ((line, box),) = read_lines(picture)
    assert line == "Sales report"
    dark = np.argwhere(picture[..., 0] < 128)
    assert box == pytest.approx((*dark.min(axis=0)[::-1], *dark.max(axis=0)[::-1]), abs=10)
    # A small one is enlarged to be read; its boxes are its own.
    small = cv2.resize(picture[:100, :300], (150, 50), interpolation=cv2.INTER_AREA)
    ((_, smaller),) = read_lines(small)
    assert smaller == pytest.approx([value / 2 for value in box], abs=6)


@needs_ocr
def test_a_chart_agrees_with_its_own_picture_read(engine):
    known = chart(engine)
    values = parts(known, known.rendering().picture)
    assert values["box_f1"] == values["word_f1"] > 0.8


@needs_ocr
def test_pictures_that_are_equal_read_equal():
    picture = np.full((80, 300, 3), 255, np.uint8)
    cv2.putText(picture, "Sales report", (10, 50), cv2.FONT_HERSHEY_SIMPLEX, 1, (0, 0, 0), 2)
    assert set(parts(picture, picture, "ocr_words").values()) == {1.0}
    blank = np.full_like(picture, 255)
    assert parts(picture, blank, "ocr_words")["word_recall"] == 0
    assert "neither" in score(blank, blank, ["ocr_words"]).unscored["ocr_words"]


def test_a_text_without_end_is_cut():
    entry = {"text": "a " * 1_000_000, "box": [0, 0, 90, 9], "rotation": 0}
    assert len(list(words_of({"texts": [entry]}, (100, 10)))) == 5_000


def test_thousands_of_equal_words_are_paired_in_bounded_time():
    heap = [word("a", x / 3000, 0.5) for x in range(3000)]
    assert compare_words(heap, heap)["box_f1"] == 1


@pytest.mark.parametrize(
    "entry",
    [
        None,
        [],
        {"text": 1, "box": [0, 0, 1, 1], "rotation": 0},
        {"text": "a", "box": [0, 0, 1], "rotation": 0},
        {"text": "a", "box": [0, 0, 1, "1"], "rotation": 0},
        {"text": "a", "box": [0, 0, 1, 10**400], "rotation": 0},
        {"text": "a", "box": [0, 0, 1, float("nan")], "rotation": 0},
        {"text": "a", "box": [0, 0, 1, 1], "rotation": None},
        {"text": "a", "box": [0, 0, 1, 1], "rotation": 10**400},
        {"text": " \n ", "box": [0, 0, 1, 1], "rotation": 0},
    ],
)
def test_a_claim_that_is_no_word_is_left_out(entry):
    assert [*words_of({"texts": [entry, {"text": "b", "box": [0, 0, 5, 5], "rotation": 0}]}, SQUARE)] == [
        Word("b", (0, 0, 0.05, 0.05))
    ]
    assert [*words_of({"texts": entry}, SQUARE)] == []
