"""Chance, made the same in every run: whatever asks for randomness without a seed gets numbers from one fixed source.

The program's own seeds are left alone. What asks the kernel itself, past Python, still gets real randomness:
``/dev/urandom`` read as a file, libraries in C and Rust that call ``getrandom``.
"""

import functools
import os
import random
import sys
import tempfile
from types import ModuleType
from typing import Any

from .capture import when_imported

SEED = 0
_NODE = 0x020000000001
"""The address of a network card that nobody has."""
_SWITCH_S = 1.0


class Chance:
    """The source that stands in for the system's randomness."""

    def __init__(self) -> None:
        self._source = random.Random(SEED)

    def take_hold(self) -> None:
        """Put the source in the place of the system's; once, before libraries take hold of ``os.urandom``."""
        setattr(os, "urandom", self._urandom)  # noqa: B010 - not ours to assign to
        setattr(os, "getrandom", self._getrandom)  # noqa: B010 - likewise
        # What secrets, uuid4 and NumPy's unseeded generators come by.
        setattr(random, "_urandom", self._urandom)  # noqa: B010 - likewise
        setattr(random.Random, "seed", self._seeding(random.Random.seed))  # noqa: B010 - likewise
        random.seed = random._inst.seed
        when_imported("uuid", _settle_uuid)

    def reset(self) -> None:
        """Begin anew, as every program does: drawings made while libraries were imported don't count."""
        self._source = random.Random(SEED)
        random.seed(SEED)
        tempfile._name_sequence = None  # type: ignore[attr-defined]
        numpy = sys.modules.get("numpy")
        if numpy is not None:
            numpy.random.seed(SEED)

    def _urandom(self, size: int, /) -> bytes:
        return self._source.randbytes(size)

    def _getrandom(self, size: int, flags: int = 0) -> bytes:
        return self._source.randbytes(size)

    def _seeding(self, original: Any) -> Any:  # noqa: ANN401 - a method's own type says no more
        @functools.wraps(original)
        def seed(generator: random.Random, a: Any = None, version: int = 2) -> None:  # noqa: ANN401 - as Random.seed
            original(generator, self._source.getrandbits(256) if a is None else a, version)

        return seed


def take_turns() -> None:
    """Let a thread run until it waits for something, and libraries see one processor.

    Which thread comes first is then decided by the program, not by the machine's load; a thread that spins until
    another is done yields after a second.
    """
    sys.setswitchinterval(_SWITCH_S)
    for name, seen in (("cpu_count", 1), ("process_cpu_count", 1), ("sched_getaffinity", {0})):
        if hasattr(os, name):
            setattr(os, name, _constantly(seen))


def _constantly(value: Any) -> Any:  # noqa: ANN401 - whatever the function it stands in for gives
    return lambda *_: value.copy() if isinstance(value, set) else value


def _settle_uuid() -> None:
    uuid: ModuleType = sys.modules["uuid"]
    for name in ("_generate_time_safe", "_UuidCreate"):
        if hasattr(uuid, name):
            setattr(uuid, name, None)
    setattr(uuid, "_node", _NODE)  # noqa: B010 - not ours to assign to
