"""DreamSim's ensemble on narrow random transformers, against its definition in NumPy."""

import json

import numpy as np
import pytest

pytest.importorskip("torch")

import torch
from PIL import Image, ImageOps
from safetensors.torch import load_file
from scipy.special import erf

from derender.metrics import Unscorable, score
from derender.metrics.dreamsim import TOWERS, ensemble, squared_figure

from . import tiny_models
from .tiny_models import picture

ONE, OTHER = picture(1), picture(2)


@pytest.fixture(scope="module", autouse=True)
def weights(tmp_path_factory):
    folder = tmp_path_factory.mktemp("weights")
    tiny_models.write_dreamsim(folder)
    with tiny_models.in_place(folder):
        yield folder


def numbers(folder, name):
    state = torch.load(folder / name)
    return {key: value.double().numpy() for key, value in state.get("state_dict", state).items()}


def adapted(folder, number, state):
    """With the corrections of queries, keys and values added: alpha / rank times one factor times the other."""
    adapter = folder / "ensemble_lora"
    settings = json.loads((adapter / "adapter_config.json").read_text())
    learnt = {key: value.double().numpy() for key, value in load_file(adapter / "adapter_model.safetensors").items()}
    for block in (0, 1):
        at = f"base_model.model.extractor_list.{number}.model.blocks.{block}.attn.qkv.lora_"
        change = learnt[f"{at}B.weight"] @ learnt[f"{at}A.weight"]
        state[f"blocks.{block}.attn.qkv.weight"] += settings["lora_alpha"] / settings["r"] * change
    return state


def normed(state, at, values, epsilon):
    centred = values - values.mean(axis=-1, keepdims=True)
    spread = np.sqrt(values.var(axis=-1, keepdims=True) + epsilon)
    return centred / spread * state[f"{at}.weight"] + state[f"{at}.bias"]


def by_hand(state, pixels, *, clip, quick, colours):
    """The class token of a transformer with one head of 64 channels."""
    epsilon = 1e-5 if clip else 1e-6
    values = (pixels / 255 - np.array(colours[0])) / np.array(colours[1])
    kernel = state["patch_embed.proj.weight"]
    patches = values.reshape(4, 56, 4, 56, 3).transpose(0, 2, 4, 1, 3).reshape(16, -1)
    patches = patches @ kernel.reshape(64, -1).T + state["patch_embed.proj.bias"]
    at = np.concatenate([state["cls_token"][0], patches]) + state["pos_embed"][0]
    at = normed(state, "pos_drop", at, epsilon) if clip else at

    def linear(name, values):
        return values @ state[f"{name}.weight"].T + state[f"{name}.bias"]

    for block in ("blocks.0.", "blocks.1."):
        query, key, value = np.split(linear(block + "attn.qkv", normed(state, block + "norm1", at, epsilon)), 3, axis=1)
        scores = np.exp(query @ key.T / 8)
        at = at + linear(block + "attn.proj", scores / scores.sum(axis=1, keepdims=True) @ value)
        inner = linear(block + "mlp.fc1", normed(state, block + "norm2", at, epsilon))
        active = inner / (1 + np.exp(-1.702 * inner)) if quick else inner * (1 + erf(inner / np.sqrt(2))) / 2
        at = at + linear(block + "mlp.fc2", active)
    return normed(state, "norm", at, epsilon)[0] @ state["proj"] if clip else at[0]


def test_the_vector_is_the_ensembles(weights):
    pixels = np.asarray(Image.fromarray(ONE).resize((224, 224), Image.Resampling.BICUBIC), np.float64)
    parts = []
    for number, (tower, quick) in enumerate(zip(TOWERS, (False, True, False), strict=True)):
        state = adapted(weights, number, numbers(weights, tower.weights.name))
        parts.append(by_hand(state, pixels, clip=number > 0, quick=quick, colours=tower.colours))
    joined = np.concatenate(parts)
    wanted = joined / np.linalg.norm(joined)
    wanted -= wanted.mean()
    np.testing.assert_allclose(ensemble.embed([ONE])[0], wanted, atol=1e-5)


def test_the_corrections_may_come_in_pytorchs_format(weights):
    wanted = ensemble.embed([ONE])
    adapter = weights / "ensemble_lora/adapter_model.safetensors"
    torch.save(load_file(adapter), adapter.with_suffix(".bin"))
    hidden = adapter.rename(adapter.with_suffix(".hidden"))
    tiny_models.release()
    found = ensemble.embed([ONE])
    hidden.rename(adapter)
    np.testing.assert_allclose(found, wanted, atol=1e-6)


def test_the_distance_is_one_less_the_cosine():
    a, b = ensemble.embed([ONE, OTHER]).astype(float)
    wanted = 1 - a @ b / np.linalg.norm(a) / np.linalg.norm(b)
    assert score(ONE, OTHER, ["dreamsim"]).scores["dreamsim"]["distance"] == pytest.approx(wanted, abs=1e-6)
    assert score(ONE, ONE, ["dreamsim"]).scores["dreamsim"]["distance"] == 0.0


def test_detikzify_trims_and_squares_first():
    a, b = ensemble.embed([squared_figure(ONE), squared_figure(OTHER)]).astype(float)
    wanted = a @ b / np.linalg.norm(a) / np.linalg.norm(b)
    found = score(ONE, OTHER, ["dreamsim_detikzify"]).scores["dreamsim_detikzify"]["similarity"]
    assert found == pytest.approx(wanted, abs=1e-6)
    moved = np.full((140, 140, 3), 255, np.uint8)
    moved[:90, :] = ONE
    margin = score(ONE, moved, ["dreamsim_detikzify"]).scores["dreamsim_detikzify"]["similarity"]
    assert margin == pytest.approx(1.0, abs=1e-6)


def test_a_squared_figure_is_trimmed_enlarged_and_centred():
    page = np.full((50, 100, 3), 255, np.uint8)
    page[10:20, 30:50] = (10, 200, 30)
    found = squared_figure(page)
    wanted = ImageOps.pad(Image.fromarray(page[10:20, 30:50]), (100, 100), Image.Resampling.LANCZOS, color="white")
    assert np.array_equal(found, np.asarray(wanted))
    blank = np.full((50, 100, 3), 255, np.uint8)
    assert (squared_figure(blank) == 255).all()
    assert squared_figure(blank).shape == (100, 100, 3)
    with pytest.raises(Unscorable, match="9000 pixels a side"):
        squared_figure(np.zeros((1, 9000, 3), np.uint8))
