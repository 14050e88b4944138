"""FID, KID and Image2Struct's likeness: the network's shape, and the arithmetic on vectors."""

import numpy as np
import pytest

pytest.importorskip("torch")

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import sqrtm

from derender.metrics import Unscorable, score
from derender.metrics._embedder import Embedder
from derender.metrics._inception import _Network
from derender.metrics.inception import (
    fid,
    fid_network,
    frechet_distance,
    image2struct_network,
    kernel_distance,
    kid,
)

from . import tiny_models
from .tiny_models import INCEPTION, picture


@pytest.fixture(scope="module", autouse=True)
def weights(tmp_path_factory):
    folder = tmp_path_factory.mktemp("weights")
    tiny_models.write_inception(folder)
    with tiny_models.in_place(folder):
        yield folder


def vectors(seed, count, width, shift=0.0):
    return np.random.default_rng(seed).normal(shift, 1, (count, width)).astype(np.float32)


def test_the_layers_are_those_of_inception_v3():
    # torchvision counts 23,834,568 parameters without the auxiliary head: convolutions, norms and 1000 classes.
    convolutions = sum(int(np.prod(sizes)) for sizes in INCEPTION.values())
    norms = sum(2 * sizes[0] for sizes in INCEPTION.values())
    assert convolutions + norms + 1000 * 2049 == 23_834_568


def test_the_network_uses_every_layer_and_gives_features_and_logits(weights):
    class Used(dict):
        def __init__(self, state):
            super().__init__(state)
            self.names = set()

        def __getitem__(self, name):
            self.names.add(name)
            return super().__getitem__(name)

    from derender.metrics._inception import inception

    state = Used(torch.load(weights / "inception_v3_google-0cc3c7bd.pth"))
    with torch.inference_mode():
        pooled, logits = inception(state, torch.zeros(1, 3, 299, 299), of_fid=False)
    assert (tuple(pooled.shape), tuple(logits.shape)) == ((1, 2048), (1, 1008))
    assert state.names == set(state)


def test_fids_network_leaves_padding_out_of_its_averages():
    ones = torch.ones(1, 1, 4, 4)
    assert (_Network({}, of_fid=True)._average(ones) == 1).all()
    assert _Network({}, of_fid=False)._average(ones)[0, 0, 0, 0] == pytest.approx(4 / 9)


def test_fids_pictures_are_resized_in_floats():
    page = picture(1, 40, 60)
    found = fid_network.prepare(page)
    assert found.shape == (3, 299, 299)
    assert -1 <= found.min() <= found.max() <= 127 / 128
    flat = fid_network.prepare(np.full((10, 20, 3), 192, np.uint8))
    np.testing.assert_allclose(flat, 0.5, atol=1e-6)


@pytest.mark.parametrize(("n", "m", "width"), [(40, 60, 8), (6, 9, 20), (30, 4, 10)])
def test_frechet_distance_is_that_of_two_normal_distributions(n, m, width):
    a, b = vectors(1, n, width), vectors(2, m, width, 0.3)
    covariances = [np.cov(each.astype(float), rowvar=False) for each in (a, b)]
    apart = a.astype(float).mean(axis=0) - b.astype(float).mean(axis=0)
    root = sqrtm(covariances[0] @ covariances[1]).real
    wanted = apart @ apart + np.trace(covariances[0] + covariances[1] - 2 * root)
    # The root of a singular product is known to half the digits only.
    assert frechet_distance(a, b) == pytest.approx(wanted, rel=1e-3)


def test_frechet_distance_by_hand():
    # Means 1 and 4, variances 2 and 8: (4-1)² + (√8 - √2)² = 9 + 2.
    a, b = np.float32([[0], [2]]), np.float32([[2], [6]])
    assert frechet_distance(a, b) == pytest.approx(11)


def test_kernel_distance_by_hand():
    # d = 1, kernel (xy + 1)³ on {0, 1} and {2, 3}: within 2·1/2 and 2·343/2; across 1+1+27+64 = 93, /4·2.
    a, b = np.float32([[0], [1]]), np.float32([[2], [3]])
    assert kernel_distance(a, b, subsets=1) == pytest.approx(1 + 343 - 2 * 93 / 4)


def test_kernel_distance_takes_subsets_by_seed():
    a, b = vectors(1, 50, 6), vectors(2, 60, 6, 0.5)
    found = kernel_distance(a, b, subset=20, subsets=5)
    assert found == kernel_distance(a, b, subset=20, subsets=5)
    assert found != kernel_distance(a, b, subset=20, subsets=5, seed=1)
    random, total = np.random.RandomState(2020), 0.0
    for _ in range(5):
        x, y = (each[random.choice(len(each), 20, replace=False)].astype(float) for each in (a, b))
        within = sum(((s @ s.T / 6 + 1) ** 3)[~np.eye(20, dtype=bool)].sum() / 380 for s in (x, y))
        total += within - 2 * ((x @ y.T / 6 + 1) ** 3).mean()
    assert found == pytest.approx(total / 5)


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.integers(2, 12), st.integers(1, 10))
def test_a_set_is_nearest_to_itself(seed, count, width):
    a, b = vectors(seed, count, width), vectors(seed + 1, count, width, 2.0)
    assert frechet_distance(a, a[::-1]) == pytest.approx(0, abs=1e-5)
    assert frechet_distance(a, b) > frechet_distance(a, a)
    assert frechet_distance(a, b) == pytest.approx(frechet_distance(b, a))


@pytest.mark.parametrize("distance", [frechet_distance, kernel_distance])
def test_one_picture_is_no_set(distance):
    with pytest.raises(Unscorable, match="these have 1 and 3"):
        distance(vectors(1, 1, 4), vectors(2, 3, 4))


class Means(Embedder):
    """Sees the mean colour."""

    fingerprint = "means"

    def ready(self):
        pass

    def prepare(self, pixels):
        return pixels.mean(axis=(0, 1), dtype=np.float64).astype(np.float32) / 255

    def forward(self, prepared):
        return prepared


def test_fid_and_kid_are_the_distances_of_an_embedders_vectors():
    some, others = ([picture(seed) for seed in seeds] for seeds in (range(6), range(6, 11)))
    embedder = Means("means", ())
    seen = embedder.embed(some), embedder.embed(others)
    assert fid(some, others, embedder) == frechet_distance(*seen)
    assert kid(some, others, embedder, subset=3) == kernel_distance(*seen, subset=3)


def test_an_empty_set_has_no_distance():
    with pytest.raises(Unscorable, match="these have 0 and 6"):
        fid([], [picture(seed) for seed in range(6)], Means("means", ()))


def test_fids_network_gives_its_features():
    assert fid_network.embed([picture(1)]).shape == (1, 2048)


def test_image2structs_likeness_is_a_halved_cosine_of_logits():
    one, other = picture(1, 90, 140), picture(2, 60, 80)
    from PIL import Image

    brought = np.asarray(Image.fromarray(other).resize((140, 90), Image.Resampling.BICUBIC))
    a, b = image2struct_network.embed([one, brought])
    wanted = (1 + a @ b / np.linalg.norm(a) / np.linalg.norm(b)) / 2
    assert a.shape == (1008,)
    assert score(one, other, ["image2struct_fid"]).scores["image2struct_fid"]["similarity"] == pytest.approx(
        wanted, abs=1e-5
    )
    assert score(one, one, ["image2struct_fid"]).scores["image2struct_fid"]["similarity"] == 1.0
