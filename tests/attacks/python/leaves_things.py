import ctypes
import ctypes.util
import os
import site
import sys

from probe import attempt, call, libc

MARK = "mark-of-an-attack"
for folder in ("/tmp", "/var/tmp", "/dev/shm", "/run", ".", "..", "../.derender", "../..", os.path.expanduser("~"),
               os.environ.get("TMPDIR", "."), os.environ.get("MPLCONFIGDIR", "."), os.environ.get("XDG_CACHE_HOME", "."),
               "@@open@@", "@@home@@", site.getsitepackages()[0], os.path.dirname(os.__file__),
               os.path.dirname(__import__("matplotlib").__file__) + "/__pycache__"):
    for name in (MARK, "sitecustomize.py", "usercustomize.py", "matplotlibrc", "fontlist-v390.json", f"{MARK}.pth"):
        attempt(f"{folder}/{name}", lambda: open(os.path.join(folder, name), "x").write("figure.facecolor: black\n"))
cached = __import__("json").__cached__
attempt("compiled file replaced", lambda: open(cached, "wb").write(b"mark"))
attempt("segment", lambda: call(29, 77, 4096, 0o1666))
attempt("queue", lambda: call(68, 77, 0o1666))
attempt("semaphores", lambda: call(64, 77, 1, 0o1666))
attempt("queue by name", lambda: call(240, b"mark-of-an-attack", 0o102, 0o666, None))


def named_semaphore():
    libc.sem_open.restype = ctypes.c_void_p
    if not libc.sem_open(b"/mark-of-an-attack", 0o100, 0o666, 1):
        raise OSError(ctypes.get_errno(), "refused")


attempt("semaphore by name", named_semaphore)
attempt("key", lambda: call(248, b"user", b"mark-of-an-attack", b"x", 1, -4))
