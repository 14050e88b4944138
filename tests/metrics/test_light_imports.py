"""Nobody pays for models they did not ask for."""

import os
import subprocess
import sys

import pytest

HEAVY = "{'torch', 'transformers', 'onnxruntime'} & sys.modules.keys()"
PROGRAMS = {
    "import": "import derender",
    "catalogue": "from derender.metrics import metric_names, get_metric\n[get_metric(name) for name in metric_names()]",
    "default scores": (
        "import numpy as np\nfrom derender.metrics import score\n"
        "page = np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8)\n"
        "from derender.core import Picture\nimport io\nfrom PIL import Image\n"
        "png = io.BytesIO(); Image.fromarray(page).save(png, 'PNG')\n"
        "picture = Picture('1', png.getvalue(), 60, 40, texts=('word',))\n"
        "assert score(picture, picture).scores['ssim']['ssim'] == 1"
    ),
    "a metric without its weights": (
        "import numpy as np\nfrom derender.metrics import score\n"
        "page = np.zeros((40, 60, 3), np.uint8)\n"
        "assert 'clip-vit-base-patch32' in score(page, page, ['clip_b32']).unscored['clip_b32']"
    ),
    "help": (
        "from derender.cli import main\nsys.argv = ['derender', '--help']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass"
    ),
}


@pytest.mark.parametrize("what", PROGRAMS)
def test_no_model_library_is_loaded_by(what, tmp_path):
    nowhere = {name: str(tmp_path) for name in ("HF_HOME", "TORCH_HOME", "DERENDER_WEIGHTS")}
    program = f"import sys\n{PROGRAMS[what]}\nprint(sorted({HEAVY}), file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env={**os.environ, **nowhere}
    )
    assert done.stderr.strip().splitlines()[-1] == "[]", done.stderr


@pytest.mark.parametrize(
    ("name", "weights", "command"),
    [
        ("clip_b32", "openai/clip-vit-base-patch32", "hf download openai/clip-vit-base-patch32"),
        ("virl", "facebook/dinov2-large", "hf download facebook/dinov2-large"),
        ("lpips_vgg", "vgg16-397923af.pth", "curl -L"),
        ("dreamsim", "dino_vitbase16_pretrain.pth", "curl -L"),
    ],
)
def test_what_lacks_its_weights_is_unscored_and_says_how_to_get_them(tmp_path, monkeypatch, name, weights, command):
    import numpy as np

    from derender.metrics import get_metric, score

    from . import tiny_models

    tiny_models.release()
    for variable in ("HF_HOME", "TORCH_HOME", "DERENDER_WEIGHTS"):
        monkeypatch.setenv(variable, str(tmp_path))
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    page = np.full((40, 60, 3), 200, np.uint8)
    found = score(page, page, [name])
    assert not found.scores
    assert weights in found.unscored[name]
    assert command in found.unscored[name]
    assert str(tmp_path) in found.unscored[name]
    assert weights in get_metric(name).weights
