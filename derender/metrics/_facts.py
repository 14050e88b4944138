"""What is observed of one side of a comparison.

A `Fact` is one kind of observation; `Facts` is one picture seen through them: it observes each fact when it is first
asked for and keeps it, so that a reference compared with a thousand candidates is looked at once. Metrics and other
facts ask with ``facts[grey]``; the answer has the fact's own type.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from derender.core import DerenderError, Failure

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Bytes = NDArray[np.uint8]

T = TypeVar("T")


class Unscorable(DerenderError):
    """A fact or a score these pictures can't give; the message says why."""


@dataclass(frozen=True, slots=True, eq=False)
class Fact(Generic[T]):
    """One kind of observation.

    Attributes:
        name: unique among facts.
        observe: takes it from other facts; raises `Unscorable` or `Missing` where it can't be had.
        at_hand: whether this machine can observe it on this side at all; asked before anything is computed.
    """

    name: str
    observe: Callable[[Facts], T]
    at_hand: Callable[[Facts], bool] = lambda _: True


def fact(observe: Callable[[Facts], T]) -> Fact[T]:
    """Make a function a fact of the same name, one that is always at hand."""
    return Fact(observe.__name__, observe)


class Facts:
    """One side of a comparison. Safe to share between threads; each fact is observed once.

    Attributes:
        texts: what the renderer knows it drew, see `Picture.texts`; None where nobody knows.
        failure: why there is no picture, when there is none.
    """

    def __init__(
        self,
        load: Callable[[], Bytes] | None = None,
        *,
        texts: tuple[str, ...] | None = None,
        failure: Failure | None = None,
    ) -> None:
        self.texts = texts
        self.failure = failure
        self._load = load
        self._known: dict[Fact[Any], Any] = {}
        self._resized: dict[tuple[int, int], Facts] = {}
        self._lock = threading.RLock()

    def __getitem__(self, wanted: Fact[T]) -> T:
        with self._lock:
            if wanted not in self._known:
                self._known[wanted] = wanted.observe(self)
            return cast("T", self._known[wanted])

    def at(self, wanted: tuple[int, int]) -> Facts:
        """The same picture at another size (width, height); itself where it has that size already."""
        if self[size] == wanted:
            return self
        with self._lock:
            if wanted not in self._resized:
                self._resized[wanted] = Facts(lambda: resize(self[rgb], wanted), texts=self.texts)
            return self._resized[wanted]

    def load(self) -> Bytes:
        """The pixels, read from where they are.

        Raises:
            Unscorable: there is no picture.
            BadPicture: the source is none.
        """
        if self._load is None:
            raise Unscorable(f"there is no picture: {self.failure.message if self.failure else 'none was given'}")
        return self._load()


@fact
def rgb(facts: Facts) -> Bytes:
    """Pixels, height x width x 3, transparency flattened on white."""
    return facts.load()


@fact
def size(facts: Facts) -> tuple[int, int]:
    """Width and height in pixels."""
    height, width = facts[rgb].shape[:2]
    return width, height


@fact
def grey(facts: Facts) -> Bytes:
    """Luma of Rec. 601 (0.299 R + 0.587 G + 0.114 B), rounded to whole numbers; height x width."""
    import cv2

    return cast("Bytes", cv2.cvtColor(facts[rgb], cv2.COLOR_RGB2GRAY))


def resize(pixels: Bytes, wanted: tuple[int, int]) -> Bytes:
    """Pixels at another size (width, height): each axis by area where it shrinks, then linearly where it grows."""
    import cv2

    height, width = pixels.shape[:2]
    smaller = min(width, wanted[0]), min(height, wanted[1])
    shrunk = pixels if smaller == (width, height) else cv2.resize(pixels, smaller, interpolation=cv2.INTER_AREA)
    grown = shrunk if smaller == wanted else cv2.resize(shrunk, wanted, interpolation=cv2.INTER_LINEAR)
    return cast("Bytes", grown)
