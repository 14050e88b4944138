"""Where the weights of models are looked for. Nothing here ever downloads.

Weights come in three forms: a model's folder as the Hugging Face hub lays it out, one file as PyTorch's own models have
it, and a file inside an installed Python package. The folder that ``DERENDER_WEIGHTS`` names comes first for all three;
then come the caches of the programs that usually bring them.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from derender.core import DerenderError, Missing

VARIABLE = "DERENDER_WEIGHTS"


class MissingWeights(Missing):
    """Weights that are nowhere on this machine; says where they were looked for and what brings them."""

    def __init__(self, name: str, places: Iterable[Path], get: str) -> None:
        looked = ", ".join(str(place) for place in places)
        # The parent's sentence would call them not installed, and leave out where they may lie.
        DerenderError.__init__(
            self,
            f"the weights {name} were not found: run `{get}`, or name their folder in {VARIABLE} (looked for {looked})",
        )
        self.what = f"weights {name}"
        self.install = get


class Weights(Protocol):
    """Weights by the name their makers gave them."""

    @property
    def name(self) -> str:
        """The name; unique."""

    def find(self) -> Path:
        """Where they are.

        Raises:
            MissingWeights: nowhere.
        """


@dataclass(frozen=True, slots=True)
class HubModel:
    """A model's folder: ``config.json``, weights as safetensors or ``pytorch_model.bin``, and what else there is.

    Looked for as ``$DERENDER_WEIGHTS/OWNER/MODEL``, then as the newest snapshot in the Hugging Face cache.
    """

    name: str

    def find(self) -> Path:
        """The model's folder."""
        for place in self._places():
            for folder in (place, *_snapshots(place)):
                if (folder / "config.json").is_file() and _has_weights(folder):
                    return folder
        raise MissingWeights(self.name, self._places(), f"hf download {self.name} --exclude '*.h5' '*.msgpack'")

    def _places(self) -> list[Path]:
        cached = "models--" + self.name.replace("/", "--")
        own = [folder for base in own_folder() for folder in (base / self.name, base / cached)]
        return [*own, hub_cache() / cached]


@dataclass(frozen=True, slots=True)
class WeightFile:
    """One file of weights, looked for in ``$DERENDER_WEIGHTS`` and where PyTorch keeps what it downloaded.

    Attributes:
        name: the file's.
        url: where the makers published it, by itself or in a ZIP file.
        otherwise: other names it may go by.
    """

    name: str
    url: str
    otherwise: tuple[str, ...] = ()

    def find(self) -> Path:
        """The file."""
        folders = (*own_folder(), torch_cache())
        places = [folder / name for folder in folders for name in (self.name, *self.otherwise)]
        for place in places:
            if place.is_file():
                return place
        raise MissingWeights(self.name, places, self._command())

    def _command(self) -> str:
        if self.url.endswith(".zip"):
            return f"curl -L -o weights.zip {self.url} && unzip weights.zip -d {torch_cache()}"
        return f"curl -L --create-dirs -o {torch_cache() / self.name} {self.url}"


@dataclass(frozen=True, slots=True)
class PackageFile:
    """A file inside an installed package, or beside the others in ``$DERENDER_WEIGHTS`` as ``PACKAGE/FILE``.

    Attributes:
        package: the name it is imported by; it is never imported.
        file: the file's path inside the package.
        install: the command that brings the package.
    """

    package: str
    file: str
    install: str

    @property
    def name(self) -> str:
        """Package and file."""
        return f"{self.package}/{self.file}"

    def find(self) -> Path:
        """The file."""
        spec = find_spec(self.package)
        folders = [Path(folder) for folder in (spec.submodule_search_locations or ())] if spec else []
        places = [*(folder / self.name for folder in own_folder()), *(folder / self.file for folder in folders)]
        for place in places:
            if place.is_file():
                return place
        raise MissingWeights(self.name, places or [Path(f"the package {self.package}")], self.install)


def at_hand(*weights: Weights) -> bool:
    """Whether all of them are on this machine; loads nothing."""
    try:
        return all(one.find() for one in weights)
    except MissingWeights:
        return False


def own_folder() -> tuple[Path, ...]:
    """The folder of ``DERENDER_WEIGHTS``, if that is set."""
    named = os.environ.get(VARIABLE)
    return (Path(named),) if named else ()


def hub_cache() -> Path:
    """Where Hugging Face's programs keep models."""
    if cache := os.environ.get("HF_HUB_CACHE"):
        return Path(cache)
    home = os.environ.get("HF_HOME")
    return (Path(home) if home else _user_cache() / "huggingface") / "hub"


def torch_cache() -> Path:
    """Where PyTorch keeps the weights it downloaded."""
    home = os.environ.get("TORCH_HOME")
    return (Path(home) if home else _user_cache() / "torch") / "hub" / "checkpoints"


def _user_cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME")
    return Path(base) if base else Path("~/.cache").expanduser()


def _snapshots(folder: Path) -> list[Path]:
    """The snapshots of a cached model, the one called main first, then the newest."""
    found = sorted((folder / "snapshots").glob("*/"), key=lambda path: path.stat().st_mtime, reverse=True)
    main = folder / "refs" / "main"
    wanted = main.read_text("utf-8").strip() if main.is_file() else ""
    return sorted(found, key=lambda path: path.name != wanted)


def _has_weights(folder: Path) -> bool:
    return any((folder / name).exists() for name in ("model.safetensors", "model.safetensors.index.json")) or any(
        (folder / name).exists() for name in ("pytorch_model.bin", "pytorch_model.bin.index.json")
    )
