"""LPIPS and DISTS on networks of random weights, against the formulas of their papers in NumPy."""

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from derender.metrics import dists, lpips, score

from . import tiny_models
from .tiny_models import picture

ONE, OTHER = picture(1, 32, 44), picture(2, 32, 44)
NAMES = ("lpips_alex", "lpips_vgg", "lpips_starvector", "dists")


@pytest.fixture(scope="module", autouse=True)
def weights(tmp_path_factory):
    folder = tmp_path_factory.mktemp("weights")
    tiny_models.write_convnets(folder)
    with tiny_models.in_place(folder):
        yield folder


def distance(name, reference, candidate, mode="official"):
    found = score(reference, candidate, [name], mode=mode)
    assert not found.unscored, found.unscored
    return found.scores[name]["distance"]


def state(folder, name):

    return {key: value.numpy().astype(np.float64) for key, value in torch.load(folder / name).items()}


def convolved(values, weight, bias, stride, padding):
    """Channels x height x width, by summing over the kernel's places; rectified."""
    values = np.pad(values, ((0, 0), (padding, padding), (padding, padding)))
    kernel = weight.shape[-1]
    height, width = ((side - kernel) // stride + 1 for side in values.shape[1:])
    total = np.zeros((len(weight), height, width))
    for row, column in np.ndindex(kernel, kernel):
        seen = values[:, row : row + stride * height : stride, column : column + stride * width : stride]
        total += np.einsum("oi,ihw->ohw", weight[:, :, row, column], seen)
    return np.maximum(total + bias[:, None, None], 0)


def largest(values, kernel, stride):
    height, width = ((side - kernel) // stride + 1 for side in values.shape[1:])
    windows = np.lib.stride_tricks.sliding_window_view(values, (kernel, kernel), axis=(1, 2))
    return windows[:, ::stride, ::stride][:, :height, :width].max(axis=(3, 4))


def hann_pooled(values):
    line = np.hanning(5)[1:-1]
    window = np.outer(line, line) / line.sum() ** 2
    padded = np.pad(values**2, ((0, 0), (1, 1), (1, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(1, 2))[:, ::2, ::2]
    return np.sqrt((windows * window).sum(axis=(3, 4)) + 1e-12)


def alexnet(weights, values):
    found = []
    for number, stride, padding, pooled in ((0, 4, 2, 0), (3, 1, 2, 1), (6, 1, 1, 1), (8, 1, 1, 0), (10, 1, 1, 0)):
        values = largest(values, 3, 2) if pooled else values
        layer = weights[f"features.{number}.weight"], weights[f"features.{number}.bias"]
        values = convolved(values, *layer, stride, padding)
        found.append(values)
    return found


def vgg(weights, values, pool):
    found = []
    for numbers in ((0, 2), (5, 7), (10, 12, 14), (17, 19, 21), (24, 26, 28)):
        values = pool(values) if found else values
        for number in numbers:
            layer = weights[f"features.{number}.weight"], weights[f"features.{number}.bias"]
            values = convolved(values, *layer, 1, 1)
        found.append(values)
    return found


def scaled(pixels):
    """In -1..1, less LPIPS's mean, by its spread."""
    values = pixels.astype(np.float64).transpose(2, 0, 1) / 127.5 - 1
    return (values - np.array([-0.030, -0.088, -0.188])[:, None, None]) / np.array([0.458, 0.448, 0.450])[:, None, None]


def lpips_by_hand(features, heads):
    total = 0.0
    for layer, (a, b) in enumerate(zip(*features, strict=True)):
        a, b = (each / (np.sqrt((each**2).sum(axis=0)) + 1e-10) for each in (a, b))
        total += (heads[f"lin{layer}.model.1.weight"][0] * (a - b) ** 2).sum(axis=0).mean()
    return total


def test_lpips_on_alexnet_is_the_papers_formula(weights):
    network, heads = state(weights, "alexnet-owt-7be5be79.pth"), state(weights, "lpips/weights/v0.1/alex.pth")
    wanted = lpips_by_hand([alexnet(network, scaled(page)) for page in (ONE, OTHER)], heads)
    assert distance("lpips_alex", ONE, OTHER) == pytest.approx(wanted, rel=1e-4)


def test_lpips_on_vgg_is_the_papers_formula(weights):
    network, heads = state(weights, "vgg16-397923af.pth"), state(weights, "lpips/weights/v0.1/vgg.pth")
    one, other = ONE[:16, :20], OTHER[:16, :20]
    pages = [vgg(network, scaled(page), lambda values: largest(values, 2, 2)) for page in (one, other)]
    assert distance("lpips_vgg", one, other) == pytest.approx(lpips_by_hand(pages, heads), rel=1e-4)


def test_starvectors_lpips_is_fed_pixels_normalised_already(weights):
    network, heads = state(weights, "vgg16-397923af.pth"), state(weights, "lpips/weights/v0.1/vgg.pth")
    one, other = ONE[:16, :20], OTHER[:16, :20]

    def twice(pixels):
        once = (pixels / 255 - np.array([0.485, 0.456, 0.406])) / np.array([0.229, 0.224, 0.225])
        return scaled((once + 1) * 127.5)

    pages = [vgg(network, twice(page), lambda values: largest(values, 2, 2)) for page in (one, other)]
    assert distance("lpips_starvector", one, other) == pytest.approx(lpips_by_hand(pages, heads), rel=1e-4)
    assert distance("lpips_starvector", one, other, "fixed") == distance("lpips_vgg", one, other)


def test_dists_is_the_papers_formula(weights):
    network, mixed = state(weights, "vgg16-397923af.pth"), state(weights, "DISTS_pytorch/weights.pt")
    one, other = ONE[:16, :20], OTHER[:16, :20]
    pages = []
    for page in (one, other):
        plain = page.astype(np.float64).transpose(2, 0, 1) / 255
        normed = (plain - np.array([0.485, 0.456, 0.406])[:, None, None]) / np.array([0.229, 0.224, 0.225])[
            :, None, None
        ]
        pages.append([plain, *vgg(network, normed, hann_pooled)])
    alpha, beta = mixed["alpha"].ravel(), mixed["beta"].ravel()
    alike, at = 0.0, 0
    for a, b in zip(*pages, strict=True):
        for x, y in zip(a, b, strict=True):
            texture = (2 * x.mean() * y.mean() + 1e-6) / (x.mean() ** 2 + y.mean() ** 2 + 1e-6)
            structure = (2 * ((x * y).mean() - x.mean() * y.mean()) + 1e-6) / (x.var() + y.var() + 1e-6)
            alike += alpha[at] * texture + beta[at] * structure
            at += 1
    wanted = 1 - alike / (alpha.sum() + beta.sum())
    assert at == 1475
    assert distance("dists", one, other) == pytest.approx(wanted, rel=1e-3)


@pytest.mark.parametrize("name", NAMES)
def test_equal_pictures_have_no_distance_and_order_does_not_matter(name):
    assert distance(name, ONE, ONE) == 0.0
    assert distance(name, ONE, OTHER) > 0.0
    assert distance(name, ONE, OTHER) == pytest.approx(distance(name, OTHER, ONE), rel=1e-5)


@pytest.mark.parametrize("name", ["lpips_alex", "lpips_vgg", "dists"])
def test_distance_grows_with_noise(name):
    random = np.random.default_rng(8)
    noisy = [np.clip(ONE + random.normal(0, spread, ONE.shape), 0, 255).astype(np.uint8) for spread in (4, 25, 120)]
    found = [distance(name, ONE, other) for other in noisy]
    assert found == sorted(found)


def test_a_reference_is_remembered_and_never_mistaken_for_another():
    fresh = [distance("lpips_alex", ONE, OTHER), distance("lpips_alex", OTHER, ONE[::-1])]
    lpips.alex.release()
    assert lpips.lpips(lpips.alex, ONE, OTHER) == fresh[0]
    assert lpips.lpips(lpips.alex, OTHER, np.ascontiguousarray(ONE[::-1])) == fresh[1]
    assert lpips.lpips(lpips.alex, ONE, OTHER) == fresh[0]


def test_other_sizes_are_brought_to_the_references_and_the_function_refuses_them():
    from derender.metrics import Unscorable

    assert distance("lpips_alex", ONE, picture(2, 64, 88)) > 0
    with pytest.raises(Unscorable, match="44x32 and 88x64"):
        lpips.lpips(lpips.alex, ONE, picture(2, 64, 88))


@pytest.mark.parametrize(("name", "least"), [("lpips_alex", 31), ("lpips_vgg", 16), ("dists", 16)])
def test_pictures_too_small_or_too_large_for_the_network_are_unscored(name, least):
    enough, small = np.zeros((least, least, 3), np.uint8), np.zeros((least - 1, 40, 3), np.uint8)
    assert distance(name, enough, enough) == 0.0
    assert f"of {least}x{least} pixels" in score(small, small, [name]).unscored[name]
    large = np.zeros((3000, 3000, 3), np.uint8)
    assert "8,388,608" in score(large, large, [name]).unscored[name]


def test_weights_that_are_absent_leave_the_metric_unscored_and_say_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("DERENDER_WEIGHTS", str(tmp_path))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    tiny_models.release()
    reason = score(ONE, OTHER, ["lpips_alex"]).unscored["lpips_alex"]
    assert "alexnet-owt-7be5be79.pth were not found" in reason
    assert "curl -L" in reason
    assert {one.name for one in lpips.alex.weights} == set(lpips.lpips_alex.weights)
    assert len(dists.dists.weights) == 2
