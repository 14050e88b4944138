import io
import os
import resource
import socket
import struct
import subprocess
import sys
import tempfile
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from derender.core import BadPicture, InfraError
from derender.core.pictures import flatten, read_picture, write_png

RED, GREEN, BLUE = (255, 0, 0), (0, 153, 0), (0, 0, 255)


def three_colours(mode="RGB"):
    """Red, green and blue, side by side, 8 pixels each."""
    image = Image.new("RGB", (24, 8))
    for place, colour in enumerate((RED, GREEN, BLUE)):
        image.paste(colour, (8 * place, 0, 8 * place + 8, 8))
    return image.convert(mode)


def encoded(image, kind="PNG", **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def png(width, height, depth=8, colour=2, *, rows=b"", chunks=()):
    """A PNG file put together by hand."""

    def chunk(name, content):
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    body = b"".join(chunk(name, content) for name, content in chunks)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + body + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    )


def looks_like_three_colours(pixels, tolerance=0):
    assert pixels.dtype == np.uint8 and pixels.flags.c_contiguous and pixels.flags.writeable
    assert pixels.shape == (8, 24, 3)
    for place, colour in ((4, RED), (12, GREEN), (20, BLUE)):
        assert np.abs(pixels[4, place].astype(int) - colour).max() <= tolerance, (place, pixels[4, place])


@pytest.mark.parametrize(
    ("kind", "mode", "options", "tolerance"),
    [
        ("PNG", "RGB", {}, 0),
        ("PNG", "RGBA", {}, 0),
        ("PNG", "P", {}, 0),
        ("PNG", "RGB", {"icc_profile": b"not a profile"}, 0),
        ("BMP", "RGB", {}, 0),
        ("TIFF", "RGB", {}, 0),
        ("TIFF", "RGB", {"compression": "tiff_lzw"}, 0),
        ("TIFF", "CMYK", {}, 1),
        ("GIF", "RGB", {}, 0),
        ("WEBP", "RGB", {"lossless": True}, 0),
        ("WEBP", "RGB", {"quality": 90}, 30),
        ("JPEG", "RGB", {"quality": 95, "subsampling": 0}, 8),
        ("JPEG", "CMYK", {"quality": 95}, 8),
        ("JPEG", "RGB", {"progressive": True, "quality": 95, "subsampling": 0}, 8),
        ("PPM", "RGB", {}, 0),
        ("AVIF", "RGB", {"quality": 95}, 30),
    ],
)
def test_every_format_gives_the_colours_that_went_in(tmp_path, kind, mode, options, tolerance):
    data = encoded(three_colours(mode), kind, **options)
    looks_like_three_colours(read_picture(data), tolerance)
    # The suffix may lie.
    path = tmp_path / "picture.txt"
    path.write_bytes(data)
    looks_like_three_colours(read_picture(path), tolerance)
    looks_like_three_colours(read_picture(str(path)), tolerance)


@pytest.mark.parametrize("mode", ["1", "L", "LA"])
def test_grey_is_spread_over_three_channels(mode):
    image = Image.new("L", (2, 1))
    image.putpixel((1, 0), 255)
    assert read_picture(encoded(image.convert(mode))).tolist() == [[[0, 0, 0], [255, 255, 255]]]


@pytest.mark.parametrize(
    ("depth", "colour", "row", "expected"),
    [
        (16, 0, struct.pack(">3H", 0, 0x8080, 0xFFFF), [[0] * 3, [128] * 3, [255] * 3]),
        (16, 0, struct.pack(">3H", 0, 300, 200), [[0] * 3, [1] * 3, [1] * 3]),
        (16, 2, struct.pack(">9H", *[0xFFFF, 0, 0x8080] * 3), [[255, 0, 128]] * 3),
        (16, 6, struct.pack(">12H", *[0xFFFF, 0, 0x8080, 0xFFFF] * 3), [[255, 0, 128]] * 3),
        (1, 0, b"\xa0", [[255] * 3, [0] * 3, [255] * 3]),
        (4, 0, b"\x0f\x80", [[0] * 3, [255] * 3, [136] * 3]),
    ],
)
def test_depths_of_png(depth, colour, row, expected):
    assert read_picture(png(3, 1, depth, colour, rows=b"\0" + row)).tolist() == [expected]


