import io

import numpy as np
import pytest
import resvg_py
from PIL import Image

from derender.models.trace import Trace


@pytest.fixture(scope="session")
def trace():
    return Trace()


@pytest.fixture(scope="session")
def drawn():
    """Draws the inside of an SVG document; RGB on white, or RGBA."""

    def draw(body, size=(320, 240), *, ground="#fff"):
        paper = f'<rect width="{size[0]}" height="{size[1]}" fill="{ground}"/>' if ground else ""
        svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="{size[0]}" height="{size[1]}">{paper}{body}</svg>'
        picture = Image.open(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=svg))))
        return np.asarray(picture.convert("RGB" if ground else "RGBA"))

    return draw
