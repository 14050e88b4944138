import struct
import zlib

from PIL import Image


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


packer = zlib.compressobj(1)
rows = b"".join(packer.compress(bytes(1 << 20)) for _ in range(20)) + packer.flush()
header = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
with open("bomb.png", "wb") as file:
    file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b""))
Image.MAX_IMAGE_PIXELS = None
Image.open("bomb.png").load()
