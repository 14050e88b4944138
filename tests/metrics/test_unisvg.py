"""UniSVG: its answers, its failures, and the arithmetic around its models."""

import importlib
import json
import re
import time
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derender.core import Failure, FailureKind, Missing, Picture, Program, Rendering
from derender.metrics import Facts, Mode, Unscorable, observe, score
from derender.metrics.unisvg import EMPTY, answer_svg, unisvg, weighted

VECTORS = Path(__file__).parent / "vectors" / "svg_ssim"
OFFICIAL_SSIM = {
    # of pictures drawn by CairoSVG
    "circle": 0.8635166296775187,
    "paths": 0.9709019601699902,
    "blank": 0.6121207830811932,
    "self": 1.0,
}
DISC = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><circle cx="12" cy="12" r="8"/></svg>'


@pytest.fixture
def models(monkeypatch):
    """LPIPS and CLIP that say 0.25 and 0.75."""
    says(monkeypatch, "lpips", "lpips_alex", lambda *_: {"distance": 0.25})
    says(monkeypatch, "clip", "clip_l14_336", lambda *_: {"cosine": 0.75})


def says(monkeypatch, module, name, compare):
    package = importlib.import_module(f"derender.metrics.{module}")
    monkeypatch.setattr(package, name, replace(getattr(package, name), compare=compare))


class Drawer:
    """An engine that draws every SVG as one picture, and remembers how."""

    def __init__(self, picture=None, failure=None):
        self.picture, self.failure, self.asked = picture, failure, []

    def render(self, program, options=None):
        self.asked.append(options)
        return Rendering(program, (self.picture,) if self.picture else (), self.failure)


def failed(kind):
    return Facts(program=Program(DISC, "svg"), engine=Drawer(failure=Failure(kind, "why")))


def noise(seed, shape=(60, 80, 3)):
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


@pytest.mark.parametrize(
    ("reply", "svg"),
    [
        ("Here: <svg a><g/></svg> and <svg b></svg>", "<svg a><g/></svg>"),
        ("<svg>one\ntwo</svg>", "<svg>one\ntwo</svg>"),
        ("<svg><svg></svg></svg>", "<svg><svg></svg>"),
        ("<svg><g><text>Hi", "<svg><g><text>Hi</text></g></svg>"),
        ("<svg><g></g><rect wid", "<svg><g></g></svg>"),
        ("<svg><g><g></g>", "<svg><g><g></g></g></svg>"),
        ("<svg><path/>", "<svg><path/></path></svg>"),
        ("<svg><stop-color>", "<svg><stop-color></stop></svg>"),
        ("</svg><svg>", "<svg></svg>"),
        ("<svg ", EMPTY),
        ("no picture", EMPTY),
        ("", EMPTY),
    ],
)
def test_the_svg_of_a_reply(reply, svg):
    assert answer_svg(reply) == svg


def by_patterns(reply):
    """The same as a reader of the paper's description would write it."""
    whole = re.search(r"<svg[^>]*>.*?</svg>", reply, re.S)
    if whole:
        return whole[0]
    cut = re.search(r"<svg[^>]*>.*", reply, re.S)
    if not cut:
        return EMPTY
    text = re.sub(r"<[^>]*$", "", cut[0])
    closing = re.findall(r"</([a-zA-Z]+)>", text)
    waiting = []
    for tag in re.findall(r"<([a-zA-Z]+)[^>]*>", text):
        if tag in closing:
            closing.remove(tag)
        else:
            waiting.append(tag)
    while waiting:
        text += f"</{waiting.pop()}>"
    return text if text.strip().endswith("</svg>") else text + "</svg>"


@given(
    st.lists(
        st.sampled_from(["<svg>", "<svg", "</svg>", "<g>", "</g>", "<a/>", "<b c='", "'>", ">", "<", "/", "\n", "x"])
    )
)
@settings(max_examples=300, deadline=None)
def test_any_reply_gives_what_the_patterns_give(pieces):
    assert answer_svg("".join(pieces)) == by_patterns("".join(pieces))


