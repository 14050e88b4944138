import ctypes
import random

random.seed(1)
for line in open("/proc/self/maps"):
    span, mode, *_ = line.split()
    if "rw" in mode and "stack" not in line:
        start, end = (int(part, 16) for part in span.split("-"))
        ctypes.memset(start, 0xA5, end - start)
