"""Image2Struct's LPIPS similarity: the arithmetic around it, on a small network with random weights."""

import numpy as np
import pytest

from derender.core import Missing
from derender.metrics import lpips, score
from derender.metrics._convnets import VGG_STAGES
from derender.metrics.image2struct_lpips import lpips_similarity, network

CHANNELS = 4


def light(seed):
    return np.random.default_rng(seed).integers(128, 256, (256, 256, 3), dtype=np.uint8)


@pytest.fixture
def random_weights(monkeypatch):
    torch = pytest.importorskip("torch")
    torch.manual_seed(1)
    layers = [number for stage in VGG_STAGES for number in stage]
    body = {}
    for at, number in enumerate(layers):
        body[f"features.{number}.weight"] = torch.randn(CHANNELS, CHANNELS if at else 3, 3, 3) / 4
        body[f"features.{number}.bias"] = torch.randn(CHANNELS) / 4
    heads = {f"lin{at}.model.1.weight": torch.rand(1, CHANNELS, 1, 1) for at in range(len(VGG_STAGES))}
    for net in (network, lpips.vgg):
        monkeypatch.setitem(net.__dict__, "_states", [body, heads])
        monkeypatch.setattr(net, "_last", None)


def test_dark_pixels_are_an_error_that_counts_as_nothing():
    one = light(1)
    one[3, 3] = 127
    one[3:9, 3:9] = 127
    assert lpips_similarity(one, one) == 0
    assert score(one, one, ["image2struct_lpips"]).scores["image2struct_lpips"] == {"similarity": 0}
    assert score(np.zeros((9, 9, 3), np.uint8), one, ["image2struct_lpips"]).scores["image2struct_lpips"] == {
        "similarity": 0
    }


def test_light_pixels_are_stretched_twice(random_weights):
    one, other = light(1), light(2)
    stretched = [np.clip(2 * each.astype(int) - 255, 0, 255).astype(np.uint8) for each in (one, other)]
    assert lpips_similarity(one, one) == 1
    assert lpips_similarity(one, other) == pytest.approx(1 - lpips.lpips(lpips.vgg, *stretched), abs=1e-5)
    assert lpips_similarity(one, other) != lpips_similarity(one, other, fixed=True)


def test_corrected_it_is_lpips(random_weights):
    one, other = light(1), light(2)
    one[100:150] = 0
    assert lpips_similarity(one, one, fixed=True) == 1
    assert lpips_similarity(one, other, fixed=True) == pytest.approx(1 - lpips.lpips(lpips.vgg, one, other), abs=1e-6)
    found = score(one, other, ["image2struct_lpips"], mode="fixed").scores["image2struct_lpips"]["similarity"]
    assert found == lpips_similarity(one, other, fixed=True)


def test_other_sizes_are_padded_and_then_brought_to_256(random_weights):
    white = np.full((100, 300, 3), 255, np.uint8)
    assert (
        score(white, white[:40, :80], ["image2struct_lpips"], mode="fixed").scores["image2struct_lpips"]["similarity"]
        == 1
    )


def test_without_weights_there_is_no_score(monkeypatch, tmp_path):
    def absent(*_):
        raise Missing("weights", "get them")

    monkeypatch.setattr(network, "between", lambda *_, **__: absent())
    found = score(light(1), light(2), ["image2struct_lpips"])
    assert "weights is not installed" in found.unscored["image2struct_lpips"]
