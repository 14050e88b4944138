"""PNG on zlib alone, made for speed: fixed filter, lowest level, no alpha channel where nothing shines through.

A picture travels as its *stream*: the zlib stream of its rows, each led by the byte of its filter. The stream is made
once, where the pixels are, or taken from a PNG that another encoder made; it is checked where the pixels are not
trusted, and wrapped into a PNG without being packed again.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEVEL = 1
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COLOUR_TYPE = {3: 2, 4: 6}
_CHANNELS = {colour: channels for channels, colour in _COLOUR_TYPE.items()}
_FILTERS = 5
_INCH = 0.0254
_BLOCK = 4 << 20
_FEED = 256 << 10


class BadStream(ValueError):
    """A stream that does not hold the picture it is said to hold."""


@dataclass(frozen=True, slots=True)
class Packed:
    """A picture as its stream.

    Attributes:
        stream: the zlib stream of its rows.
        width: in pixels.
        height: in pixels.
        channels: 3 for RGB, 4 for RGBA.
    """

    stream: bytes
    width: int
    height: int
    channels: int

    def png(self, dpi: float | None = None) -> bytes:
        """The picture as a PNG file."""
        header = struct.pack(">IIBBBBB", self.width, self.height, 8, _COLOUR_TYPE[self.channels], 0, 0, 0)
        parts = [_SIGNATURE, _chunk(b"IHDR", header)]
        if dpi:
            density = round(dpi / _INCH)
            parts.append(_chunk(b"pHYs", struct.pack(">IIB", density, density, 1)))
        return b"".join([*parts, _chunk(b"IDAT", self.stream), _chunk(b"IEND", b"")])

    def is_blank(self) -> bool:
        """Whether every pixel is the same; looks at all of them, trusting nothing.

        Raises:
            BadStream: the stream is broken, too short or too long, or a row has a filter that PNG doesn't know.
        """
        length = 1 + self.width * self.channels
        blank = True
        first: frozenset[bytes] = frozenset()
        other: frozenset[bytes] = frozenset()
        for rows in self._rows(length):
            if max(rows[::length]) >= _FILTERS:
                raise BadStream("a row has a filter that there is not")
            if not first:
                first, other = _rows_of_one_colour(rows[1 : 1 + self.channels], self.width)
                blank = rows[:length] in first
                rows = rows[length:]
            blank = blank and _are_among(rows, other, length)
        return blank

    def _rows(self, length: int) -> Iterator[bytes]:
        """All rows, some megabytes of them at a time: a picture may be far larger than the memory of its reader."""
        left = self.height * length
        block = max(1, _BLOCK // length) * length
        rest = b""
        for part in self._inflated(block):
            rest += part
            whole = len(rest) - len(rest) % length
            left -= whole
            if left < 0:
                break
            if whole:
                yield rest[:whole]
                rest = rest[whole:]
        if left or rest:
            raise BadStream("its pixels are fewer or more than were announced")

    def _inflated(self, most: int) -> Iterator[bytes]:
        inflate = zlib.decompressobj()
        try:
            for start in range(0, len(self.stream), _FEED):
                feed = self.stream[start : start + _FEED]
                while feed:
                    yield inflate.decompress(feed, most)
                    feed = inflate.unconsumed_tail
                if inflate.eof:
                    # What follows would only be collected, over and over again.
                    break
            yield inflate.flush()
        except zlib.error as error:
            raise BadStream(str(error)) from None
        if not inflate.eof or inflate.unused_data or start + _FEED < len(self.stream):
            raise BadStream("its stream is cut off, or goes on after its end")


def pack(pixels: "NDArray[np.uint8]") -> Packed:
    """Pack an array of height x width x 4 (RGBA) or x 3 (RGB), 8 bits each."""
    import numpy as np

    height, width, channels = pixels.shape
    if channels == 4 and pixels[..., 3].min(initial=255) == 255:
        channels = 3
    rows = np.zeros((height, 1 + width * channels), np.uint8)
    for channel in range(channels):
        rows[:, 1 + channel :: channels] = pixels[:, :, channel]
    return Packed(zlib.compress(rows.data, LEVEL), width, height, channels)


def unwrap(content: bytes) -> Packed:
    """The picture in a PNG of 8 bits a channel, RGB or RGBA, whose rows are in order: what encoders make for pixels.

    Raises:
        BadStream: it is no such PNG.
    """
    if not content.startswith(_SIGNATURE):
        raise BadStream("it is no PNG")
    try:
        width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", _content(content, 8, b"IHDR"))
        if depth != 8 or interlaced or colour not in _CHANNELS:
            raise BadStream("a PNG of another kind")
        parts, place = [], len(_SIGNATURE)
        while place < len(content):
            size, kind = struct.unpack_from(">I4s", content, place)
            if kind == b"IDAT":
                parts.append(content[place + 8 : place + 8 + size])
            place += 12 + size
    except struct.error as error:
        raise BadStream(f"a PNG that is cut off: {error}") from None
    return Packed(b"".join(parts), width, height, _CHANNELS[colour])


def _content(content: bytes, place: int, kind: bytes) -> bytes:
    size, found = struct.unpack_from(">I4s", content, place)
    if found != kind:
        raise BadStream(f"a PNG without {kind.decode()}")
    return content[place + 8 : place + 8 + size]


def _are_among(rows: bytes, known: frozenset[bytes], length: int) -> bool:
    """Whether each row is one of those known."""
    if rows[::length].count(rows[:1]) * length == len(rows):
        # One filter for all, as encoders in haste choose it.
        return not rows or (rows[:length] in known and rows == rows[:length] * (len(rows) // length))
    return all(rows[at : at + length] in known for at in range(0, len(rows), length))


def _rows_of_one_colour(pixel: bytes, width: int) -> tuple[frozenset[bytes], frozenset[bytes]]:
    """How the first row of a picture of one colour can be written, by filter, and how any other row."""
    count = len(pixel)
    nothing = bytes(count)
    plain, led = pixel * width, pixel + nothing * (width - 1)
    half = bytes(each - each // 2 for each in pixel)
    first = (plain, led, plain, pixel + half * (width - 1), led)
    other = (plain, led, nothing * width, half + nothing * (width - 1), nothing * width)
    return (
        frozenset(bytes([number]) + row for number, row in enumerate(first)),
        frozenset(bytes([number]) + row for number, row in enumerate(other)),
    )


def blank(width: int, height: int) -> Packed:
    """A white picture."""
    row = b"\0" + b"\xff" * (3 * width)
    return Packed(zlib.compress(row * height, LEVEL), width, height, 3)


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(content, zlib.crc32(kind))
    return b"".join([struct.pack(">I", len(content)), kind, content, struct.pack(">I", check)])