def test_hostile_replies_take_linear_time():
    started = time.process_time()
    for piece in ("<svg", "<svg>", "<svg><", "</svg", "<g", "<g>", "<svg><g><"):
        answer_svg(piece * 200_000)
        answer_svg("<svg>" + piece * 200_000)
    assert time.process_time() - started < 8


def test_the_published_weights():
    # 77.4, 23.3 and 92.0 are a published row's SSIM, LPIPS and CLIP; low-level 0.7705, high-level 0.92.
    assert weighted(0.774, 0.233, 0.920) == pytest.approx(0.4 * 0.7705 + 0.6 * 0.92)
    assert weighted(1, 0, 1) == pytest.approx(1)


def test_pictures_are_compared_as_they_are(models):
    found = score(VECTORS / "circle_ref.png", VECTORS / "circle_pred.png", ["unisvg"]).scores["unisvg"]
    assert found["ssim"] == pytest.approx(OFFICIAL_SSIM["circle"], abs=1e-7)
    assert found["score"] == pytest.approx(0.2 * OFFICIAL_SSIM["circle"] + 0.2 * 0.75 + 0.6 * 0.75)
    assert (found["lpips"], found["clip"]) == (0.25, 0.75)


@pytest.mark.parametrize("pair", OFFICIAL_SSIM)
def test_programs_are_drawn_as_the_papers_are_but_for_the_renderer(pair):
    sources = json.loads((VECTORS / "sources.json").read_text())[pair]
    sides = [Program(sources[which], "svg") for which in ("ref", "pred")]
    found = score(*sides, ["unisvg"]).scores["unisvg"]["ssim"]
    assert found == pytest.approx(OFFICIAL_SSIM[pair], abs=1e-3)


def test_programs_are_drawn_at_336_on_white(models):
    pixels = noise(1, (336, 336, 3))
    drawer = Drawer(Picture("a.png", cv2.imencode(".png", pixels[:, :, ::-1])[1].tobytes(), 336, 336))
    found = unisvg(observe(pixels), Facts(program=Program(DISC, "svg"), engine=drawer))
    assert found["ssim"] == 1
    (options,) = drawer.asked
    assert (options.width, options.height, options.background) == (336, 336, "white")


def test_without_weights_ssim_is_scored_alone(monkeypatch):
    def absent(*_):
        raise Missing("weights", "get them")

    says(monkeypatch, "clip", "clip_l14_336", absent)
    found = score(noise(1), noise(1), ["unisvg"])
    assert found.scores["unisvg"]["ssim"] == 1
    assert "get them" in found.unscored["unisvg.clip"]
    assert "unisvg.score" in found.unscored


def test_a_missing_answer_and_another_size_get_the_worst(models):
    worst = {"score": 0, "ssim": 0, "lpips": 1, "clip": 0}
    assert unisvg(observe(noise(1)), failed(FailureKind.NO_CODE)) == worst
    assert unisvg(observe(noise(1)), observe(noise(1, (60, 81, 3)))) == worst


def test_what_can_t_be_drawn_is_left_out_until_that_is_corrected(models):
    with pytest.raises(Unscorable, match="leaves out what can't be drawn"):
        unisvg(observe(noise(1)), failed(FailureKind.SYNTAX))
    fixed = unisvg(observe(noise(1)), failed(FailureKind.SYNTAX), Mode.FIXED)
    assert fixed == unisvg(observe(noise(1)), failed(FailureKind.NO_CODE))


def test_other_sizes_are_brought_together_when_that_is_corrected(models):
    flat = np.full((30, 30, 3), 200, np.uint8)
    assert score(flat, flat[:20], ["unisvg"], mode="fixed").scores["unisvg"]["ssim"] == 1
    assert score(flat, flat[:20], ["unisvg"]).scores["unisvg"]["ssim"] == 0


@pytest.mark.parametrize("mode", Mode)
def test_our_own_faults_and_failed_references_are_never_scored(models, mode):
    with pytest.raises(Unscorable, match="by no fault of its program"):
        unisvg(observe(noise(1)), failed(FailureKind.STARVED), mode)
    with pytest.raises(Unscorable, match="the reference has no picture"):
        unisvg(failed(FailureKind.SYNTAX), observe(noise(1)), mode)
