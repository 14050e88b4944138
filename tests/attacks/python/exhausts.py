import ctypes
import fcntl
import mmap
import os
import select

from probe import attempt, call, libc, report, results


def all_of(make, limit):
    """How many can be had before one is refused."""
    held = []
    try:
        while len(held) < limit:
            held.append(make())
    except (OSError, MemoryError):
        pass
    count = len(held)
    for each in held:
        for fd in each if isinstance(each, tuple) else (each,):
            if isinstance(fd, int) and fd > 2:
                os.close(fd)
    return count


def wide_pipe():
    pair = os.pipe()
    try:
        fcntl.fcntl(pair[1], 1031, 1 << 20)
    except OSError:
        for fd in pair:
            os.close(fd)
        raise
    return pair


def timer():
    identity = ctypes.c_int()
    call(222, 1, None, ctypes.byref(identity))
    return None


def counted(name, make, limit=1000):
    results.append(f"{name}: {all_of(make, limit)}")


counted("files", lambda: os.open("/dev/null", os.O_RDONLY))
counted("pipes", os.pipe)
counted("wide pipes", wide_pipe)
counted("event counters", lambda: os.eventfd(0))
counted("epolls", lambda: call(291, 0))
counted("watchers", lambda: call(294, 0))
counted("folder watchers", lambda: call(253))
counted("asynchronous contexts", lambda: call(206, 64, ctypes.byref(ctypes.c_long())) and None, 20)
counted("timers", timer)
counted("clock descriptors", lambda: call(283, 1, 0))
counted("keys", lambda: call(248, b"user", os.urandom(8), b"x", 1, -3) and None)
counted("shared segments", lambda: call(29, 0, 4096, 0o1600) and None)
counted("queues", lambda: call(68, 0, 0o1600) and None)
counted("maps", lambda: mmap.mmap(-1, 4096), 2000)
file = open("locked", "w+b")
places = iter(range(0, 4000, 2))
counted("locks", lambda: fcntl.lockf(file, fcntl.LOCK_EX, 1, next(places)))
