"""DINO, CLIP, SigLIP and what papers compute with them, on tiny random models: what each takes from its model, checked
against the model's own layers, and the arithmetic around it."""

import math

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

import torch
import transformers
from PIL import Image
from scipy.optimize import linear_sum_assignment

from derender.core import UserError
from derender.metrics import clip, clip_text, dino, imagesim, metric_names, score, score_many, virl
from derender.metrics._preprocess import Preprocess
from derender.metrics._torch import HubEmbedder, chosen_precision
from derender.metrics.dino import Dino
from derender.metrics.dreamsim import squared_figure

from . import tiny_models
from .tiny_models import LAYERS, picture

ONE, OTHER, TALL = picture(1), picture(2), picture(3, 320, 120)
METRICS = ("dinov2_b", "dinov2_l", "dinov3_b", "dinov3_l", "clip_b32", "clip_l14_336", "siglip2", "imagesim")
HALVED = ("dino_starvector", "virl", "imagesim_emd")


@pytest.fixture(scope="module", autouse=True)
def weights(tmp_path_factory):
    folder = tmp_path_factory.mktemp("weights")
    tiny_models.write_hub_models(folder)
    with tiny_models.in_place(folder):
        yield folder


def value(name, reference, candidate, mode="official"):
    found = score(reference, candidate, [name], mode=mode)
    assert not found.unscored, found.unscored
    return next(iter(found.scores[name].values()))


def cosine(a, b):
    return float(np.dot(a, b) / np.linalg.norm(a) / np.linalg.norm(b))


def shown(pixels, size, box=None, mean=tiny_models.IMAGENET_COLOURS, resample=Image.Resampling.BICUBIC):
    """Pixels prepared by hand: 1 x 3 x height x width."""
    image = Image.fromarray(pixels).resize(size, resample)
    values = np.asarray(image.crop(box) if box else image, np.float32) / 255
    values = (values - np.float32(mean["image_mean"])) / np.float32(mean["image_std"])
    return torch.from_numpy(np.ascontiguousarray(values.transpose(2, 0, 1)))[None]


