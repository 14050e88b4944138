"""Pictures that can't be sent around, and what is said of them."""

import pytest
from PIL import Image

from derender.benchmarks.vision2code.ablations.round_trips import RoundTrip, Source, Traveller
from derender.benchmarks.vision2code.scoring import Dropped
from derender.core import UserError
from derender.models import Replay, Sampling


@pytest.fixture
def traveller(tmp_path, engine):
    (tmp_path / "said.jsonl").write_text("")
    return Traveller(Replay(tmp_path / "said.jsonl"), engine, Sampling())


def _picture(path):
    path.parent.mkdir(exist_ok=True)
    Image.new("RGB", (30, 20), "teal").save(path)
    return path


def test_a_dataset_is_told_by_the_pictures_name_by_its_folder_or_by_the_user(tmp_path):
    by_name = Source.of_file(_picture(tmp_path / "x/ChartQA_train_000001_aaaaaaaaaaaa.png"), "a")
    by_folder = Source.of_file(_picture(tmp_path / "Physics/1.png"), "b")
    by_user = Source.of_file(by_name.path, "c", "DocVQA")
    assert [source.dataset for source in (by_name, by_folder, by_user)] == ["ChartQA", "Physics", "DocVQA"]
    assert by_name.size == (30, 20) and by_name.content() == by_name.path.read_bytes()
    with pytest.raises(UserError, match=r"1\.png: unknown dataset '1'"):
        Source.of_file(_picture(tmp_path / "x/1.png"), "d")


def test_files_that_models_do_not_take_are_said(tmp_path):
    Image.new("RGB", (3, 2)).save(tmp_path / "ChartQA.bmp")
    with pytest.raises(UserError, match=r"ChartQA\.bmp: a model takes PNG"):
        Source.of_file(tmp_path / "ChartQA.bmp", "a")
    with pytest.raises(UserError, match="no such file"):
        Source.of_file(tmp_path / "none.png", "a")


def test_a_picture_that_changed_meanwhile_and_a_model_that_is_not_there_are_no_zeros(tmp_path, traveller):
    source = Source.of_file(_picture(tmp_path / "Physics/1.png"), "b")
    lost = traveller.travel(source)
    assert (lost.dropped, lost.first, lost.ratings()) == (Dropped.NO_ANSWER, None, None)
    with pytest.raises(ValueError, match="never began"):
        RoundTrip(source).result("m", {})
    Image.new("RGB", (30, 20), "red").save(source.path)
    changed = traveller.travel(source)
    assert changed.dropped is Dropped.BAD_REFERENCE and "has changed meanwhile" in changed.why


def test_a_picture_that_is_broken_off_is_said_and_nobody_is_asked_about_it(tmp_path, traveller):
    path = _picture(tmp_path / "Physics/1.png")
    path.write_bytes(path.read_bytes()[:-30])
    made = traveller.travel(Source.of_file(path, "b"))
    assert made.dropped is Dropped.BAD_REFERENCE and "cut off" in made.why
