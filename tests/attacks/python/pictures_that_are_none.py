import os

from forge import png

for number, target in enumerate(["@@reference@@", "@@home@@/secret.txt", "/etc/passwd", "/dev/zero", "/proc/self/mem", "/proc/1/environ", "loop.png"]):
    os.symlink(target, f"link{number}.png")
os.symlink("loop.png", "loop.png")
os.mkfifo("pipe.png")
os.mkdir("folder.png")
for device in (0o20666, 0o60666):
    try:
        os.mknod(f"device{device}.png", device, 0x105)
    except OSError:
        pass
for name in ("/usr/share/pixmaps/debian-logo.png", "@@reference@@"):
    try:
        os.link(name, "linked.png")
    except OSError:
        pass
with open("empty.png", "wb"):
    pass
with open("cut.png", "wb") as file:
    file.write(png()[:50])
with open("forged_header.png", "wb") as file:
    file.write(png(7000, 7000))
with open("negative.bmp", "wb") as file:
    file.write(b"BM" + (0xFFFFFFFF).to_bytes(4, "little") * 12)
with open("sparse.png", "wb") as file:
    file.write(png()[:40])
    file.truncate(200 << 20)
