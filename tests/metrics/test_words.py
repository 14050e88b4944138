"""Words known from the renderer, and words read."""

import cv2
import numpy as np
import pytest

from derender.core import Missing, Picture
from derender.metrics import ocr, score
from derender.metrics.words import normalised

PIXEL = cv2.imencode(".png", np.full((4, 4, 3), 255, np.uint8))[1].tobytes()


def picture(*texts):
    return Picture("figure-1.png", PIXEL, 4, 4, texts=texts)


def words(reference, candidate):
    return score(reference, candidate, ["words"])


def test_words_count_as_often_as_they_occur_on_both_sides():
    found = words(picture("the cat", "the dog sat"), picture("the the the cat")).scores["words"]
    assert found == pytest.approx({"f1": 2 * 0.75 * 0.6 / 1.35, "precision": 3 / 4, "recall": 3 / 5})


def test_order_and_grouping_don_t_count_but_case_does():
    assert words(picture("Units sold", "2024"), picture("2024", "sold", "Units")).scores["words"]["f1"] == 1.0
    assert words(picture("Units"), picture("units")).scores["words"]["f1"] == 0.0


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("−5.0", "-5.0"),
        ("1990–2000", "1990-2000"),
        ("non\u2011breaking", "non-breaking"),
        ("“quoted” ‘so’ it’s", "\"quoted\" 'so' it's"),
        ("10\u00a0km", "10 km"),
        ("ﬁne x²", "fine x2"),
        ("ＦＵＬＬ", "FULL"),
        ("µ", "μ"),
        ("soft\u00adhy\u200bphen", "softhyphen"),
        ("a´b", "a'b"),
        ("﹘", "-"),
        ("  ", ""),
    ],
)
def test_what_a_reader_takes_for_the_same_is_the_same(written, plain):
    assert normalised(written) == tuple(plain.split())


def test_normalising_twice_changes_nothing():
    once = normalised("“−5 µm” – ½ of it…")
    assert normalised(" ".join(once)) == once


def test_a_side_without_words_has_no_share_of_its_own():
    assert words(picture("a"), picture()).scores["words"] == {"f1": 0.0, "precision": None, "recall": 0.0}
    assert words(picture(), picture("a")).scores["words"] == {"f1": 0.0, "precision": 0.0, "recall": None}
    assert words(picture(), picture(" ")).unscored == {"words": "neither picture has a word"}


@pytest.fixture
def without_ocr(monkeypatch):
    """A machine on which the package is not installed."""
    monkeypatch.setattr(ocr, "find_spec", lambda name: None)
    ocr._engine.cache_clear()
    yield
    ocr._engine.cache_clear()


def test_without_ocr_unknown_words_are_unscored_and_say_what_to_install(without_ocr, chart):
    reason = words(chart, chart).unscored["words"]
    assert "rapidocr" in reason and "pip install" in reason
    with pytest.raises(Missing):
        ocr.read_words(chart)


def test_without_ocr_words_are_a_default_only_where_a_side_knows_its_own(without_ocr, chart):
    assert "words" not in {**score(chart, chart).scores, **score(chart, chart).unscored}
    assert "words" in score(picture("a"), chart).unscored
    assert score(picture("a"), picture("a")).scores["words"]["f1"] == 1.0