def test_a_palette_with_transparency_and_a_transparent_colour():
    palette = (b"PLTE", bytes([*RED, *GREEN, *BLUE]))
    pixels = read_picture(png(3, 1, 8, 3, rows=b"\0\0\1\2", chunks=[palette, (b"tRNS", b"\xff\x80\x00")]))
    assert pixels.tolist() == [[[*RED, 255], [*GREEN, 128], [*BLUE, 0]]]
    pixels = read_picture(png(2, 1, rows=bytes([0, *RED, *BLUE]), chunks=[(b"tRNS", struct.pack(">3H", *BLUE))]))
    assert pixels.tolist() == [[[*RED, 255], [*BLUE, 0]]]


def test_alpha_is_there_only_when_something_is_not_opaque():
    assert read_picture(encoded(Image.new("RGBA", (3, 2), (1, 2, 3, 255)))).shape == (2, 3, 3)
    assert read_picture(encoded(Image.new("RGBA", (3, 2), (1, 2, 3, 254)))).shape == (2, 3, 4)
    assert read_picture(encoded(Image.new("LA", (3, 2), (9, 7)))).tolist()[0][0] == [9, 9, 9, 7]
    opaque = png(1, 1, 8, 3, rows=b"\0\0", chunks=[(b"PLTE", bytes(RED)), (b"tRNS", b"\xff")])
    assert read_picture(opaque).tolist() == [[[*RED]]]


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_of_an_animation_the_first_frame_counts(kind):
    frames = [three_colours(), Image.new("RGB", (24, 8), RED)]
    options = {"lossless": True} if kind == "WEBP" else {}
    data = encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=100, **options)
    looks_like_three_colours(read_picture(data))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_are_turned_as_their_camera_was_held(kind, orientation):
    undo = {
        **{2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM},
        **{5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE},
        8: Image.Transpose.ROTATE_270,
    }
    image = three_colours()
    image = image.transpose(undo[orientation]) if orientation in undo else image
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"JPEG": {"quality": 95, "subsampling": 0}, "WEBP": {"lossless": True}}.get(kind, {})
    looks_like_three_colours(read_picture(encoded(image, kind, exif=exif, **options)), 8)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_damaged_exif_does_not_spoil_the_picture():
    data = encoded(three_colours(), "WEBP", lossless=True, exif=b"Exif\0\0MM\0*\0\0\xff\xff" + b"\xff" * 30)
    looks_like_three_colours(read_picture(data))


def test_an_interlaced_png():
    row = struct.pack(">3B", 10, 20, 30)
    data = bytearray(png(1, 1, rows=b"\0" + row))
    data[28] = 1
    data[29:33] = struct.pack(">I", zlib.crc32(bytes(data[12:29])))
    assert read_picture(bytes(data)).tolist() == [[[10, 20, 30]]]


def test_deep_pictures_of_other_kinds():
    values = np.array([[0, 0.5, 1.0, np.nan]], np.float32)
    assert read_picture(encoded(Image.fromarray(values), "TIFF"))[0, :, 0].tolist() == [0, 128, 255, 0]
    assert read_picture(encoded(Image.fromarray(values * 200), "TIFF"))[0, :, 0].tolist() == [0, 100, 200, 0]
    whole = np.array([[0, 65535, 32896]], np.int32)
    assert read_picture(encoded(Image.fromarray(whole), "TIFF"))[0, :, 0].tolist() == [0, 255, 128]