def middle(pixels, side, crop=None):
    """Size and box of the shorter side scaled and the middle cut."""
    crop = crop or side
    height, width = pixels.shape[:2]
    scaled = (side, int(side * height / width)) if width <= height else (int(side * width / height), side)
    left, top = ((edge - crop) // 2 for edge in scaled)
    return scaled, (left, top, left + crop, top + crop)


@torch.inference_mode()
def dinov2_tokens(folder, size, pixels):
    """All tokens of DINOv2 before and after the last normalisation, by its own layers one by one."""
    model = transformers.Dinov2Model.from_pretrained(folder / f"facebook/dinov2-{size}").eval()
    at = model.embeddings(pixels)
    for layer in model.encoder.layer:
        at = layer(at)
        at = at[0] if isinstance(at, tuple) else at
    return at[0].numpy(), model.layernorm(at)[0].numpy()


@pytest.mark.parametrize("name", METRICS + HALVED)
def test_identity_is_best_and_others_are_less(name):
    assert value(name, ONE, ONE) == 1.0
    assert value(name, ONE, OTHER) < 1.0


@pytest.mark.parametrize("name", [name for name in (*METRICS, *HALVED) if name != "virl"])
def test_sides_may_be_swapped(name):
    assert value(name, ONE, OTHER) == pytest.approx(value(name, OTHER, ONE), abs=1e-6)


@pytest.mark.parametrize("size", ["base", "large"])
def test_dinov2_compares_the_class_token_after_the_last_normalisation(weights, size):
    tokens = [dinov2_tokens(weights, size, shown(page, *middle(page, 256, 224)))[1] for page in (ONE, TALL)]
    assert value(f"dinov2_{size[0]}", ONE, TALL) == pytest.approx(cosine(tokens[0][0], tokens[1][0]), abs=1e-5)


def test_starvectors_dino_score_is_of_the_mean_of_all_tokens(weights):
    tokens = [dinov2_tokens(weights, "base", shown(page, *middle(page, 256, 224)))[1] for page in (ONE, TALL)]
    wanted = (1 + cosine(tokens[0].mean(axis=0), tokens[1].mean(axis=0))) / 2
    assert value("dino_starvector", ONE, TALL) == pytest.approx(wanted, abs=1e-5)


def test_virl_takes_the_class_token_before_the_last_normalisation_of_pixels_in_bfloat16(weights):
    whole = np.asarray(Image.fromarray(ONE).resize((448, 448), Image.Resampling.BICUBIC))
    prepared = shown(whole, (448, 448))
    raw, normed = dinov2_tokens(weights, "large", prepared.bfloat16().float())
    unrounded = dinov2_tokens(weights, "large", prepared)[0]
    found = virl.virl_dino.embed([whole])[0]
    np.testing.assert_allclose(found, raw[0], rtol=1e-4, atol=1e-5)
    assert not np.allclose(found, normed[0], rtol=1e-3)
    assert np.abs(found - raw[0]).max() < np.abs(found - unrounded[0]).max() / 5


def test_virl_is_the_mean_over_tiles_and_the_whole(weights):
    brought = np.asarray(Image.fromarray(OTHER).resize((140, 90), Image.Resampling.BICUBIC))
    grid = virl.tile_grid(140, 90)
    pairs = zip(virl.tiles(ONE, grid), virl.tiles(brought, grid), strict=True)
    seen = [[virl.virl_dino.embed([tile])[0] for tile in pair] for pair in pairs]
    wanted = np.mean([(1 + cosine(a, b)) / 2 for a, b in seen])
    assert value("virl", ONE, OTHER) == pytest.approx(wanted, abs=1e-5)
    assert value("virl", ONE, ONE[:, :70]) < 1.0


@torch.inference_mode()
def test_dinov3_compares_the_class_token(weights):
    model = transformers.AutoModel.from_pretrained(weights / "facebook/dinov3-vitb16-pretrain-lvd1689m").eval()
    prepared = [shown(page, (224, 224), resample=Image.Resampling.BILINEAR) for page in (ONE, TALL)]
    first = [model(pixel_values=page).pooler_output[0].numpy() for page in prepared]
    assert value("dinov3_b", ONE, TALL) == pytest.approx(cosine(*first), abs=1e-5)


@torch.inference_mode()
@pytest.mark.parametrize(
    ("name", "model", "side"),
    [("clip_b32", "clip-vit-base-patch32", 224), ("clip_l14_336", "clip-vit-large-patch14-336", 336)],
)
def test_clip_sees_the_middle_square_as_published_and_the_whole_corrected(weights, name, model, side):
    whole = transformers.CLIPModel.from_pretrained(weights / "openai" / model).eval()

    def vector(pixels):
        found = whole.vision_model(pixel_values=pixels).pooler_output
        return whole.visual_projection(found)[0].numpy()

    seen = [vector(shown(page, *middle(page, side), mean=tiny_models.CLIP_COLOURS)) for page in (ONE, OTHER)]
    assert value(name, ONE, OTHER) == pytest.approx(cosine(*seen), abs=1e-5)
    foot = TALL.copy()
    foot[300:] = 0
    assert value(name, TALL, foot) == 1.0, "the foot of a tall page is out of the middle square"
    assert value(name, TALL, foot, "fixed") < 1.0


@torch.inference_mode()
def test_siglip_2_compares_what_its_attention_pools(weights):
    model = transformers.SiglipModel.from_pretrained(weights / "google/siglip2-so400m-patch14-384").eval()
    pages = [
        shown(page, (384, 384), mean=tiny_models.HALVES, resample=Image.Resampling.BILINEAR) for page in (ONE, TALL)
    ]
    seen = [model.vision_model(pixel_values=page).pooler_output[0].numpy() for page in pages]
    assert value("siglip2", ONE, TALL) == pytest.approx(cosine(*seen), abs=1e-5)


@torch.inference_mode()
def test_imagesim_sees_trimmed_squares_cropped_by_a_tenth(weights):
    model = transformers.SiglipModel.from_pretrained(weights / "google/siglip-so400m-patch14-384").eval()
    box = (21, 21, 405, 405)
    pages = [shown(squared_figure(page), (426, 426), box, tiny_models.HALVES) for page in (ONE, TALL)]
    seen = [model.vision_model(pixel_values=page).pooler_output[0].numpy() for page in pages]
    assert value("imagesim", ONE, TALL) == pytest.approx(cosine(*seen), abs=1e-5)
    pages = [shown(squared_figure(page), (384, 384), mean=tiny_models.HALVES) for page in (ONE, TALL)]
    seen = [model.vision_model(pixel_values=page).pooler_output[0].numpy() for page in pages]
    assert value("imagesim", ONE, TALL, "fixed") == pytest.approx(cosine(*seen), abs=1e-5)


@torch.inference_mode()
def test_imagesim_by_earth_mover_matches_the_patches_of_the_third_last_block(weights):
    vision = transformers.SiglipModel.from_pretrained(weights / "google/siglip-so400m-patch14-384").eval().vision_model
    seen = []
    for page in (ONE, TALL):
        at = vision.embeddings(shown(squared_figure(page), (426, 426), (21, 21, 405, 405), tiny_models.HALVES))
        for layer in vision.encoder.layers[: LAYERS - 2]:
            at = layer(at, attention_mask=None)
            at = at[0] if isinstance(at, tuple) else at
        patches = vision.post_layernorm(at)[0].double().numpy()
        seen.append(patches / np.linalg.norm(patches, axis=1, keepdims=True))
    distances = 1 - seen[0] @ seen[1].T
    moved = distances[linear_sum_assignment(distances)].mean()
    assert value("imagesim_emd", ONE, TALL) == pytest.approx(2 * math.tanh(-moved) + 1, abs=1e-4)


def test_patch_similarity_by_hand():
    a, b = np.float32([[1, 0], [0, 1]]), np.float32([[0, 2], [-3, 0]])
    # (0,1) goes to (0,2) for nothing and (1,0) to (-3,0) for 2; the other way round costs 1 each as well: 1 both ways.
    assert imagesim.patch_similarity(a, b) == pytest.approx(2 * math.tanh(-1) + 1)
    assert imagesim.patch_similarity(a, a[::-1]) == 1.0


@torch.inference_mode()
def test_starvectors_clip_score_is_a_hundred_cosines_with_the_caption(weights):
    whole = transformers.CLIPModel.from_pretrained(weights / "openai/clip-vit-base-patch32").eval()
    ids = torch.tensor([[2, 3, 5, 7]])  # a red disc, and the end
    found = whole(input_ids=ids, pixel_values=shown(ONE, *middle(ONE, 224), mean=tiny_models.CLIP_COLOURS))
    wanted = 100 * cosine(found.image_embeds[0].numpy(), found.text_embeds[0].numpy())
    texts = ["a red disc", "blue square " * 30]
    first, long = clip_text.starvector_clip_score([ONE, ONE], texts)
    assert first == pytest.approx(wanted, abs=1e-3)
    assert long != pytest.approx(first, abs=1e-3)


@torch.inference_mode()
def test_detikzifys_clip_score_is_the_probability_siglip_gives(weights):
    whole = transformers.SiglipModel.from_pretrained(weights / "google/siglip-so400m-patch14-384").eval()
    ids = torch.tensor([[4, 6, 7]])
    pixels = shown(squared_figure(ONE), (384, 384), mean=tiny_models.HALVES)
    wanted = torch.sigmoid(whole(input_ids=ids, pixel_values=pixels).logits_per_image).item()
    assert clip_text.detikzify_clip_score([ONE], ["blue square"])[0] == pytest.approx(wanted, abs=1e-5)


def test_many_pairs_score_as_each_alone():
    pairs = [(ONE, OTHER), (ONE, TALL), (ONE, ONE)]
    together = [found.scores for found in score_many(pairs, ["clip_b32", "dinov2_b"], jobs=2)]
    for (reference, candidate), found in zip(pairs, together, strict=True):
        for name in found:
            assert next(iter(found[name].values())) == pytest.approx(value(name, reference, candidate), abs=1e-5)


def test_half_precision_is_close_and_told_apart(weights, monkeypatch):
    full = Dino("dino", "facebook/dinov2-base", Preprocess(256, crop=224))
    wanted = full.embed([ONE])[0]
    monkeypatch.setenv("DERENDER_PRECISION", "bfloat16")
    half = Dino("dino", "facebook/dinov2-base", Preprocess(256, crop=224))
    found = half.embed([ONE])[0]
    assert not np.array_equal(found, wanted)
    assert cosine(found, wanted) > 0.99
    assert full.fingerprint != half.fingerprint
    monkeypatch.setenv("DERENDER_PRECISION", "float8")
    with pytest.raises(UserError, match="float8 is none of float32, bfloat16, float16"):
        chosen_precision()


def test_a_folder_that_holds_no_such_model_leaves_the_metric_unscored(tmp_path, monkeypatch):
    folder = tmp_path / "facebook/dinov2-base"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    (folder / "model.safetensors").write_bytes(b"no tensors")
    monkeypatch.setenv("DERENDER_WEIGHTS", str(tmp_path))
    tiny_models.release()
    reason = score(ONE, OTHER, ["dinov2_b"]).unscored["dinov2_b"]
    assert str(folder) in reason
    assert "can't be loaded" in reason
    tiny_models.release()


def test_strips_are_unscored_and_specks_are_not():
    strip = np.zeros((1, 40_000, 3), np.uint8)
    assert "too long and narrow" in score(strip, strip, ["clip_b32"]).unscored["clip_b32"]
    assert value("clip_b32", strip, strip, "fixed") == 1.0
    speck = np.zeros((1, 1, 3), np.uint8)
    assert all(value(name, speck, speck) == 1.0 for name in ("clip_b32", "dinov2_b", "imagesim", "virl"))


def test_every_embedder_of_a_metric_names_its_weights():
    known = {name for name in metric_names() if name in METRICS + HALVED}
    assert known == {*METRICS, *HALVED}
    embedders = [one for module in (dino, clip, imagesim) for one in vars(module).values()]
    assert all(one.weights for one in embedders if isinstance(one, HubEmbedder))
