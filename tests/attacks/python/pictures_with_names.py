import os

from forge import png


def put(name):
    try:
        with open(name, "wb") as file:
            file.write(png(rows=bytes([0] + [len(name) % 256, os.stat(".").st_nlink, 9] * 8) * 8))
    except OSError as error:
        print(name[:20], error)


put("two\nlines\r\x1b[31m.png")
put(b"not-utf8-\xff\xfe\x80.png")
put("n" * 251 + ".png")
put("\u202egnp.\u200bx.png")
put("-rf --help;$(id)`id`|&.png")
put("..png")
put("\udcff.png")
put("a\\..\\..\\b.png")
for depth in range(18):
    os.mkdir("d" * 230)
    os.chdir("d" * 230)
put("deep.png")
