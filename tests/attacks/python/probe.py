"""Lies beside attacks: tries things one by one and reports what came of each, as words of a picture.

Where a file ``plain`` lies beside it the program runs uncontained, and the report is printed.
"""

import atexit
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
results = []
PLAIN = os.path.exists("plain")
PICTURE = os.path.abspath("report.png")


def attempt(name, action):
    """Try one thing; whatever it raises is its being refused."""
    try:
        got = action()
    except BaseException as error:
        results.append(f"{name}: refused: {type(error).__name__}: {error}"[:300])
        return None
    results.append(f"{name}: allowed: {shown(got)}")
    return got


def shown(got):
    """What an action gave, so that a secret in it is to be recognised."""
    if isinstance(got, bytes | bytearray | memoryview):
        got = bytes(got).decode("latin-1")
    return "".join(letter if letter.isprintable() else "." for letter in str(got))[:1500]


def call(number, *arguments):
    """A system call by number, as OSError when it fails."""
    wide = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    ctypes.set_errno(0)
    result = libc.syscall(ctypes.c_long(number), *wide)
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def read(path):
    """The beginning of a file."""
    with open(path, "rb") as file:
        return file.read(4096)


def report():
    """Draw all results, or print them."""
    if PLAIN:
        print("\n".join(results))
        return
    import matplotlib.pyplot as plt

    plt.figure(figsize=(2, 2))
    for line in results:
        plt.figtext(0.02, 0.5, line.replace("$", "."), fontsize=1)
    plt.savefig(PICTURE)


atexit.register(report)
