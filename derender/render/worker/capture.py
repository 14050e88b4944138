"""Catching pictures where they leave a program, by hooks on the libraries it draws with; its text is never touched."""

import importlib.abc
import importlib.util
import os
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import TYPE_CHECKING, Any, Protocol

from .journal import Journal, now_ns
from .png import Packed, pack

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Target:
    """What a picture is saved to.

    Attributes:
        key: equal for pictures of which the later replaces the earlier.
        name: what the picture is called.
        rank: ``file``, ``buffer``, ``shown`` or ``open``.
        path: the file, absolute, if it is one.
    """

    key: str
    name: str
    rank: str
    path: str | None = None

    @classmethod
    def of_file(cls, path: str, *, page: int = 1) -> "Target":
        """A file, or a page of one."""
        whole = os.path.abspath(path)
        stem, suffix = os.path.splitext(os.path.basename(path))
        name = f"{stem}{suffix}" if page == 1 else f"{stem}-{page}{suffix}"
        return cls(f"file:{page}:{whole}", name, "file", whole)


class Board:
    """Where all hooks bring what they caught. Made in the warm parent, opened in each program's process."""

    def __init__(self) -> None:
        self._journal: Journal | None = None
        self.max_pixels = 0
        self._buffers = 0
        self._quiet = 0
        self._drawing = 0
        self.files: dict[str, int] = {}
        self.contents: dict[tuple[int, int], str] = {}
        self.taken = 0
        self.saved = 0

    def open(self, journal: Journal, max_pixels: int) -> None:
        """Begin to write down what is caught."""
        self._journal = journal
        self.max_pixels = max_pixels

    @property
    def journal(self) -> Journal:
        """Where claims are written."""
        if self._journal is None:
            raise RuntimeError("no program is running")
        return self._journal

    @property
    def catching(self) -> bool:
        """Whether a picture saved now is the program's own doing and no library's inner step."""
        return self._journal is not None and self._quiet == 0

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """Let pictures pass uncaught for a while."""
        self._quiet += 1
        try:
            yield
        finally:
            self._quiet -= 1

    @contextmanager
    def drawing(self) -> Iterator[None]:
        """While a figure is saved, let images that the library saves on the way pass uncaught."""
        self._drawing += 1
        try:
            yield
        finally:
            self._drawing -= 1

    @property
    def catching_images(self) -> bool:
        """Whether an image saved now is no part of a figure that is being saved."""
        return self.catching and self._drawing == 0

    def target(self, saved_to: object, *, page: int = 1) -> Target:
        """What a program saved to: a path, an open file, or any other object that takes bytes."""
        if isinstance(saved_to, os.PathLike):
            saved_to = os.fspath(saved_to)
        named = saved_to if isinstance(saved_to, str | bytes) else getattr(saved_to, "name", None)
        if isinstance(named, bytes):
            named = os.fsdecode(named)
        if isinstance(named, str) and named:
            return Target.of_file(named, page=page)
        self._buffers += 1
        return Target(f"buffer:{self._buffers}", f"buffer-{self._buffers}.png", "buffer")

    def picture(
        self, target: Target, pixels: "NDArray[np.uint8]", texts: list[str] | None, *, at: int | None = None
    ) -> None:
        """Catch an array of pixels, saved now or ``at`` some time of the file clock."""
        height, width = pixels.shape[:2]
        if width * height <= self.max_pixels:
            self.packed(target, pack(pixels), texts, at=at)
            return
        self._note(target)
        self.journal.oversize(target.name, width, height)

    def packed(self, target: Target, packed: Packed, texts: list[str] | None, *, at: int | None = None) -> None:
        """Catch a picture that is packed already."""
        self._note(target)
        about = {"name": target.name, "texts": texts, "at": at or now_ns()}
        self.journal.picture(target.key, target.rank, packed, about)

    def deferred(self, target: Target, content: bytes, about: dict[str, Any]) -> None:
        """Catch a figure that another worker will draw."""
        self._note(target)
        self.journal.deferred(target.key, target.rank, content, {"name": target.name, "at": now_ns(), **about})

    def wrote(self, target: Target, content: bytes) -> None:
        """Remember the bytes a picture was saved as, to know them again in another file."""
        self.contents[(len(content), zlib.crc32(content))] = target.key

    def _note(self, target: Target) -> None:
        self.taken += 1
        self.saved += target.rank in ("file", "buffer")
        if target.path:
            self.files[target.path] = now_ns()


class Hooks(Protocol):
    """The hooks on one library."""

    module: str
    """The module after whose import they are put in place."""

    def install(self) -> None:
        """Put them in place; once, right after the import."""

    def finish(self) -> None:
        """At the program's end, catch what it drew and never saved."""


def replace(owner: object, **names: object) -> None:
    """Put others in the place of a module's or class's own names."""
    for name, value in names.items():
        setattr(owner, name, value)


def when_imported(module: str, install: Callable[[], None]) -> None:
    """Run ``install`` now if a module is imported already, else right after it will be."""
    if module in sys.modules:
        install()
        return
    sys.meta_path.insert(0, _Finder(module, install))


class _Finder(importlib.abc.MetaPathFinder):
    """Finds nothing by itself: lets the others find the awaited module, and makes its loader call back."""

    def __init__(self, module: str, install: Callable[[], None]) -> None:
        self._module = module
        self._install = install

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != self._module:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(fullname)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader, self._install)
        return spec


class _Loader(importlib.abc.Loader):
    def __init__(self, inner: Any, install: Callable[[], None]) -> None:
        self._inner = inner
        self._install = install

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        module: ModuleType | None = self._inner.create_module(spec)
        return module

    def exec_module(self, module: ModuleType) -> None:
        self._inner.exec_module(module)
        if module.__spec__ is not None:
            module.__spec__.loader = self._inner
        module.__loader__ = self._inner
        self._install()
