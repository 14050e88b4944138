import ctypes
import hashlib
import threading


def burn():
    data = bytes(1 << 22)
    while True:
        hashlib.sha256(data).digest()


for _ in range(4):
    threading.Thread(target=burn).start()
ctypes.CDLL(None).pthread_exit(None)
