"""Lies beside forgeries: writes into the journal what only the engine's own hooks should."""

import json
import os
import struct
import zlib

OUT = os.path.join(os.path.dirname(os.getcwd()), ".derender")
STREAM = zlib.compress(bytes(2 * 7))


def claim(**entry):
    with open(f"{OUT}/journal", "a") as file:
        file.write(json.dumps(entry) + "\n")


def picture(stream=STREAM, **changes):
    with open(f"{OUT}/forged", "wb") as file:
        file.write(stream)
    claim(**{"type": "picture", "key": "k", "file": "forged", "at": 1, "rank": "file", "name": "forged.png",
             "width": 2, "height": 2, "channels": 3, "texts": ["forged"], **changes})  # fmt: skip


def later(content, **changes):
    """Claim a picture that another worker is to draw."""
    with open(f"{OUT}/later", "wb") as file:
        file.write(content.encode())
    claim(**{"type": "deferred", "key": "l", "file": "later", "at": 1, "rank": "file", "name": "later.png", **changes})


def leave(claimed=True):
    """End so that nothing is added to what was forged."""
    if claimed:
        claim(type="end")
    os._exit(0)


def frame(header, announced=None):
    text = json.dumps(header).encode()
    return b"DR1\n" + struct.pack(">I", len(text) if announced is None else announced) + text


def png(width=8, height=8, *, rows=None):
    """A picture file, honest or with a header that is not."""

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    rows = bytes([0, 200, 30, 30] + [0, 0, 90] * 7) * 8 if rows is None else rows
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
