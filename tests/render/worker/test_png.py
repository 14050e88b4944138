"""Our PNG: other readers see the same pixels, and a stream that lies is found out."""

import io
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from derender.render.worker.png import BadStream, Packed, blank, pack

pictures = st.tuples(st.integers(1, 9), st.integers(1, 9), st.sampled_from([3, 4])).flatmap(
    lambda shape: arrays(np.uint8, shape)
)


@given(pictures)
def test_pillow_reads_the_same_pixels(pixels):
    image = Image.open(io.BytesIO(pack(pixels).png(dpi=100)))
    assert np.array_equal(np.asarray(image.convert("RGBA"))[..., : pixels.shape[2]], pixels)


@given(pictures)
def test_blank_means_one_colour(pixels):
    assert pack(pixels).is_blank() == bool((pixels == pixels[0, 0]).all())


def test_alpha_is_kept_only_where_something_shines_through():
    solid = np.full((2, 2, 4), 255, np.uint8)
    assert pack(solid).channels == 3
    solid[1, 1, 3] = 254
    assert pack(solid).channels == 4


def test_density_is_told():
    assert Image.open(io.BytesIO(blank(2, 3).png(dpi=150))).info["dpi"] == pytest.approx((150, 150), abs=0.1)


@pytest.mark.parametrize(
    "stream",
    [
        b"",
        b"no zlib at all",
        zlib.compress(bytes(2 * 7))[:-1],
        zlib.compress(bytes(2 * 7 - 1)),
        zlib.compress(bytes(2 * 7 + 1)),
        zlib.compress(bytes(2 * 7)) + b"tail",
        zlib.compress(b"\1" + bytes(2 * 7 - 1)),
        zlib.compress(bytes(1 << 24)),
    ],
)
def test_a_stream_that_lies_is_refused(stream):
    with pytest.raises(BadStream):
        Packed(stream, 2, 2, 3).is_blank()
