"""The cosine baselines: pixels as published, other models beside words, and rows that can't be compared."""

import hashlib
import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageDraw

from derender.benchmarks.vision2code.cosine import KINDS, Status, compare, focus, on_five, pairs_of, summary
from derender.benchmarks.vision2code.embedders import Beside, load_encoder, word_vector
from derender.benchmarks.vision2code.runs import read_run
from derender.benchmarks.vision2code.sources import SOURCES
from derender.core import UnknownName, UserError
from derender.metrics import Unscorable


def draw(path, side, colour="teal", mode="RGB"):
    image = Image.new(mode, (90, 60), "white")
    ImageDraw.Draw(image).rectangle((10, 10, 10 + side, 50), fill=colour)
    image.save(path)


def row(name, success=True, picture="one.png", reference="reference.png", dataset="ChartQA", **more):
    rendering = {"pictures": [picture] if picture else []}
    found = {"question_folder": name, "dataset": dataset, "render_success": success, "rendering": rendering}
    return {**found, "reference": reference, "dropped": None, **more}


@pytest.fixture
def folder(tmp_path):
    draw(tmp_path / "reference.png", 30)
    draw(tmp_path / "one.png", 60, "orange")
    return tmp_path


def pairs(folder, *rows):
    (folder / "results.jsonl").write_text("".join(json.dumps(each) + "\n" for each in rows))
    return pairs_of(read_run(folder))


def pixel_vector(path):
    with Image.open(path) as image:
        flat = np.asarray(image.convert("RGB").resize((32, 32)), np.float64).ravel()
    return flat / np.linalg.norm(flat)


def words(text):
    found = np.zeros(256)
    for word in text.lower().split():
        digest = hashlib.sha256(word.encode()).digest()
        found[int.from_bytes(digest[:4], "little") % 256] += 1 if digest[4] % 2 == 0 else -1
    return found / np.linalg.norm(found)


def pixel(folder, *rows):
    encoder = load_encoder("pixel", focus().instruction)
    return [*compare(pairs(folder, *rows), encoder)]


def test_pixels_are_compared_as_published(folder):
    (found,) = pixel(folder, row("a"))
    one, other = pixel_vector(folder / "reference.png"), pixel_vector(folder / "one.png")
    text = words(focus().text("ChartQA"))
    assert found.status is Status.SCORED
    assert found.cosines["image_only"] == pytest.approx(one @ other, abs=1e-6)
    both = [np.concatenate([each, text]) / np.sqrt(2) for each in (one, other)]
    assert found.cosines["image_plus_text"] == pytest.approx(both[0] @ both[1], abs=1e-6)
    assert word_vector("") @ word_vector("") == 0


def test_equal_pictures_get_five_and_transparent_ones_their_hidden_colour(folder):
    draw(folder / "one.png", 30)
    draw(folder / "reference.png", 30, mode="RGBA")
    image = Image.open(folder / "reference.png")
    image.putalpha(7)
    image.save(folder / "reference.png")
    (found,) = pixel(folder, row("a"))
    assert found.record()["cosine_image_only_0_to_5"] == pytest.approx(5, abs=1e-6)


@pytest.mark.parametrize(("cosine", "expected"), [(1.0, 5.0), (-1.0, 0.0), (0.0, 2.5), (1.0000002, 5.0), (None, None)])
def test_cosines_on_the_ratings_scale(cosine, expected):
    assert on_five(cosine) == expected


def test_scaling_is_of_the_number_in_thirty_two_bits():
    # The first row of the human study's table.
    assert f"{on_five(0.8173998594):.10f}" == "4.5434996486"


def test_what_cannot_be_compared_says_why_and_only_programs_faults_are_zero(folder):
    (folder / "text.png").write_text("no picture")
    Image.new("RGB", (40, 40)).save(folder / "black.png")
    found = pixel(
        folder,
        row("scored"),
        row("failed", success=False, picture=None),
        row("untried", success=None, picture=None, dropped="machine_failed"),
        row("gone", picture="gone.png"),
        row("unnamed", picture=None),
        row("no reference", reference="nowhere.png"),
        row("none named", reference=None),
        row("absent", success=None, picture=None, dropped="no_prediction"),
        row("black", picture="black.png"),
        row("damaged", reference="text.png"),
    )
    assert [each.status for each in found] == [
        Status.SCORED,
        *[Status.MISSING_RENDER] * 4,
        *[Status.MISSING_SOURCE_IMAGE] * 2,
        Status.MISSING_SAMPLE_DIR,
        Status.EMBED_ERROR,
        Status.MISSING_SOURCE_IMAGE,
    ]
    assert all(each.why for each in found[1:])
    records = [each.record() for each in found]
    assert [each["cosine_image_only_0_to_5_all_rows"] for each in records[1:]] == [0.0] + 8 * [None]
    table = summary(records)
    score = records[0]["cosine_image_only_0_to_5"]
    assert table["mean_cosine_image_only_0_to_5"] == score
    assert table["mean_cosine_image_only_0_to_5_all_rows"] == score / 2
    assert (table["total_rows"], table["scored_rows"], table["missing_render_rows"]) == (10, 1, 4)
    assert sum(table["left_out"].values()) == 8
    assert table["datasets"]["ChartQA"] == {name: table[name] for name in table["datasets"]["ChartQA"]}


