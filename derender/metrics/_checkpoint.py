"""Reading a PyTorch checkpoint without PyTorch, and without running what it says.

A checkpoint of the layout before 1.6 is four pickles (a magic number, a version, the writer's byte order, then the
tensors by name, their values standing outside), a fifth that lists the storages, and the storages' values. A pickle can
name any function to be called, so only the four names that tensors take are known here, and none of them is called
with more than numbers.
"""

from __future__ import annotations

import pickle
from collections import OrderedDict
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from derender.core import DerenderError

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    Values = NDArray[np.generic]

MAGIC = 0x1950A86A20F9469CFC6C
VERSION = 1001
TYPES = {"FloatStorage": "<f4", "DoubleStorage": "<f8", "HalfStorage": "<f2", "LongStorage": "<i8", "IntStorage": "<i4"}


class BadCheckpoint(DerenderError):
    """A file that is no checkpoint of this layout, or names what no tensor needs."""


@dataclass(frozen=True, slots=True)
class _Type:
    """Stands for a class of storages."""

    code: str


@dataclass(frozen=True, slots=True)
class _Tensor:
    """A view of a storage, whose values come later in the file."""

    key: str
    code: str
    offset: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]


def read_checkpoint(path: Path) -> dict[str, Values]:
    """The tensors of a checkpoint by name.

    Raises:
        BadCheckpoint: it is none of the layout before PyTorch 1.6, or holds anything beside tensors by name.
    """
    try:
        with path.open("rb") as file:
            return _read(file)
    except (pickle.UnpicklingError, EOFError, ValueError, TypeError, IndexError, KeyError, AttributeError) as error:
        raise BadCheckpoint(f"{path.name} can't be read as a checkpoint: {error}") from error


def _read(file: IO[bytes]) -> dict[str, Values]:
    if _Restricted(file).load() != MAGIC or _Restricted(file).load() != VERSION:
        raise BadCheckpoint("it is no checkpoint of the layout before PyTorch 1.6")
    if not _Restricted(file).load()["little_endian"]:
        raise BadCheckpoint("its values are big-endian")
    named = _Restricted(file).load()
    keys = _Restricted(file).load()
    codes = {tensor.key: tensor.code for tensor in named.values()}
    storages = {key: _storage(file, codes[key]) for key in keys}
    return {name: _view(storages[tensor.key], tensor) for name, tensor in named.items()}


def _storage(file: IO[bytes], code: str) -> Values:
    import numpy as np

    count = int.from_bytes(file.read(8), "little")
    width = np.dtype(code).itemsize
    values = file.read(count * width)
    if len(values) != count * width:
        raise EOFError("it ends within its values")
    return np.frombuffer(values, code)


def _view(storage: Values, tensor: _Tensor) -> Values:
    import numpy as np

    reach = tensor.offset + sum((n - 1) * step for n, step in zip(tensor.shape, tensor.stride, strict=True))
    if min(tensor.shape, default=1) < 1 or min(tensor.stride, default=0) < 0 or not 0 <= reach < storage.size:
        raise ValueError("a tensor reaches beyond its storage")
    steps = [step * storage.itemsize for step in tensor.stride]
    return np.lib.stride_tricks.as_strided(storage[tensor.offset :], tensor.shape, steps, writeable=False).copy()


def _tensor(storage: tuple[str, str], offset: int, shape: tuple[int, ...], stride: tuple[int, ...], *_: Any) -> _Tensor:  # noqa: ANN401
    return _Tensor(storage[0], storage[1], int(offset), tuple(map(int, shape)), tuple(map(int, stride)))


class _Restricted(pickle.Unpickler):
    """Knows the names that a checkpoint of tensors has, and no others."""

    def find_class(self, module: str, name: str) -> Any:  # noqa: ANN401  what a pickle names
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _tensor
        if module == "torch" and name in TYPES:
            return _Type(TYPES[name])
        raise pickle.UnpicklingError(f"it names {module}.{name}, which no tensor needs")

    def persistent_load(self, pid: Any) -> tuple[str, str]:  # noqa: ANN401  what a pickle holds
        kind, storage, key = pid[:3]
        if kind != "storage" or not isinstance(storage, _Type):
            raise pickle.UnpicklingError("a storage of no known type")
        return str(key), storage.code
