"""StarVector: pictures compared as its scripts do, failures, and the count of tokens."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from derender.core import Failure, FailureKind, Program, Rendering
from derender.metrics import Facts, Mode, Unscorable, observe, score, starvector
from derender.metrics._facts import rgb, size
from derender.metrics.starvector import TOKENIZER, picture, starcoder_tokens

VECTORS = Path(__file__).parent / "vectors" / "svg_ssim"
COMPARE = starvector.starvector
LINE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 4h8" stroke="#000" stroke-width=".1"/></svg>'
)


class Fails:
    """An engine that draws nothing."""

    def __init__(self, kind):
        self.kind = kind

    def render(self, program, options=None):
        return Rendering(program, (), Failure(self.kind, "why"))


def failed(kind, source="<svg"):
    return Facts(program=Program(source, "svg"), engine=Fails(kind))


@pytest.fixture
def models(monkeypatch):
    """A DinoScore of 0.9 and an LPIPS of 0.25."""
    parts = dict(starvector.PARTS)
    parts["dino"] = replace(parts["dino"], compare=lambda *_: {"dino": 0.9})
    parts["lpips"] = replace(parts["lpips"], compare=lambda *_: {"distance": 0.25}, fixed=None)
    monkeypatch.setattr(starvector, "PARTS", parts)


@pytest.fixture
def tokenizer(tmp_path, monkeypatch):
    """A tokenizer whose tokens are words and signs, where StarCoder2's would lie."""
    tokenizers = pytest.importorskip("tokenizers")
    made = tokenizers.Tokenizer(tokenizers.models.WordLevel({"?": 0}, unk_token="?"))
    made.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    folder = tmp_path / TOKENIZER
    folder.mkdir(parents=True)
    made.save(str(folder / "tokenizer.json"))
    monkeypatch.setenv("DERENDER_WEIGHTS", str(tmp_path))


def test_pictures_are_compared_as_they_are(models):
    found = COMPARE(observe(VECTORS / "circle_ref.png"), observe(VECTORS / "circle_pred.png"))
    assert found["ssim"] == pytest.approx(0.8172241409306703, abs=1e-7)
    # The true mean squared error of the bytes as measured with the published inputs.
    assert found["mse"] == pytest.approx(3133.8568298847317 / 255**2, abs=1e-12)
    assert (found["dino"], found["lpips"]) == (0.9, 0.25)
    assert isinstance(found["length"], Unscorable)


def test_masked_errors_are_of_the_ink_that_both_have(models):
    left, right = np.full((16, 16, 3), 255, np.uint8), np.full((16, 16, 3), 255, np.uint8)
    left[:, :8], right[:, 4:12] = 0, 127
    found = score(left, right, ["starvector"]).scores["starvector"]
    assert found["masked_mse"] == pytest.approx((127 / 255) ** 2 / 4)


def test_programs_are_drawn_at_512_on_white():
    seen = observe(Program(LINE, "svg"))[picture]
    assert seen[size] == (512, 512)
    assert (seen[rgb][0, 0] == 255).all() and (seen[rgb][256, 256] == 0).all()


def test_what_can_t_be_drawn_counts_as_white_until_that_is_corrected(models):
    line = observe(Program(LINE, "svg"))
    white = observe(np.full((512, 512, 3), 255, np.uint8))
    as_white, as_failed = COMPARE(line, white), COMPARE(line, failed(FailureKind.SYNTAX))
    for part in ("dino", "lpips", "ssim", "mse", "masked_mse"):
        assert as_failed[part] == as_white[part]
    assert as_failed["ssim"] > 0.96
    corrected = COMPARE(line, failed(FailureKind.SYNTAX), Mode.FIXED)
    assert [corrected[part] for part in ("dino", "lpips", "ssim", "mse", "masked_mse")] == [0, 1, 0, 1, 1]


@pytest.mark.parametrize("mode", Mode)
def test_our_own_faults_and_failed_references_are_never_scored(models, mode):
    line = observe(Program(LINE, "svg"))
    with pytest.raises(Unscorable, match="by no fault of its program"):
        COMPARE(line, failed(FailureKind.STARVED), mode)
    with pytest.raises(Unscorable, match="the reference has no picture"):
        COMPARE(failed(FailureKind.SYNTAX), line, mode)


def test_other_sizes_have_a_dino_score_alone_until_that_is_corrected(models):
    flat = np.full((40, 40, 3), 90, np.uint8)
    found = COMPARE(observe(flat), observe(flat[:30]))
    assert found["dino"] == 0.9
    assert all(isinstance(found[part], Unscorable) for part in ("lpips", "ssim", "mse", "masked_mse"))
    corrected = COMPARE(observe(flat), observe(flat[:30]), Mode.FIXED)
    assert (corrected["ssim"], corrected["mse"]) == (1, 0)


def test_without_weights_the_rest_is_scored(monkeypatch, tmp_path):
    for variable in ("DERENDER_WEIGHTS", "HF_HUB_CACHE", "TORCH_HOME"):
        monkeypatch.setenv(variable, str(tmp_path))
    flat = np.full((40, 40, 3), 90, np.uint8)
    found = score(flat, flat, ["starvector"])
    assert found.scores == {"starvector": {"ssim": 1.0, "mse": 0.0, "masked_mse": 0.0}}
    assert TOKENIZER.partition("/")[0] not in found.unscored["starvector.length"], "pictures have no length"
    assert "facebook/dinov2-base" in found.unscored["starvector.dino"]
    length = COMPARE(observe(Program(LINE, "svg")), observe(Program(LINE, "svg")))["length"]
    assert TOKENIZER in str(length) and str(tmp_path) in str(length)


def test_length_is_by_how_many_tokens_the_candidate_is_longer(models, tokenizer):
    line = observe(Program(LINE, "svg"))
    candidate = failed(FailureKind.SYNTAX, "<svg> a b")
    # "<", "svg", ">", "a" and "b": Whitespace keeps signs together, so "<" and ">" stand alone.
    assert candidate[starcoder_tokens] == 5
    assert COMPARE(line, candidate)["length"] == 5 - line[starcoder_tokens]
    assert COMPARE(line, line)["length"] == 0
    with pytest.raises(Unscorable, match="too long"):
        assert failed(FailureKind.SYNTAX, " " * 2_000_001)[starcoder_tokens]
