"""Whatever a caller has becomes the same pixels."""

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from derender.core import BadPicture, Failure, FailureKind, Language, Picture, Program, Rendering, UserError
from derender.metrics import Unscorable, observe
from derender.metrics._facts import grey, resize, rgb, size

PROGRAM = Program("<svg/>", Language.SVG)


def png(pixels):
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def test_file_bytes_pixels_image_picture_and_rendering_are_one(chart, tmp_path):
    path = tmp_path / "chart.png"
    path.write_bytes(png(chart))
    picture = Picture("chart.png", png(chart), 320, 240)
    sources = [path, str(path), png(chart), chart, Image.fromarray(chart), Image.open(path), picture]
    sources.append(Rendering(PROGRAM, (picture,)))
    for source in sources:
        assert (observe(source)[rgb] == chart).all()
        assert observe(source)[size] == (320, 240)


def test_facts_are_taken_as_they_are(chart):
    facts = observe(chart)
    assert observe(facts) is facts


@pytest.mark.parametrize("kind", ["array", "image", "file"])
def test_transparency_lies_on_white(kind):
    pixels = np.zeros((1, 3, 4), np.uint8)
    pixels[0, :, 3] = 0, 51, 255
    source = {"array": pixels, "image": Image.fromarray(pixels), "file": png(pixels)}[kind]
    assert observe(source)[rgb][0, :, 0].tolist() == [255, 204, 0]


@pytest.mark.parametrize(
    ("array", "shade"),
    [
        (np.full((2, 3), 200, np.uint8), 200),
        (np.full((2, 3, 1), 200, np.uint8), 200),
        (np.full((2, 3), 65535, np.uint16), 255),
        (np.full((2, 3), 257 * 80 + 3, np.uint16), 80),
        (np.full((2, 3, 3), 0.2, np.float32), 51),
        (np.full((2, 3), True), 255),
        (np.dstack([np.full((2, 3), 0, np.uint8), np.full((2, 3), 51, np.uint8)]), 204),
    ],
)
def test_odd_arrays_become_eight_bit_rgb(array, shade):
    pixels = observe(array)[rgb]
    assert pixels.shape == (2, 3, 3) and pixels.dtype == np.uint8
    assert (pixels == shade).all()


@pytest.mark.parametrize(
    ("image", "shade"),
    [
        (Image.fromarray(np.full((2, 2), 257 * 80, np.uint16)), 80),
        (Image.new("I", (2, 2), 257 * 80), 80),
        (Image.new("F", (2, 2), 0.2), 51),
        (Image.new("1", (2, 2), 1), 255),
        (Image.new("L", (2, 2), 80), 80),
        (Image.new("LA", (2, 2), (0, 51)), 204),
        (Image.new("CMYK", (2, 2), (0, 0, 0, 0)), 255),
        (Image.new("RGB", (2, 2), (80, 80, 80)).quantize(4), 80),
    ],
    ids=lambda value: getattr(value, "mode", ""),
)
def test_images_of_every_mode_become_eight_bit_rgb(image, shade):
    pixels = observe(image)[rgb]
    assert pixels.shape == (2, 2, 3) and pixels.dtype == np.uint8
    assert np.abs(pixels.astype(int) - shade).max() == 0


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((0, 4, 3), np.uint8),
        np.zeros(7, np.uint8),
        np.zeros((2, 2, 5), np.uint8),
        np.full((2, 2), 1.5),
        np.full((2, 2), np.nan),
        np.zeros((2, 2), np.int64),
    ],
    ids=lambda array: f"{array.shape}-{array.dtype}",
)
def test_what_is_no_picture_is_said_to_be_none(array):
    with pytest.raises(BadPicture):
        observe(array)[rgb]


def test_an_array_may_be_drawn_into_again():
    page = np.zeros((4, 6, 3), np.uint8)
    facts = observe(page)
    assert not np.shares_memory(facts[rgb], page)
    page[:] = 255
    assert facts[rgb].max() == 0
    assert observe(page)[rgb].min() == 255


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(BadPicture, match=r"nowhere\.png"):
        observe(tmp_path / "nowhere.png")[rgb]


def test_other_things_are_refused_at_once():
    with pytest.raises(UserError, match="a dict holds no picture"):
        observe({})


def test_a_failed_rendering_has_a_failure_and_no_facts(chart):
    partial = Picture("chart.png", png(chart), 320, 240)
    facts = observe(Rendering(PROGRAM, (partial,), Failure(FailureKind.RUNTIME, "it broke")))
    assert facts.failure is not None and facts.failure.kind is FailureKind.RUNTIME
    with pytest.raises(Unscorable, match="it broke"):
        facts[rgb]


def test_a_rendering_without_a_picture_counts_as_failed():
    failure = observe(Rendering(PROGRAM)).failure
    assert failure is not None and failure.kind is FailureKind.NO_PICTURE


def test_grey_is_luma():
    assert observe(np.full((2, 2, 3), (255, 0, 0), np.uint8))[grey][0, 0] == 76
    assert observe(np.full((2, 2, 3), (0, 255, 0), np.uint8))[grey][0, 0] == 150


def test_resizing_averages_where_it_shrinks_and_blends_where_it_grows():
    stripes = np.zeros((4, 8, 3), np.uint8)
    stripes[:, ::2] = 200
    assert (resize(stripes, (4, 4)) == 100).all()
    assert resize(stripes, (4, 9)).shape == (9, 4, 3)
    assert (resize(stripes, (4, 9)) == 100).all(), "thin stripes must not alias away"
    assert resize(stripes, (8, 4)) is stripes
    assert (resize(stripes[:, 1:3], (20, 4)) == cv2.resize(stripes[:, 1:3], (20, 4))).all()


def test_a_program_is_rendered_when_its_picture_is_asked_for(tmp_path):
    path = tmp_path / "square.svg"
    path.write_text('<svg xmlns="http://www.w3.org/2000/svg" width="30" height="20"><text y="15">Hi</text></svg>')
    facts = observe(path, original="<svg/>")
    assert facts.name == str(path) and facts.original == "<svg/>" and facts.source.startswith("<svg xmlns")
    assert facts.failure is None
    assert facts[size] == (30, 20)
    assert facts.texts == ("Hi",)
    assert facts.at((15, 10)).source == facts.source


def test_a_program_that_fails_has_its_source_all_the_same():
    facts = observe(Program("<svg", Language.SVG))
    assert facts.source == "<svg"
    assert facts.failure is not None and not facts.failure.ours
    with pytest.raises(Unscorable, match="there is no picture"):
        facts[rgb]


def test_a_picture_has_no_source(chart):
    with pytest.raises(Unscorable, match=r"bars\.png is a picture, and programs are compared here"):
        print(observe(png(chart), name="bars.png").source)
