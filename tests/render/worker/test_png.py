"""Our PNG: other readers see the same pixels, and a stream that lies is found out."""

import io
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from derender.render.worker.png import BadStream, Packed, blank, pack, unwrap

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


def predicted(filtered, left, above, corner):
    """What a filter takes away from a byte; left, above and corner are its neighbours a pixel away."""
    guess = left + above - corner
    paeth = min((left, above, corner), key=lambda each: abs(guess - each))
    return (0, left, above, (left + above) // 2, paeth)[filtered]


@given(pictures, st.data())
def test_blank_means_one_colour_whatever_the_filters(pixels, data):
    height, width, channels = pixels.shape
    if data.draw(st.booleans()):
        pixels[:] = pixels[0, 0]
    filters = data.draw(st.lists(st.integers(0, 4), min_size=height, max_size=height))
    padded = np.zeros((height + 1, width + 1, channels), int)
    padded[1:, 1:] = pixels
    rows = [
        bytes([number])
        + bytes(
            (padded[y, x, c] - predicted(number, padded[y, x - 1, c], padded[y - 1, x, c], padded[y - 1, x - 1, c]))
            % 256
            for x in range(1, width + 1)
            for c in range(channels)
        )
        for y, number in enumerate(filters, 1)
    ]
    packed = Packed(zlib.compress(b"".join(rows)), width, height, channels)
    image = Image.open(io.BytesIO(packed.png()))
    assert np.array_equal(np.asarray(image), pixels)
    assert packed.is_blank() == bool((pixels == pixels[0, 0]).all())
    again = unwrap(packed.png(dpi=90))
    assert again == packed


@pytest.mark.parametrize("mode", ["L", "P", "I;16", "1", "LA"])
def test_pngs_of_other_kinds_are_refused(mode):
    content = io.BytesIO()
    Image.new(mode, (3, 2)).save(content, "png")
    with pytest.raises(BadStream, match="another kind"):
        unwrap(content.getvalue())


def test_what_is_no_png_or_is_cut_off_is_refused():
    whole = blank(20, 30).png()
    for content in (b"", b"GIF89a", whole[:8], whole[:20], whole[:8] + whole[8 + 25 :]):
        with pytest.raises(BadStream):
            unwrap(content)
    for end in range(33, len(whole) - 16):
        with pytest.raises(BadStream):
            unwrap(whole[:end]).is_blank()


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
        zlib.compress(bytes(2 * 7)) + bytes(1 << 20),
        zlib.compress(b"\5" + bytes(2 * 7 - 1)),
        zlib.compress(bytes(1 << 24)),
    ],
)
def test_a_stream_that_lies_is_refused(stream):
    with pytest.raises(BadStream):
        Packed(stream, 2, 2, 3).is_blank()