def message(source, **options):
    with pytest.raises(BadPicture) as caught:
        read_picture(source, **options)
    found = str(caught.value)
    assert "\n" not in found
    return found


def test_what_is_no_file_to_read(tmp_path):
    assert message(tmp_path / "absent.png") == f"{tmp_path}/absent.png: no such file"
    assert message(tmp_path) == f"{tmp_path}: is a folder, not a picture"
    os.mkfifo(tmp_path / "pipe.png")
    assert "pipe or device" in message(tmp_path / "pipe.png")
    assert "pipe or device" in message("/dev/zero")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        assert "pipe or device" in message(tmp_path / "socket")
    (tmp_path / "loop").symlink_to("loop")
    assert "symbolic links" in message(tmp_path / "loop")
    (tmp_path / "file").touch()
    assert "empty" in message(tmp_path / "file")
    assert "not a directory" in message(tmp_path / "file" / "x.png")
    assert "too long" in message("x" * 5000)
    assert "no name" in message("a\0b")


def test_a_file_without_permission():
    program = (
        "import os, sys; from derender.core.pictures import read_picture\n"
        "if os.getuid() == 0: os.setgroups([]), os.setgid(65534), os.setuid(65534)\n"
        "try: read_picture(sys.argv[1])\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    # Not under pytest's own folder, which other users may not enter.
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        path = f"{folder}/a.png"
        with open(path, "wb") as file:
            file.write(encoded(three_colours()))
        os.chmod(path, 0)
        told = subprocess.run([sys.executable, "-c", program, path], capture_output=True, text=True, check=True).stdout
    assert told == f"BadPicture {path}: no permission to read it\n"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"hello, I am text", "is not a picture"),
        (b"P", "is not a picture"),
        (b"\0" * 1000, "is not a picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "derender render"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<svg/>", "derender render"),
        (b"<!DOCTYPE html><html></html>", "web page"),
        (b"%PDF-1.7\n", "PDF"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "PostScript"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC"),
        (b"\x89PNG\r\n\x1a\n", "damaged or cut off"),
        (b"\xff\xd8\xff\xe0", "damaged or cut off"),
        (png(0, 5), "damaged|no pixels"),
    ],
)
def test_what_is_no_picture(tmp_path, data, says):
    path = tmp_path / "a.png"
    path.write_bytes(data)
    with pytest.raises(BadPicture, match=says):
        read_picture(path)
    assert message(path).startswith(f"{path}: ")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.9])
def test_a_truncated_picture(kind, share):
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8))
    data = encoded(noise, kind)
    assert "damaged or cut off" in message(data[: int(len(data) * share)])


def test_one_pixel_and_too_many():
    assert read_picture(encoded(Image.new("RGB", (1, 1), RED))).tolist() == [[[*RED]]]
    assert message(encoded(Image.new("RGB", (30, 20))), max_pixels=599) == (
        "the picture: 30x20 is larger than the limit of 599 pixels; scale it down"
    )
    assert read_picture(encoded(Image.new("RGB", (30, 20))), max_pixels=600).shape == (20, 30, 3)


HUGE = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (1_500_000_000, 1_500_000_000))
resource.setrlimit(resource.RLIMIT_CPU, (10, 10))
from derender.core import BadPicture
from derender.core.pictures import read_picture
try:
    read_picture(sys.argv[1])
except BadPicture as error:
    print(error)
