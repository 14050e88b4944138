"""Addresses, made the same in every run: objects without an order of their own are ordered, hashed and named by them.

``set`` of objects, ``<object at 0x7f…>`` in a title, sorting by ``id``: all show where things lie in memory.
"""

import ctypes
import gc
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import repeat
from typing import Any

_NO_RANDOM_ADDRESSES = 0x0040000
_ASK = 0xFFFFFFFF

_POOL, _HEADER = 16 << 10, 48
"""Bytes of a pool, and those of them that hold no objects."""
_SIZES = range(16, 513, 16)
_SPARE, _SPARE_SMALL, _SMALL = 16, 80, 128
"""Holes of each size that the parent keeps for itself, more of them in small sizes."""
_IN_A_ROW, _NEAR = 14, 32
_MOST_ROUNDS = 64


def _maker(size: int) -> tuple[int, Callable[..., object], Any]:
    """What makes an object of a size: nothing that Python keeps a store of its own of."""
    if size == 16:
        return size, lambda _: object(), None
    return (size, complex, 1.5) if size == 32 else (size, bytes, size - 33)


_MAKERS = tuple(_maker(size) for size in _SIZES)

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


class Ground:
    """Where the objects of programs come to lie: memory that no program before has left its traces in.

    Python keeps small objects in pools, one size a pool, and puts a new object into whatever hole there is. The parent
    of programs fills the holes that its start has left, and keeps a few in one pool of each size for its own use; a
    program's process fills those and begins on fresh pools, which lie at the same addresses for all.
    """

    def __init__(self) -> None:
        self._fillings: deque[object] = deque()
        self._known = False

    def fill(self) -> None:
        """Fill the parent's holes, once it is warm."""
        gc.collect()
        # Looked through once, what is there now need not be again: neither by the parent nor by any program.
        gc.freeze()
        for size in _SIZES:
            last = self._fill_holes(size)
            if last is None:
                return
            room = (_POOL - _HEADER) // size
            left = room - 1 - (last % _POOL - _HEADER) // size
            self._fillings += _blocks(size, (left - (_SPARE_SMALL if size <= _SMALL else _SPARE)) % room)
        self._known = True

    def level(self) -> None:
        """Begin on fresh pools; in a program's process, right before the program."""
        gc.collect()
        if not self._known:
            return
        keep = self._fillings.append
        for size, make, argument in _MAKERS:
            run = start = 0
            for _ in range(2 * _POOL // size):
                block = make(argument)
                keep(block)
                place = id(block)
                if place % _POOL == _HEADER:
                    run, start = 1, place
                elif run:
                    run = run + 1 if 0 < place - start < _NEAR * size else 0
                # So many near a pool's start are no holes: those come in no such order.
                if run == _IN_A_ROW:
                    break

    def _fill_holes(self, size: int) -> int | None:
        """Fill all holes for blocks of a size; gives the address of the last block, on a fresh pool.

        There are none left when a pool was filled from its start to its end, one block after the other.
        """
        whole = (_POOL - _HEADER) // size
        for _ in range(_MOST_ROUNDS):
            fresh = _blocks(size, 2 * whole)
            self._fillings += fresh
            run = longest = last = 0
            # One by one: a list of addresses would leave holes of its own.
            for place in map(id, fresh):
                run = 1 if place % _POOL == _HEADER else run + 1 if run and place == last + size else 0
                longest = max(longest, run)
                last = place
            if longest == whole:
                return last
        return None


def _blocks(size: int, count: int) -> deque[object]:
    # A list would itself take a block of each size while it grows.
    _, make, argument = _maker(size)
    return deque(map(make, repeat(argument, count)))
