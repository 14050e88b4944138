"""Pictures made small enough to live inside a page.

Charts and pages compress best without loss; what doesn't (photographs, dense scatter) is stored at high quality and
says so. Equal files are stored once, however many rows show them.
"""

import hashlib
import io
import math
import os
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING

from derender.core import UserError
from derender.core.files import read_file

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_WIDTH = 1600
_MAX_PIXELS = 4_000_000
_MAX_WEBP_SIDE = 16_383
_LOSSLESS_BYTES_PER_PIXEL = 0.4
_THUMB_WIDTH = 640
_THUMB_ABOVE_BYTES = 60_000


@dataclass(frozen=True, slots=True)
class Embedded:
    """A picture as the page holds it.

    Attributes:
        width: of the file, in pixels; the page may hold it smaller.
        height: of the file, in pixels.
        scale: the stored size over the file's own, 1 or less.
        lossless: whether every stored pixel is the file's.
        blank: whether every pixel has the same colour.
        blobs: WebP bytes: the picture, then a thumbnail where the picture is heavy.
    """

    width: int
    height: int
    scale: float
    lossless: bool
    blank: bool
    blobs: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Album:
    """Which picture each file became, and what the page must know of each.

    Attributes:
        ids: file → number of its picture.
        entries: per picture ``[width, height, scale, lossless, blank, thumbnail]``, or why it can't be shown.
    """

    ids: Mapping[Path, int]
    entries: tuple[list[float] | str, ...]


def embed_pictures(paths: Iterable[Path], spool: IO[str], widest: int = MAX_WIDTH, *, thumbnails: bool = True) -> Album:
    """Write every distinct picture to ``spool`` as an inert script block, in the order of the paths.

    Args:
        paths: pictures' files.
        spool: takes the blocks.
        widest: pixels; wider pictures are made smaller.
        thumbnails: whether heavy pictures get a second, smaller block.
    """
    paths = list(dict.fromkeys(paths))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        numbers: dict[str, int] = {}
        digests = pool.map(_digest, paths)
        ids = {path: numbers.setdefault(digest, len(numbers)) for path, digest in zip(paths, digests, strict=True)}
        first = {number: path for path, number in reversed(ids.items())}
        firsts = [first[number] for number in range(len(numbers))]
        entries = []
        for number, found in enumerate(pool.map(partial(_embed, widest=widest, thumbnails=thumbnails), firsts)):
            entries.append(found if isinstance(found, str) else _entry(found))
            spool.writelines(_blocks(number, found))
    return Album(ids, tuple(entries))


def _entry(picture: Embedded) -> list[float]:
    return [
        picture.width,
        picture.height,
        picture.scale,
        int(picture.lossless),
        int(picture.blank),
        len(picture.blobs) - 1,
    ]


def _blocks(number: int, found: Embedded | str) -> Iterator[str]:
    if not isinstance(found, str):
        for prefix, blob in zip("pt", found.blobs, strict=False):
            yield f'<script type="text/plain" id="{prefix}{number}">{b64encode(blob).decode()}</script>\n'


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(read_file(path)).hexdigest()
    except UserError:
        return str(path)


def _embed(path: Path, *, widest: int, thumbnails: bool) -> Embedded | str:
    from PIL import Image

    from derender.core.pictures import read_picture

    try:
        picture = Image.fromarray(read_picture(path))
    except UserError as error:
        return str(error).removeprefix(f"{path}: ")
    width, height = picture.size
    scale = min(1.0, widest / width, _MAX_WEBP_SIDE / height, math.sqrt(_MAX_PIXELS / (width * height)))
    blank = all(low == high for low, high in _extrema(picture))
    stored = _resized(picture, scale)
    full, lossless = _encode(stored)
    blobs = [full]
    if thumbnails and len(full) > _THUMB_ABOVE_BYTES and stored.width > _THUMB_WIDTH:
        blobs.append(_webp(_resized(stored, _THUMB_WIDTH / stored.width), quality=80, method=2))
    return Embedded(width, height, scale, lossless, blank, tuple(blobs))


def _extrema(picture: "Image") -> list[tuple[int, int]]:
    found = picture.getextrema()
    return [found] if isinstance(found[0], int | float) else list(found)  # type: ignore[list-item]


def _resized(picture: "Image", scale: float) -> "Image":
    from PIL import Image

    if scale >= 1:
        return picture
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return picture.resize(size, Image.Resampling.LANCZOS)


def _encode(picture: "Image") -> tuple[bytes, bool]:
    exact = _webp(picture, lossless=True, quality=20, method=1)
    if len(exact) <= max(20_000, _LOSSLESS_BYTES_PER_PIXEL * picture.width * picture.height):
        return exact, True
    return _webp(picture, quality=90, method=3), False


def _webp(picture: "Image", *, quality: int, method: int, lossless: bool = False) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", lossless=lossless, quality=quality, method=method)
    return buffer.getvalue()
