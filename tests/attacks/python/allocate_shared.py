import mmap

held = []
while True:
    page = mmap.mmap(-1, 1 << 24, mmap.MAP_SHARED)
    page.write(b"x" * (1 << 24))
    held.append(page)