class Fussy:
    """Refuses one picture, and all pictures that come with it."""

    fingerprint = "fussy"

    def __init__(self):
        self.asked = []

    def ready(self):
        return

    def embed(self, pictures):
        self.asked.append(len(pictures))
        if any(picture[0, 0, 0] == 0 for picture in pictures):
            raise Unscorable("it is too dark")
        return np.stack([np.array([1.0, float(picture.mean())], np.float32) for picture in pictures])


def test_one_odd_picture_costs_no_other_its_vector_and_pictures_go_together(folder):
    Image.new("RGB", (40, 40)).save(folder / "black.png")
    for number in range(20):
        draw(folder / f"{number}.png", number)
    rows = [row(str(number), picture=f"{number}.png") for number in range(20)]
    fussy = Fussy()
    found = [*compare(pairs(folder, *rows), Beside(fussy, "fussy"))]
    assert {each.status for each in found} == {Status.SCORED}
    assert fussy.asked == [32, 8]
    mixed = [*rows[:2], row("black", picture="black.png"), *rows[2:4]]
    found = [*compare(pairs(folder, *mixed), Beside(Fussy(), "fussy"))]
    assert [each.status for each in found].count(Status.EMBED_ERROR) == 1
    assert (found[2].why, found[2].pair.sample) == ("it is too dark", "black")


def test_a_key_hangs_on_both_pictures_and_the_encoder(folder):
    encoder = load_encoder("pixel", "")
    (pair,) = pairs(folder, row("a"))
    key = pair.key(encoder)
    assert key == pair.key(load_encoder("pixel", "")) != pair.key(Beside(Fussy(), "pixel"))
    draw(folder / "reference.png", 31)
    assert pair.key(encoder) != key
    assert replace(pair, dataset="dvqa").key(encoder) != pair.key(encoder)


def test_every_dataset_has_a_text_of_its_own():
    assert set(focus().texts) == set(SOURCES)
    assert len(set(focus().texts.values())) == len(SOURCES)
    assert len(KINDS) == 2


def test_strangers_are_named(folder):
    with pytest.raises(UnknownName, match="unknown dataset 'Other'"):
        pairs(folder, row("a", dataset="Other"))
    with pytest.raises(UnknownName, match="use one of clip_b32"):
        load_encoder("nope", "")
    with pytest.raises(UserError, match="--base-url is for openai/NAME"):
        load_encoder("pixel", "", "http://127.0.0.1:1/v1")


def test_a_network_in_a_package_compares_offline(folder):
    encoder = load_encoder("efficientnet", "")
    encoder.ready()
    draw(folder / "same.png", 30)
    found = [*compare(pairs(folder, row("same", picture="same.png"), row("other")), encoder)]
    assert found[0].cosines["image_only"] == pytest.approx(1, abs=1e-5)
    assert found[1].cosines["image_only"] < 0.9
    half = (1 + found[1].cosines["image_only"]) / 2
    assert found[1].cosines["image_plus_text"] == pytest.approx(half, abs=1e-5)


class Uneven:
    """Gives each vector one number more than the one before."""

    fingerprint = "uneven"

    def __init__(self):
        self.shown = []

    def ready(self):
        return

    def vectors(self, shown):
        self.shown.append(len(shown))
        return [np.ones(1 + place, np.float32) for place in range(len(shown))]


def test_vectors_that_do_not_fit_are_said(folder):
    (found,) = compare(pairs(folder, row("one")), Uneven())
    assert (found.status, found.why) == (
        Status.EMBED_ERROR,
        "the vectors of the two pictures have different lengths",
    )


def test_of_large_pictures_fewer_are_held_at_once(folder, monkeypatch):
    encoder = Uneven()
    with Image.open(folder / "one.png") as one, Image.open(folder / "reference.png") as reference:
        size = 3 * (one.width * one.height + reference.width * reference.height)
    monkeypatch.setattr("derender.benchmarks.vision2code.cosine._MOST_BYTES", 2 * size)
    found = [*compare(pairs(folder, *(row(str(number)) for number in range(5))), encoder)]
    assert [each.pair.sample for each in found] == ["0", "1", "2", "3", "4"]
    assert encoder.shown == [8, 8, 4]
