# A thread that outlives the program's last line changes a picture's file while it is looked at.
import os
import threading

from forge import png

honest, cut, forged = png(), png()[:40], png(60_000, 60_000)


def change():
    while True:
        for content in (honest, cut, forged, b"", os.urandom(64), honest * 50_000):
            try:
                with open("restless.png", "wb") as file:
                    file.write(content)
                os.replace("restless.png", "changing.png")
                os.symlink("@@reference@@", "restless.png")
                os.replace("restless.png", "changing.png")
            except OSError:
                pass


with open("changing.png", "wb") as file:
    file.write(honest)
threading.Thread(target=change, daemon=True).start()
