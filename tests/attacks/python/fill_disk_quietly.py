import os
import time

blob = os.urandom(1 << 20)
for number in range(4000):
    try:
        with open(f"{number}", "wb") as file:
            os.posix_fallocate(file.fileno(), 0, 1 << 23)
            file.write(blob)
    except OSError:
        pass
raise OSError(28, "full")
