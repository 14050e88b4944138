import os
import random

from forge import OUT, leave

random.seed(7)
pieces = [b"{", b"}", b"[", b'"type"', b":", b'"picture"', b",", b'"key"', b"1e999", b"-1", b"\x00", b"\xff", b'"\\ud800"', b"\n",
          b"NaN", b'"deferred"', b'"file"', b'"1"', b'"rank"', b'"file"', b"null", b"9" * 5000, b'"failure"', b'"end"']  # fmt: skip
with open(f"{OUT}/journal", "wb") as file:
    file.write(b"[" * 200_000 + b"\n" + b'{"a":' * 200_000 + b"\n" + b'"' + b"x" * (5 << 20) + b'"\n')
    for _ in range(200_000):
        file.write(random.choice(pieces))
for name in range(1, 40):
    os.symlink("/proc/self/environ", f"{OUT}/{name}")
leave()
