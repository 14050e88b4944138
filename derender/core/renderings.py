"""What running a program gave."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .failures import Failure
from .programs import Program

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture a program drew.

    Attributes:
        name: file name as the program saved it, else ``figure-1.png`` and so on; unique within a rendering.
        png: the picture as PNG bytes, whatever format the program chose.
        width: in pixels.
        height: in pixels.
        blank: whether every pixel has the same colour. A flag, not a failure.
        texts: the words the renderer knows it drew (artists, DOM, text elements), in drawing order, one entry per
            run of text; None where the renderer can't know.
    """

    name: str
    png: bytes
    width: int
    height: int
    blank: bool = False
    texts: tuple[str, ...] | None = None

    def image(self) -> "Image":
        """The picture as a PIL image."""
        from PIL import Image

        return Image.open(io.BytesIO(self.png))

    def save(self, path: str | Path) -> None:
        """Write the PNG to a file."""
        Path(path).write_bytes(self.png)


@dataclass(frozen=True, slots=True)
class Rendering:
    """What running a `Program` gave.

    Attributes:
        program: what was run.
        pictures: what was drawn, in the order saved; may hold partial work when there is a failure.
        failure: None when all went well.
        warnings: one sentence each: refused requests, console errors, external references left out.
        elapsed_s: wall seconds of the work, without waiting for a worker; of the original run when cached.
        cpu_s: processor seconds the program itself used.
        isolation: the layers that contained it, outermost first: ``bwrap``, ``netns``, ``landlock``, ``seccomp`` …
        fingerprint: everything else that could change a pixel: renderer, versions, fonts, seeds.
        cached: whether this came out of the content store.
        trace: what else the run told, where it was asked to: artists of a chart, places of a page's words. As much
            the program's own word as its pictures are. None where nothing was asked or nothing could be read.
    """

    program: Program
    pictures: tuple[Picture, ...] = ()
    failure: Failure | None = None
    warnings: tuple[str, ...] = ()
    elapsed_s: float = 0.0
    cpu_s: float = 0.0
    isolation: tuple[str, ...] = ()
    fingerprint: Mapping[str, str] = field(default_factory=dict)
    cached: bool = False
    trace: Mapping[str, Any] | None = None

    @property
    def ok(self) -> bool:
        """Whether the program ran to its end and drew at least one picture."""
        return self.failure is None

    @property
    def picture(self) -> Picture | None:
        """The first picture, or None."""
        return self.pictures[0] if self.pictures else None

    def image(self) -> "Image":
        """The first picture as a PIL image.

        Raises:
            ValueError: there is none; the message says why.
        """
        if self.picture is None:
            raise ValueError(self.failure.message if self.failure else "the rendering holds no picture")
        return self.picture.image()
