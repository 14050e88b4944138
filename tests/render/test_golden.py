"""What each renderer draws, against pictures that were looked at. `DERENDER_GOLDEN=write pytest …` draws them anew."""

import os
from pathlib import Path

import pytest

from derender.core import Program
from derender.metrics import score
from derender.render import RenderOptions

GOLDEN = Path(__file__).parent.parent / "golden"


@pytest.mark.parametrize("name", ["chart.py", "drawing.svg", "page.html"])
def test_each_renderer_draws_what_it_drew(engine, name):
    rendering = engine.render(Program.from_file(GOLDEN / name), RenderOptions(width=240, height=120, full_page=False))
    assert rendering.failure is None
    golden = GOLDEN / f"{name}.png"
    if os.environ.get("DERENDER_GOLDEN") == "write":
        rendering.picture.save(golden)
    scores = score(golden, rendering, ["ssim", "color_histogram"])
    # Not equal bytes: another release of a font or browser moves an edge by a fraction of a pixel.
    assert not scores.resized
    assert scores.scores["ssim"]["ssim"] > 0.97
    assert scores.scores["color_histogram"]["intersection"] > 0.97


@pytest.mark.parametrize("name", ["chart.py", "drawing.svg", "page.html"])
def test_the_same_program_gives_the_same_bytes(engine, name):
    program, options = Program.from_file(GOLDEN / name), RenderOptions(width=240, height=120, full_page=False)
    assert engine.render(program, options).picture.png == engine.render(program, options).picture.png
