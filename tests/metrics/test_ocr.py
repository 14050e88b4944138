"""Reading words, with the models that come inside the package."""

import socket
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from derender.metrics import score
from derender.metrics.ocr import installed, read_words

pytestmark = pytest.mark.skipif(not installed(), reason="rapidocr (extra `trace`) is not installed")


def test_reads_a_title_on_two_threads_at_once_in_silence_and_offline(chart, capfd, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: pytest.fail("asked the network"))
    title = chart[:48]
    with ThreadPoolExecutor(2) as pool:
        read = list(pool.map(read_words, [title, title]))
    assert read == [("Sales", "2024")] * 2
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("shape", [(1, 1, 3), (7, 300, 3), (8, 8, 3), (60, 9, 3), (64, 64, 3)])
def test_finds_no_words_where_there_are_none(shape, capfd):
    assert read_words(np.full(shape, 255, np.uint8)) == ()
    assert capfd.readouterr() == ("", "")


def test_a_lost_word_costs_recall(chart):
    title = chart[:48]
    shortened = title.copy()
    shortened[:, 155:] = 255
    assert score(title, shortened, ["words"]).scores["words"] == pytest.approx(
        {"f1": 2 / 3, "precision": 1.0, "recall": 0.5}
    )
