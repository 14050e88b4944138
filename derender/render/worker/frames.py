r"""Frames: how engine and worker talk. A header of JSON, then blobs; the same code on both sides.

::

    b"DR1\n" | header length, uint32 big-endian | header, a JSON object in UTF-8 | blob | blob | ...

``header["blobs"]`` holds the blobs' lengths; the writer adds it.
"""

import json
import socket
import struct
from collections.abc import Sequence
from typing import Any

MAGIC = b"DR1\n"
MAX_HEADER = 8 << 20
"""Bytes a header may have; a peer that announces more is not followed."""

_START = struct.Struct(">4sI")
_CHUNK = 1 << 20


class Closed(Exception):
    """The other side closed the socket before a frame began."""


class Bad(Exception):
    """What came is no frame: wrong magic, broken JSON, too large, or cut off."""


def pack(header: dict[str, Any], blobs: Sequence[bytes] = ()) -> bytes:
    """A whole frame as bytes."""
    return b"".join([_opening(header, blobs), *blobs])


def send(sock: socket.socket, header: dict[str, Any], blobs: Sequence[bytes] = ()) -> None:
    """Write one frame; blobs are not copied."""
    sock.sendall(_opening(header, blobs))
    for blob in blobs:
        sock.sendall(blob)


def recv(sock: socket.socket, max_bytes: int) -> tuple[dict[str, Any], list[bytes]]:
    """Read one frame whose blobs have at most ``max_bytes`` together.

    Raises:
        Closed: the other side closed the socket instead.
        Bad: what came is no frame.
    """
    magic, length = _START.unpack(_read(sock, _START.size, first=True))
    if magic != MAGIC:
        raise Bad(f"a frame began with {magic!r}")
    if length > MAX_HEADER:
        raise Bad(f"a header of {length} bytes is too large")
    header = _parse(_read(sock, length))
    lengths = _lengths(header)
    if sum(lengths) > max_bytes:
        raise Bad(f"blobs of {sum(lengths)} bytes are too large")
    return header, [bytes(_read(sock, each)) for each in lengths]


def _opening(header: dict[str, Any], blobs: Sequence[bytes]) -> bytes:
    text = json.dumps({**header, "blobs": [len(blob) for blob in blobs]}).encode("ascii")
    return _START.pack(MAGIC, len(text)) + text


def _parse(raw: bytes | bytearray) -> dict[str, Any]:
    try:
        header = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise Bad(f"a header is no JSON: {error}") from None
    if not isinstance(header, dict):
        raise Bad("a header is no JSON object")
    return header


def _lengths(header: dict[str, Any]) -> list[int]:
    lengths = header.get("blobs", [])
    if not isinstance(lengths, list) or not all(type(each) is int and each >= 0 for each in lengths):
        raise Bad("the blobs' lengths are no list of sizes")
    return lengths


def _read(sock: socket.socket, size: int, *, first: bool = False) -> bytearray:
    data = bytearray(size)
    view = memoryview(data)
    done = 0
    while done < size:
        count = sock.recv_into(view[done:], min(_CHUNK, size - done))
        if count == 0:
            if first and done == 0:
                raise Closed("the other side closed the socket")
            raise Bad(f"a frame was cut off after {done} of {size} bytes")
        done += count
    return data
