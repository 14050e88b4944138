"""All three targets draw the picture that was traced."""

import numpy as np
import pytest

from derender.core import Language, UserError
from derender.metrics import score
from derender.models.trace import write
from derender.render import RenderOptions

BODY = """
<linearGradient id="g"><stop stop-color="#dbeafe"/><stop offset="1" stop-color="#93c5fd"/></linearGradient>
<rect x="30" y="40" width="110" height="50" rx="8" fill="url(#g)" stroke="#1d4ed8" stroke-width="2"/>
<circle cx="240" cy="65" r="28" fill="#fca5a5"/><path d="M140 65.5H212" stroke="#333" stroke-width="2"/>
<path d="M40 200C80 120 140 120 180 200Z" fill="#86efac"/>
<path d="M200 190L240 130L300 180" fill="none" stroke="#7c3aed" stroke-width="2"/>
<g font-family="DejaVu Sans" font-size="15"><text x="46" y="70" font-size="14">R&amp;D &lt;one&gt;</text>
<text x="224" y="70">Two</text>
<text x="16" y="180" transform="rotate(-90 16 180)">Level</text></g>
"""


@pytest.fixture(scope="module")
def pictured(trace, drawn):
    image = drawn(BODY)
    return image, trace.scene(image)


@pytest.mark.parametrize("target", [Language.SVG, Language.PYTHON, Language.HTML])
def test_same_picture_same_words(engine, pictured, target):
    image, scene = pictured
    program = write(scene, target)
    rendering = engine.render(program, RenderOptions(width=320, height=240))
    assert rendering.ok, rendering.failure
    redrawn = np.asarray(rendering.image().convert("RGB"))
    assert redrawn.shape == image.shape
    assert score(image, redrawn, ["ssim"]).scores["ssim"]["ssim"] > 0.97
    words = " ".join(rendering.picture.texts).split()
    assert sorted(words) == ["<one>", "Level", "R&D", "Two"]


def test_short_and_readable(pictured):
    _, scene = pictured
    source = write(scene, "svg").source
    assert len(source) < 2500
    assert "<circle" in source and "<rect" in source and "<text" in source and "linearGradient" in source


def test_other_targets_are_refused(pictured):
    with pytest.raises(UserError):
        write(pictured[1], "latex")
