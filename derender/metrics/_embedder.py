"""Pictures as vectors: one interface for every vision model, whatever runs it.

An `Embedder` says how a picture is prepared (`Embedder.prepare`) and what a batch of prepared ones becomes
(`Embedder.forward`); loading, batching, remembering and locking are done here once. The same picture is embedded once,
however often it is asked for: as a reference of eight rollouts, as a white tile among thirteen. `embedding` makes a
fact of one, which `score_many` observes in batches.
"""

from __future__ import annotations

import hashlib
import threading
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import cached_property
from importlib.util import find_spec
from typing import TYPE_CHECKING, TypeVar, cast

from derender.core import DerenderError

from ._facts import Fact, Facts, rgb
from ._weights import Weights, at_hand

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from derender.core.store import ContentStore

    from ._facts import Bytes

    Floats = NDArray[np.float32]

T = TypeVar("T")

KEEP_BYTES = 256 << 20
"""How much an embedder remembers in memory, the least recently used going first."""


class Embedder(ABC):
    """A vision model behind one call. Safe to share between threads; loads its weights when first asked.

    Attributes:
        name: what facts and messages call it.
        weights: what it needs on this machine.
        packages: what runs it, by the names they are imported by.
        batch: how many pictures go through the model at once.
    """

    def __init__(
        self, name: str, weights: tuple[Weights, ...], *, packages: tuple[str, ...] = (), batch: int = 16
    ) -> None:
        self.name = name
        self.weights = weights
        self.packages = packages
        self.batch = batch
        self.remembered = Remembered()
        self._lock = threading.RLock()

    @property
    @abstractmethod
    def fingerprint(self) -> str:
        """What the vectors depend on beside the picture: model, weights, preparation, precision."""

    @abstractmethod
    def prepare(self, pixels: Bytes) -> Floats:
        """A picture (height x width x 3) as the model takes it, all of one shape."""

    @abstractmethod
    def forward(self, prepared: Floats) -> Floats:
        """The vectors of n prepared pictures: n x what one picture becomes."""

    @abstractmethod
    def ready(self) -> None:
        """Load what `prepare` and `forward` need, unless it is loaded; one thread at a time is in here.

        Raises:
            Missing: the weights, or what runs them, are absent.
        """

    def available(self) -> bool:
        """Whether the weights and what runs them are on this machine; loads nothing."""
        return all(find_spec(package) for package in self.packages) and at_hand(*self.weights)

    def embed(self, pictures: Sequence[Bytes]) -> Floats:
        """The vectors of pictures (height x width x 3, RGB), in order; n x d, or n x whatever one picture becomes.

        Raises:
            Missing: the weights, or what runs them, are absent.
            Unscorable: a picture can't be prepared.
        """
        import numpy as np

        if not pictures:
            return np.zeros((0, 0), np.float32)
        keys = [_digest(picture) for picture in pictures]
        with self._lock:
            self.ready()
            found = {key: self.remembered.get(self.fingerprint, key) for key in dict.fromkeys(keys)}
        fresh = {key: picture for key, picture in zip(keys, pictures, strict=True) if found[key] is None}
        for chunk in _chunks(list(fresh), self.batch):
            vectors = self.forward(np.stack([self.prepare(fresh[key]) for key in chunk]))
            with self._lock:
                for key, vector in zip(chunk, vectors, strict=True):
                    found[key] = vector
                    self.remembered.put(self.fingerprint, key, vector)
        return np.stack([cast("Floats", found[key]) for key in keys])

    def release(self) -> None:
        """Give back the memory that the model and what is remembered take; asked again, it loads again."""
        with self._lock:
            unload(self)
            self.remembered.clear()


