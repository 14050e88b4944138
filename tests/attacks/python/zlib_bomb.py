import zlib

packed = zlib.compress(bytes(1 << 26), 9)
for _ in range(2):
    packed = zlib.compress(packed * 64, 9)
while True:
    packed = zlib.decompress(packed)
    packed = packed * 64
