"""What is observed of one side of a comparison.

A `Fact` is one kind of observation; `Facts` is one picture, or one program and its picture, seen through them: it
observes each fact when it is first asked for and keeps it, so that a reference compared with a thousand candidates is
looked at once. Metrics and other facts ask with ``facts[grey]``; the answer has the fact's own type.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast, overload

from derender.core import DerenderError, Failure, FailureKind, Program, Rendering

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from derender.render import Engine, RenderOptions

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
        of_program: whether it is read from the program and not from its picture, so that a program which failed has it.
        pictures_too: whether a side that is a picture alone has it as well, ``of_program`` or not.
        weights: the models it needs, by the names their makers gave them.
        tools: the packages and system programs it needs beside derender's own.
        batch: observes many sides at once where that is quicker, in order; an error stands in the place of a value.
    """

    name: str
    observe: Callable[[Facts], T]
    at_hand: Callable[[Facts], bool] = lambda _: True
    of_program: bool = False
    pictures_too: bool = False
    weights: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    batch: Callable[[Sequence[Facts]], Sequence[T | DerenderError]] | None = None


@overload
def fact(observe: Callable[[Facts], T]) -> Fact[T]: ...


@overload
def fact(
    *, of_program: bool = False, weights: tuple[str, ...] = (), tools: tuple[str, ...] = ()
) -> Callable[[Callable[[Facts], T]], Fact[T]]: ...


def fact(
    observe: Callable[[Facts], T] | None = None,
    *,
    of_program: bool = False,
    weights: tuple[str, ...] = (),
    tools: tuple[str, ...] = (),
) -> Fact[T] | Callable[[Callable[[Facts], T]], Fact[T]]:
    """Make a function a fact of the same name, one that is always at hand; see `Fact` for the rest."""

    def made(function: Callable[[Facts], T]) -> Fact[T]:
        return Fact(function.__name__, function, of_program=of_program, weights=weights, tools=tools)

    return made if observe is None else made(observe)


class Facts:
    """One side of a comparison. Safe to share between threads; each fact is observed once.

    Give it pixels to load, a program, or a rendering with the program that it is of.

    Attributes:
        program: what drew the picture; None where only the picture is known.
        name: the file's name as it was given, for what a paper's code reads from it; None where there is none.
        original: the source before the edit that this program is the result of; None where there was no edit.
    """

    def __init__(
        self,
        load: Callable[[], Bytes] | None = None,
        *,
        texts: tuple[str, ...] | None = None,
        failure: Failure | None = None,
        program: Program | None = None,
        rendering: Rendering | None = None,
        name: str | None = None,
        original: str | None = None,
        engine: Engine | None = None,
    ) -> None:
        self.program = program if rendering is None else rendering.program
        self.name = name
        self.original = original
        self._texts = texts
        self._failure = failure
        self._rendering = rendering
        self._engine = engine
        self._load = load
        self._known: dict[Fact[Any], Any] = {}
        self._resized: dict[tuple[int, int], Facts] = {}
        self._lock = threading.RLock()

    def __getitem__(self, wanted: Fact[T]) -> T:
        with self._lock:
            if wanted not in self._known:
                try:
                    self._known[wanted] = wanted.observe(self)
                except DerenderError as error:
                    self._known[wanted] = error
            known = self._known[wanted]
        if isinstance(known, DerenderError):
            raise known
        return cast("T", known)

    def known(self, wanted: Fact[Any]) -> bool:
        """Whether a fact was observed already."""
        return wanted in self._known

    def keep(self, wanted: Fact[T], value: T | DerenderError) -> None:
        """Keep what was observed elsewhere, or the reason why it can't be."""
        with self._lock:
            self._known.setdefault(wanted, value)

    def at(self, wanted: tuple[int, int]) -> Facts:
        """The same picture at another size (width, height); itself where it has that size already."""
        if self[size] == wanted:
            return self
        with self._lock:
            if wanted not in self._resized:
                self._resized[wanted] = Facts(
                    lambda: resize(self[rgb], wanted),
                    texts=self.texts,
                    program=self.program,
                    name=self.name,
                    original=self.original,
                    engine=self._engine,
                )
            return self._resized[wanted]

    @property
    def source(self) -> str:
        """The program's text.

        Raises:
            Unscorable: only a picture is known.
        """
        if self.program is None:
            raise Unscorable(f"{self.name or 'this side'} is a picture, and programs are compared here")
        return self.program.source

    @property
    def texts(self) -> tuple[str, ...] | None:
        """What the renderer knows it drew, see `Picture.texts`; None where nobody knows."""
        if self._load is None and self.program is not None:
            picture = self.rendering().picture
            return picture.texts if picture else None
        return self._texts

    @property
    def failure(self) -> Failure | None:
        """Why there is no picture, when there is none; a program is rendered to know."""
        if self._load is not None or self.program is None:
            return self._failure
        rendering = self.rendering()
        if rendering.failure is None and rendering.picture is None:
            return Failure(FailureKind.NO_PICTURE, "the program drew nothing")
        return rendering.failure

    def rendering(self) -> Rendering:
        """What the program drew; rendered when first asked for.

        Raises:
            Unscorable: only a picture is known.
        """
        with self._lock:
            if self._rendering is None:
                if self.program is None:
                    raise Unscorable(f"{self.name or 'this side'} is a picture, and programs are compared here")
                self._rendering = self.render(self.program)
            return self._rendering

    @property
    def rendered(self) -> bool:
        """Whether the program was rendered already."""
        return self._rendering is not None

    def render(self, program: Program, options: RenderOptions | None = None) -> Rendering:
        """What any program draws, such as one derived from this side's."""
        return self.engine.render(program, options)

    @property
    def engine(self) -> Engine:
        """What renders this side's programs: the one it was observed with, else this process's own."""
        if self._engine is None:
            from derender.render import shared_engine

            return shared_engine()
        return self._engine

    def load(self) -> Bytes:
        """The pixels, read from where they are.

        Raises:
            Unscorable: there is no picture.
            BadPicture: the source is none.
        """
        if self._load is not None:
            return self._load()
        failure = self.failure
        if self.program is None or failure is not None:
            raise Unscorable(f"there is no picture: {failure.message if failure else 'none was given'}")
        from derender.core.pictures import flatten, read_picture

        picture = self.rendering().pictures[0]
        return flatten(read_picture(picture.png))


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