class Remembered:
    """Vectors by picture: in memory up to a bound, and in a content store where one is given.

    Attributes:
        store: keeps vectors beyond this process; None for none.
    """

    def __init__(self, *, max_bytes: int = KEEP_BYTES, store: ContentStore | None = None) -> None:
        self.store = store
        self._max_bytes = max_bytes
        self._bytes = 0
        self._kept: OrderedDict[tuple[str, str], Floats] = OrderedDict()

    def get(self, fingerprint: str, key: str) -> Floats | None:
        """The vector of a picture's digest; None if it is not known."""
        if (fingerprint, key) in self._kept:
            self._kept.move_to_end((fingerprint, key))
            return self._kept[fingerprint, key]
        entry = self.store.get(_stored(fingerprint, key)) if self.store else None
        if entry is None:
            return None
        vector = _unpacked(entry.value, entry.blobs[0])
        self._keep((fingerprint, key), vector)
        return vector

    def put(self, fingerprint: str, key: str, vector: Floats) -> None:
        """Remember a vector."""
        self._keep((fingerprint, key), vector)
        if self.store:
            shape = ",".join(str(side) for side in vector.shape)
            self.store.put(_stored(fingerprint, key), shape.encode(), [vector.astype("<f4").tobytes()])

    def clear(self) -> None:
        """Forget what is in memory; a store keeps what it has."""
        self._kept.clear()
        self._bytes = 0

    def _keep(self, at: tuple[str, str], vector: Floats) -> None:
        before = self._kept.pop(at, None)
        self._bytes += vector.nbytes - (before.nbytes if before is not None else 0)
        self._kept[at] = vector
        while self._bytes > self._max_bytes and len(self._kept) > 1:
            self._bytes -= self._kept.popitem(last=False)[1].nbytes


def embedding(
    embedder: Embedder, seen: Callable[[Facts], Bytes] = lambda facts: facts[rgb], *, name: str = ""
) -> Fact[Floats]:
    """The fact that is an embedder's vector of a picture, observed in batches by `score_many`.

    Args:
        embedder: what makes the vector.
        seen: what it is shown of a side; by default its pixels.
        name: the fact's; by default the embedder's.
    """

    def together(sides: Sequence[Facts]) -> list[Floats | DerenderError]:
        shown = [_or_error(seen, side) for side in sides]
        pictures = [picture for picture in shown if not isinstance(picture, DerenderError)]
        try:
            vectors = iter(embedder.embed(pictures) if pictures else ())
        except DerenderError:
            # One of them, or all: each says so by itself.
            return [_or_error(alone, side) for side in sides]
        return [picture if isinstance(picture, DerenderError) else next(vectors) for picture in shown]

    def alone(side: Facts) -> Floats:
        return cast("Floats", embedder.embed([seen(side)])[0])

    return Fact(
        name or embedder.name,
        alone,
        at_hand=lambda _: embedder.available(),
        weights=tuple(one.name for one in embedder.weights),
        tools=embedder.packages,
        batch=together,
    )


def cosine(a: Floats, b: Floats) -> float:
    """Cosine of the angle between two vectors, in double precision; 1 where both are 0, and 0 where one of them is."""
    import numpy as np

    one, other = a.astype(np.float64).ravel(), b.astype(np.float64).ravel()
    lengths = float(np.linalg.norm(one)), float(np.linalg.norm(other))
    if not all(lengths):
        return float(lengths[0] == lengths[1])
    if np.array_equal(one, other):
        return 1.0
    return max(-1.0, min(1.0, float(one @ other) / (lengths[0] * lengths[1])))


def unload(holder: object) -> None:
    """Drop what the cached properties of an object hold."""
    for name in [name for name in vars(holder) if isinstance(getattr(type(holder), name, None), cached_property)]:
        delattr(holder, name)


def _or_error(observe: Callable[[Facts], T], side: Facts) -> T | DerenderError:
    try:
        return observe(side)
    except DerenderError as error:
        return error


def _digest(picture: Bytes) -> str:
    import numpy as np

    height, width = picture.shape[:2]
    start = hashlib.blake2b(f"{height}x{width}".encode(), digest_size=16)
    start.update(np.ascontiguousarray(picture).data)
    return start.hexdigest()


def _stored(fingerprint: str, key: str) -> str:
    return hashlib.sha256(f"embedding\n{fingerprint}\n{key}".encode()).hexdigest()


def _unpacked(shape: bytes, values: bytes) -> Floats:
    import numpy as np

    sides = [int(side) for side in shape.decode().split(",") if side]
    return np.frombuffer(values, "<f4").reshape(sides).astype(np.float32)


def _chunks(keys: list[str], size: int) -> list[list[str]]:
    return [keys[start : start + size] for start in range(0, len(keys), size)]
