"""The demo's package in Vision2Code's format, and what is recorded of it."""

import json
from collections import Counter
from pathlib import Path

import pytest
from PIL import Image

from derender.benchmarks.vision2code import SOURCES, Split, check_package, read_manifest, read_provenance, select
from derender.benchmarks.vision2code.predictions import read_predictions
from derender.benchmarks.vision2code.sources import counts
from derender.benchmarks.vision2code.validation import has_published_counts

DEMO = Path(__file__).parents[2] / "demo"
RECORDED = DEMO / "vision2code"
PACKAGE = RECORDED / "data"
MODELS = ("careful", "hasty", "poor")
SAMPLES = read_manifest(PACKAGE)


def test_it_is_a_package_as_published_but_for_how_many_pictures_it_has():
    assert check_package(PACKAGE, small=True) == []
    assert all("must have" in problem for problem in check_package(PACKAGE))
    assert [each.source_dataset for each in read_provenance(PACKAGE)] == list(SOURCES)


def test_every_dataset_has_two_pictures_and_the_small_split_is_a_part_of_the_large_one():
    whole, mini = (select(SAMPLES, split) for split in Split)
    assert Counter(each.source_dataset for each in whole) == Counter(dict.fromkeys(SOURCES, 2))
    assert [each.source_dataset for each in mini] == list(SOURCES)
    hashes = {each.question_folder: each.image_sha256 for each in whole}
    assert all(hashes[each.question_folder] == each.image_sha256 for each in mini)
    assert all((DEMO / "programs/vision2code").glob(f"{name}-{n}.*") for name in SOURCES for n in (1, 2))


def test_it_is_not_taken_for_the_published_one():
    mini = {each.source_dataset: each for each in select(SAMPLES, Split.TEST_MINI)}
    assert not has_published_counts([*mini.values()], Split.TEST_MINI)
    as_many = [mini[name] for name in counts(Split.TEST_MINI).elements()]
    assert has_published_counts(as_many, Split.TEST_MINI)
    assert not has_published_counts(as_many, Split.TEST)
    assert not has_published_counts(as_many[1:], Split.TEST_MINI)


def test_the_pictures_are_worth_recreating():
    for each in select(SAMPLES, Split.TEST):
        with Image.open(each.image(PACKAGE)) as image:
            assert min(image.size) >= 200 and max(image.size) <= 640
            assert len(image.convert("L").getcolors()) > 8, each.question_folder


@pytest.mark.parametrize("model", MODELS)
def test_every_line_is_used_and_every_picture_is_spoken_of(model):
    whole = select(SAMPLES, Split.TEST)
    lines = (RECORDED / f"said/{model}.jsonl").read_bytes().splitlines()
    found = [each[0].question_folder for each in read_predictions(lines, whole)]
    assert found == [each.question_folder for each in whole]


@pytest.mark.parametrize("model", [*MODELS, "trace"])
def test_a_judges_second_answers_follow_first_ones(model):
    lines = (RECORDED / f"judged/{model}/judge.jsonl").read_text().splitlines()
    names = [json.loads(line)["id"] for line in lines]
    known = {each.question_folder for each in SAMPLES}
    assert {name.removesuffix("/again") for name in names} <= known
    assert {name.removesuffix("/again") for name in names if name.endswith("/again")} <= set(names)
