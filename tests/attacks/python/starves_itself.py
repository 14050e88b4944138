# The main thread waits for a processor nearly all the time, because of the program's own threads.
import hashlib
import threading


def burn():
    hashlib.pbkdf2_hmac("sha256", b"", b"", 1 << 30)


for _ in range(10):
    threading.Thread(target=burn, daemon=True).start()
burn()
