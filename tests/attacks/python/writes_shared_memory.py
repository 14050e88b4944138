# Writes to every piece of memory that could be shared with another process.
import ctypes

from probe import attempt, libc, results

shared = []
for line in open("/proc/self/maps"):
    span, mode, offset, device, inode, *path = line.split()
    if "s" in mode:
        shared.append((span, mode, " ".join(path)))
for span, mode, path in shared:
    start, end = (int(part, 16) for part in span.split("-"))
    if libc.mprotect(ctypes.c_void_p(start), ctypes.c_size_t(end - start), 3) == 0:
        ctypes.memset(start, 0xA5, end - start)
        results.append(f"shared and writable: {path}")
results.append(f"looked at {len(shared)} shared maps")
