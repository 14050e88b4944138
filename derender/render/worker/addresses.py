"""Addresses, made the same in every run: objects without an order of their own are ordered, hashed and named by them.

``set`` of objects, ``<object at 0x7f…>`` in a title, sorting by ``id``: all show where things lie in memory.
"""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager

_NO_RANDOM_ADDRESSES = 0x0040000
_ASK = 0xFFFFFFFF

_libc = ctypes.CDLL(None, use_errno=True)


@contextmanager
def same_layout() -> Iterator[None]:
    """Programs that this thread starts meanwhile have their libraries, heap and stack at the same addresses each time.

    Where the machine forbids that (some containers do), they lie at random ones.
    """
    before = _libc.personality(_ASK)
    if before >= 0:
        _libc.personality(before | _NO_RANDOM_ADDRESSES)
    try:
        yield
    finally:
        if before >= 0:
            _libc.personality(before)
