"""Models that PyTorch runs: where, how precisely, and from which files."""

from __future__ import annotations

import hashlib
import os
from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from derender.core import Missing, UserError

from ._embedder import Embedder
from ._facts import Unscorable
from ._preprocess import Preprocess, from_folder
from ._weights import HubModel

if TYPE_CHECKING:
    from torch import Tensor
    from torch import device as Device

    from ._embedder import Floats
    from ._facts import Bytes

DEVICE, PRECISION = "DERENDER_DEVICE", "DERENDER_PRECISION"
"""Environment variables: such as ``cuda:1`` or ``cpu`` (by default a GPU if there is one), and one of `PRECISIONS`."""
PRECISIONS = ("float32", "bfloat16", "float16")
EXTRA = "pip install 'derender[perceptual]'"
ENDS_BYTES = 1 << 20
"""How much of both ends of a file of weights tells it from others."""


def chosen_device() -> Device:
    """Where models run."""
    torch = pytorch()
    named = os.environ.get(DEVICE)
    found: Device = torch.device(named or ("cuda" if torch.cuda.is_available() else "cpu"))
    return found


def chosen_precision() -> str:
    """The floating-point type models run in: 32 bits unless asked otherwise, as the published scores were.

    Raises:
        UserError: a type is asked for that is none of `PRECISIONS`.
    """
    named = os.environ.get(PRECISION) or PRECISIONS[0]
    if named not in PRECISIONS:
        raise UserError(f"{PRECISION}={named} is none of {', '.join(PRECISIONS)}")
    return named


def pytorch() -> Any:  # noqa: ANN401  a module
    """The module ``torch``.

    Raises:
        Missing: it is not installed.
    """
    try:
        import torch
    except ImportError as error:
        raise Missing("PyTorch", EXTRA) from error
    return torch


def read_state(path: Path) -> dict[str, Tensor]:
    """The tensors of a file, by name; nothing else that it may hold is run or read."""
    state = pytorch().load(path, map_location="cpu", weights_only=True)
    return dict(state)


def fingerprint_of(path: Path) -> str:
    """What tells a file of weights, or a model's folder, from others: names, sizes and both ends of each file."""
    names = ("config.json", "*.safetensors", "pytorch_model*.bin")
    files = [path] if path.is_file() else sorted(file for name in names for file in path.glob(name))
    sum_ = hashlib.sha256()
    for file in files:
        size = file.stat().st_size
        sum_.update(f"{file.name} {size}\n".encode())
        with file.open("rb") as content:
            sum_.update(content.read(ENDS_BYTES))
            content.seek(max(0, size - ENDS_BYTES))
            sum_.update(content.read())
    return sum_.hexdigest()[:16]


class HubEmbedder(Embedder):
    """An embedder whose model comes in a folder of the Hugging Face hub and is run by transformers.

    Attributes:
        steps: the preparation where the folder has none.
    """

    def __init__(self, name: str, model: str, steps: Preprocess, *, own_steps: bool = False, batch: int = 16) -> None:
        super().__init__(name, (HubModel(model),), packages=("torch", "transformers"), batch=batch)
        self.steps = steps
        self._own_steps = own_steps

    @property
    def folder(self) -> Path:
        """The model's folder.

        Raises:
            MissingWeights: there is none.
        """
        return self.weights[0].find()

    @cached_property
    def fingerprint(self) -> str:
        """Model, weights, preparation and precision."""
        return f"{self.name} {fingerprint_of(self.folder)} {self.prepared_by} {self.precision}"

    @cached_property
    def precision(self) -> str:
        """The floating-point type the model runs in."""
        return chosen_precision()

    @cached_property
    def prepared_by(self) -> Preprocess:
        """The steps: the folder's own, unless this embedder insists on its."""
        return self.steps if self._own_steps else from_folder(self.folder, self.steps)

    def ready(self) -> None:
        """Load the model."""
        _ = self.fingerprint, self.model

    def prepare(self, pixels: Bytes) -> Floats:
        """By the steps."""
        return self.prepared_by(pixels)

    def forward(self, prepared: Floats) -> Floats:
        """Run the model on a batch."""
        torch = pytorch()
        model = self.model
        with torch.inference_mode():
            pixels = self.rounded(torch.from_numpy(prepared)).to(self.device, getattr(torch, self.precision))
            vectors: Floats = self.vectors(model, pixels).float().cpu().numpy()
        return vectors

    def rounded(self, pixels: Tensor) -> Tensor:
        """The pixels as they are given to the model."""
        return pixels

    @abstractmethod
    def load(self, transformers: Any, folder: Path) -> Any:  # noqa: ANN401  transformers' classes
        """The model of a folder."""

    @abstractmethod
    def vectors(self, model: Any, pixels: Tensor) -> Tensor:  # noqa: ANN401
        """What a batch (n x 3 x height x width) becomes."""

    @cached_property
    def device(self) -> Device:
        """Where the model runs."""
        return chosen_device()

    @cached_property
    def model(self) -> Any:  # noqa: ANN401  transformers' classes
        """The model, loaded when first asked for."""
        folder, torch = self.folder, pytorch()
        with transformers_quiet() as transformers:
            try:
                model = self.load(transformers, folder)
            except (OSError, RuntimeError, ValueError, KeyError) as error:
                reason = str(error).partition("\n")[0]
                raise Unscorable(f"{self.name}: the model in {folder} can't be loaded: {reason}") from error
        return model.to(self.device, getattr(torch, self.precision)).eval()


@contextmanager
def transformers_quiet() -> Iterator[Any]:
    """The module ``transformers``, its bars and its word on weights that a part of a model has no use for silenced.

    Raises:
        Missing: it is not installed.
    """
    if find_spec("transformers") is None:
        raise Missing("transformers", EXTRA)
    import transformers
    from transformers.utils import logging as typeless

    logging: Any = typeless
    before, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield transformers
    finally:
        logging.set_verbosity(before)
        if bars:
            logging.enable_progress_bar()
