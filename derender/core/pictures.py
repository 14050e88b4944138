"""Reading and writing pictures: every odd file becomes plain 8-bit pixels or one clear sentence.

What a file is, its first bytes say, never its suffix. Pixels are ``uint8``, height × width × 3, or × 4 where some are
not opaque. Of animations the first frame counts; EXIF orientation is applied; colour profiles are not.
"""

import contextlib
import io
import os
import struct
import tempfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import BadPicture, InfraError
from .files import read_file

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from PIL import Image

    Pixels = npt.NDArray[np.uint8]

MAX_PIXELS = 64_000_000
"""The largest picture read unless a caller allows more; 256 MB once decoded."""

FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "AVIF", "JPEG2000", "PPM", "QOI", "ICO", "DIB", "PSD")
"""Those that are pictures and nothing else: some of Pillow's decoders start other programs."""
_SIGNATURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*", b"RIFF")
_ORIENTATION = 0x0112
_DECODER_ERRORS = (
    *(OSError, SyntaxError, ValueError, EOFError, LookupError, TypeError, AttributeError, ArithmeticError),
    *(AssertionError, RuntimeError, struct.error, zlib.error),
)
"""All that Pillow's decoders have been seen to raise for damaged files."""


def read_picture(source: "str | os.PathLike[str] | bytes", *, max_pixels: int = MAX_PIXELS) -> "Pixels":
    """The pixels of a picture file, or of its bytes.

    Raises:
        BadPicture: it is missing, no picture, damaged, or larger than ``max_pixels``; one sentence that names it.
    """
    name = "the picture" if isinstance(source, bytes) else os.fspath(source)
    data = source if isinstance(source, bytes) else read_file(Path(source), "picture", BadPicture)
    return decode(data, name, max_pixels=max_pixels)


def decode(data: bytes, name: str, *, max_pixels: int = MAX_PIXELS) -> "Pixels":
    """The pixels of encoded bytes; ``name`` is what messages call them.

    Raises:
        BadPicture: they are no picture, damaged, or larger than ``max_pixels``.
    """
    from PIL import Image

    if not data:
        raise BadPicture(f"{name}: the file is empty")
    try:
        image = _open(data)
        if image is None:
            raise BadPicture(f"{name}: {_what_it_is(data)}")
        with image:
            _check_size(image.size, name, max_pixels)
            image.load()
            return _pixels(_upright(image))
    except (*_DECODER_ERRORS, Image.DecompressionBombError) as error:
        raise BadPicture(f"{name}: the picture is damaged or cut off ({error})") from None
    except MemoryError:
        raise BadPicture(f"{name}: the picture needs more memory than there is") from None


def flatten(pixels: "Pixels", background: tuple[int, int, int] = (255, 255, 255)) -> "Pixels":
    """Pixels laid over an opaque background: height × width × 3."""
    import numpy as np

    if pixels.shape[2] == 3:
        return pixels
    alpha = pixels[:, :, 3:].astype(np.uint16)
    under = np.array(background, dtype=np.uint16)
    mixed = pixels[:, :, :3] * alpha + under * (255 - alpha)
    return ((mixed + 127) // 255).astype(np.uint8)


def write_png(pixels: "Pixels", path: str | Path) -> None:
    """Write pixels as a PNG file; the file is whole or not there.

    Raises:
        InfraError: there is no space or no permission.
    """
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", compress_level=6)
    write_whole(path, buffer.getvalue())


def write_whole(path: str | Path, data: bytes) -> None:
    """Write a file that is whole or not there: beside its place first, then renamed.

    Raises:
        InfraError: there is no space or no permission; one sentence that names the file.
    """
    path = Path(path)
    try:
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
    except OSError as error:
        raise InfraError(f"{path}: can't be written ({error.strerror})") from None
    try:
        with open(descriptor, "wb") as file:
            file.write(data)
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    except OSError as error:
        raise InfraError(f"{path}: can't be written ({error.strerror})") from None
    finally:
        Path(temporary).unlink(missing_ok=True)


def _umask() -> int:
    # Reading the mask from /proc changes nothing, unlike os.umask, which other threads would see.
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("Umask:"):
                return int(line.split()[1], 8)
    return 0o022


def _open(data: bytes) -> "Image.Image | None":
    """The picture with its header read and nothing more; None when no decoder knows it.

    Goes by Pillow's own list of decoders, so that a picture's size is known before anybody judges it, and no warning
    filter that threads share is touched.
    """
    from PIL import Image

    Image.init()
    for kind in FORMATS:
        factory, accepts = Image.OPEN.get(kind, (None, None))
        if factory is None or accepts is None:
            continue
        with contextlib.suppress(SyntaxError, IndexError, TypeError, KeyError, struct.error):
            # A decoder that was left out when Pillow was built answers with a sentence.
            if accepts(data[:16]) is True:
                return factory(io.BytesIO(data), "")
    return None


def _check_size(size: tuple[int, int], name: str, max_pixels: int) -> None:
    width, height = size
    if width * height > max_pixels:
        raise BadPicture(f"{name}: {width}x{height} is larger than the limit of {max_pixels:,} pixels; scale it down")
    if width * height == 0:
        raise BadPicture(f"{name}: the picture has no pixels")


def _upright(image: "Image.Image") -> "Image.Image":
    """The picture as a viewer shows it: turned as its EXIF data says, if that can be read at all."""
    from PIL import Image

    orientation = None
    with contextlib.suppress(*_DECODER_ERRORS):
        orientation = image.getexif().get(_ORIENTATION)
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
    turn = turns.get(orientation) if isinstance(orientation, int) else None
    return image if turn is None else image.transpose(turn)


def _pixels(image: "Image.Image") -> "Pixels":
    import numpy as np

    if image.mode.startswith("I") or image.mode == "F":
        return _deep(image)
    transparent = image.mode in {"RGBA", "LA", "PA", "RGBa", "La"} or "transparency" in image.info
    pixels = np.asarray(image.convert("RGBA" if transparent else "RGB"))
    if transparent and int(pixels[:, :, 3].min()) == 255:
        pixels = pixels[:, :, :3]
    return np.array(pixels, order="C")


def _deep(image: "Image.Image") -> "Pixels":
    """16-bit, 32-bit and floating-point grey, brought to 8 bits by the range its format promises."""
    import numpy as np

    values = np.asarray(image)
    if values.dtype == np.uint16:
        grey = np.rint(np.arange(65536) / 257).astype(np.uint8)[values]
    else:
        reals = np.nan_to_num(values.astype(np.float32), copy=False, nan=0.0, posinf=0.0, neginf=0.0)
        highest = float(reals.max())
        top = 1.0 if image.mode == "F" and highest <= 1.0 else 255.0 if highest <= 255.0 else 65535.0
        reals *= np.float32(255.0 / top)
        grey = np.clip(np.rint(reals, out=reals), 0, 255, out=reals).astype(np.uint8)
    return np.repeat(grey[:, :, None], 3, axis=2)


def _what_it_is(data: bytes) -> str:
    start = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "is a web page, not a picture; draw it with `derender render`"
    if b"<svg" in start:
        return "is an SVG program, not a picture; draw it with `derender render`"
    if start.startswith((b"%pdf", b"%!ps")):
        return "is a PDF or PostScript document, not a picture; render its page to PNG first"
    if data[4:12] in {b"ftypheic", b"ftypheix", b"ftypmif1", b"ftyphevc"}:
        return "is a HEIC picture, which can't be read; save it as PNG or JPEG"
    if data.startswith(_SIGNATURES):
        return "the picture is damaged or cut off (its header can't be read)"
    return "is not a picture, or of a format that can't be read"