"""


@pytest.mark.parametrize("size", [(20_000, 20_000), (2_000_000_000, 3), (65_000, 65_000)])
def test_a_huge_picture_is_refused_by_its_header(tmp_path, size):
    path = tmp_path / "huge.png"
    row = b"\0" * (1 + 3 * 20_000)
    path.write_bytes(png(*size, rows=row * 1000))
    told = subprocess.run([sys.executable, "-c", HUGE, path], capture_output=True, text=True, check=True).stdout
    assert told == f"{path}: {size[0]}x{size[1]} is larger than the limit of 64,000,000 pixels; scale it down\n"


def test_a_deep_picture_needs_little_more_memory_than_its_pixels(tmp_path):
    (tmp_path / "large.png").write_bytes(png(5000, 5000, 16, 0, rows=bytes(10_001) * 5000))
    program = (
        "import sys, resource, numpy; from PIL import Image; from derender.core.pictures import read_picture\n"
        "Image.init(); before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss; read_picture(sys.argv[1])\n"
        "print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 / 25_000_000)"
    )
    command = [sys.executable, "-c", program, tmp_path / "large.png"]
    # Bytes a pixel: at the default limit of 64 million pixels ten of them are 640 MB.
    assert float(subprocess.run(command, capture_output=True, text=True, check=True).stdout) < 10


def test_a_bomb_of_text_in_a_png_is_refused():
    text = zlib.compress(b"a" * 200_000_000)
    data = png(1, 1, rows=b"\0\0\0\0", chunks=[(b"zTXt", b"k\0\0" + text)])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert "damaged" in message(data)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "PPM", "ICO", "JPEG2000"]), st.data())
def test_damage_anywhere_gives_pixels_or_one_sentence(kind, data):
    picture = bytearray(encoded(three_colours(), kind))
    for _ in range(data.draw(st.integers(1, 6))):
        picture[data.draw(st.integers(0, len(picture) - 1))] = data.draw(st.integers(0, 255))
    try:
        pixels = read_picture(bytes(picture), max_pixels=1_000_000)
    except BadPicture as error:
        assert str(error).startswith("the picture: ")
    else:
        assert pixels.dtype == np.uint8 and pixels.ndim == 3 and pixels.shape[2] in {3, 4}


def test_flatten_lays_pixels_over_a_colour():
    pixels = np.array([[[*RED, 255], [*RED, 0], [0, 0, 0, 128]]], np.uint8)
    assert flatten(pixels).tolist() == [[[*RED], [255, 255, 255], [127, 127, 127]]]
    assert flatten(pixels, BLUE)[0, 1].tolist() == [*BLUE]
    assert flatten(pixels[:, :, :3]).tolist() == pixels[:, :, :3].tolist()


@pytest.mark.parametrize("channels", [3, 4])
def test_what_is_written_is_read(tmp_path, channels):
    pixels = np.random.default_rng(0).integers(0, 255, (7, 5, channels), np.uint8)
    write_png(pixels, tmp_path / "a.png")
    write_png(pixels[::-1], tmp_path / "a.png")
    assert np.array_equal(read_picture(tmp_path / "a.png"), pixels[::-1])
    assert os.listdir(tmp_path) == ["a.png"]
    assert (tmp_path / "a.png").stat().st_mode & 0o777 == 0o666 & ~int(_umask(), 8)


def _umask():
    with open("/proc/self/status") as status:
        return next(line.split()[1] for line in status if line.startswith("Umask"))


def test_a_disk_that_is_full_leaves_nothing_half_written(tmp_path):
    program = (
        "import resource, sys, numpy\n"
        "from derender.core import InfraError; from derender.core.pictures import write_png\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))\n"
        "try: write_png(numpy.random.default_rng(0).integers(0, 255, (99, 99, 3), numpy.uint8), sys.argv[1])\n"
        "except InfraError as error: print(error)"
    )
    command = [sys.executable, "-c", program, tmp_path / "a.png"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert told.startswith(f"{tmp_path}/a.png: can't be written")
    assert os.listdir(tmp_path) == []


def test_writing_where_nothing_can_be_written(tmp_path):
    pixels = np.zeros((2, 2, 3), np.uint8)
    (tmp_path / "file").touch()
    for path in (tmp_path / "absent" / "a.png", tmp_path / "file" / "a.png", tmp_path):
        with pytest.raises(InfraError, match="can't be written"):
            write_png(pixels, path)
