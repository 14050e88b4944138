"""Words come back as text, set as they were."""

import numpy as np
import pytest

from derender.core import Program


@pytest.mark.parametrize("family", ["DejaVu Sans", "Liberation Sans", "Liberation Serif"])
def test_family_size_and_baseline(trace, drawn, family):
    image = drawn(
        f'<text x="20" y="60.5" font-size="22" font-family="{family}" fill="#123a7c">Harvest by Region</text>'
    )
    (text,) = trace.scene(image).texts
    assert (text.text, text.family) == ("Harvest by Region", family)
    assert text.size == pytest.approx(22, abs=0.2)
    assert (text.x, text.y) == (pytest.approx(20, abs=0.4), pytest.approx(60.5, abs=0.4))
    assert max(abs(a - b) for a, b in zip(text.color, (0x12, 0x3A, 0x7C), strict=True)) < 20


def test_weight_and_slant(trace, drawn):
    image = drawn(
        '<g font-size="24" font-family="Liberation Sans"><text x="20" y="60" font-weight="bold">Heavy words</text>'
        '<text x="20" y="120" font-style="italic">Slanted words</text></g>'
    )
    heavy, slanted = sorted(trace.scene(image).texts, key=lambda text: text.y)
    assert (heavy.bold, heavy.italic) == (True, False)
    assert (slanted.bold, slanted.italic) == (False, True)


@pytest.mark.parametrize("angle", [-90, -45, 30])
def test_turned_words(trace, drawn, angle):
    image = drawn(
        f'<text x="150" y="140" font-size="18" font-family="DejaVu Sans" transform="rotate({angle} 150 140)">'
        "Wind speed</text>"
    )
    (text,) = trace.scene(image).texts
    assert text.text == "Wind speed"
    assert text.angle == pytest.approx(angle, abs=3)


def test_white_on_dark_and_what_it_stood_on(trace, drawn):
    image = drawn(
        '<rect x="40" y="40" width="200" height="60" fill="#235"/>'
        '<text x="70" y="78" font-size="20" font-family="DejaVu Sans" fill="#fff">Submit now</text>'
    )
    scene = trace.scene(image)
    assert [text.text for text in scene.texts] == ["Submit now"]
    assert min(scene.texts[0].color) > 230
    # Nothing is left of the letters: the button is one plain rectangle.
    assert len(scene.shapes) == 1


CHART = """
import matplotlib.pyplot as plt
plt.figure(figsize=(5, 4))
plt.barh(["Mon", "Tue", "Wed"], [-4, 2, 5])
plt.savefig("chart.png")
"""


def test_a_tick_beside_a_number_is_no_dash(trace, engine):
    image = np.asarray(engine.render(Program(CHART, "python")).image().convert("RGB"))
    texts = {text.text for text in trace.scene(image).texts}
    assert {"Mon", "Tue", "Wed", "−4", "−2", "0", "2", "4"} <= texts
