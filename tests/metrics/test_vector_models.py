"""UniSVG's and StarVector's scores with models of random weights: the arithmetic around them, from end to end."""

import cv2
import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")


from derender.core import Program
from derender.metrics import score

from . import tiny_models

REFERENCE, CANDIDATE = (
    cv2.circle(np.full((64, 64, 3), 255, np.uint8), (32, 32), radius, (200, 40, 40), -1) for radius in (20, 24)
)
ALONE = {
    "unisvg": {"ssim": "ssim_unisvg", "lpips": "lpips_alex", "clip": "clip_l14_336"},
    "starvector": {
        "dino": "dino_starvector",
        "lpips": "lpips_starvector",
        "ssim": "ssim_starvector",
        "mse": "mse",
        "masked_mse": "masked_mse",
    },
}


@pytest.fixture(scope="module", autouse=True)
def weights(tmp_path_factory):
    folder = tmp_path_factory.mktemp("weights")
    tiny_models.write_convnets(folder)
    tiny_models.write_hub_models(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DERENDER_WEIGHTS", str(folder))
        patch.setenv("DERENDER_DEVICE", "cpu")
        tiny_models.release()
        yield
        tiny_models.release()


@pytest.mark.parametrize("mode", ["official", "fixed"])
@pytest.mark.parametrize("name", ALONE)
def test_parts_are_the_metrics_they_are_made_of(name, mode):
    parts = ALONE[name]
    # UniSVG's parts have no defects of their own; its corrections are of what is left out.
    alone = score(REFERENCE, CANDIDATE, list(parts.values()), mode=mode if name == "starvector" else "official").scores
    found = score(REFERENCE, CANDIDATE, [name], mode=mode).scores[name]
    for part, metric in parts.items():
        assert found[part] == next(iter(alone[metric].values())), part


def test_unisvgs_score_is_the_weighted_sum():
    found = score(REFERENCE, CANDIDATE, ["unisvg"]).scores["unisvg"]
    assert found["score"] == pytest.approx(0.2 * found["ssim"] + 0.2 * (1 - found["lpips"]) + 0.6 * found["clip"])


def test_equal_ones_get_the_best():
    program = Program(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle cx="4" cy="4" r="3"/></svg>', "svg"
    )
    found = score(program, program, ["unisvg"]).scores["unisvg"]
    assert found == pytest.approx({"score": 1, "ssim": 1, "lpips": 0, "clip": 1})
    found = score(REFERENCE, REFERENCE, ["starvector"]).scores["starvector"]
    assert found == pytest.approx({"dino": 1, "lpips": 0, "ssim": 1, "mse": 0, "masked_mse": 0})
