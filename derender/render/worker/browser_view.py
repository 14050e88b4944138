"""What is asked of a page and what comes of it: how it is looked at, its picture, its warnings, its failure."""

from dataclasses import dataclass, field
from typing import Any

DEFAULT_SIZE = (1280, 720)
MAX_WARNINGS = 50
"""Warnings of one kind that are told one by one."""
MAX_SENTENCE = 4096
"""Characters of what a page says that are looked at."""


class PageFailed(Exception):
    """The page gives no picture; carries the failure's kind."""

    def __init__(self, kind: str, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.kind = kind
        self.detail = detail


@dataclass(frozen=True, slots=True)
class View:
    """How a page is looked at.

    Attributes:
        width: of the viewport, in CSS pixels.
        height: likewise.
        scale: device pixels per CSS pixel.
        background: CSS colour behind the page; None is white.
        full_page: whether the picture reaches to the page's end.
        pixels: the largest picture, width times height.
        trace: whether the places of its words are wanted too.
    """

    width: int = DEFAULT_SIZE[0]
    height: int = DEFAULT_SIZE[1]
    scale: float = 1.0
    background: str | None = None
    full_page: bool = True
    pixels: int = 64_000_000
    trace: bool = False

    def check(self, width: int, height: int) -> None:
        """See that a picture of this size, in CSS pixels, is allowed.

        Raises:
            PageFailed: it is too large.
        """
        # Written so that a scale that is no number is refused, too.
        if not width * height * self.scale**2 <= self.pixels:
            message = f"the page is {width}x{height} pixels; at most {self.pixels} are allowed"
            raise PageFailed("output_too_large", message)


@dataclass(frozen=True, slots=True)
class Shot:
    """A page's picture and its words, with their places where these are wanted."""

    png: bytes
    width: int
    height: int
    texts: list[str]
    places: list[list[Any]] | None = None


@dataclass(slots=True)
class Warnings:
    """Sentences about a page: each once, so many of a kind, in the order they came."""

    sentences: dict[str, None] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def tell(self, kind: str, text: str) -> None:
        """Take note of a warning."""
        short = " ".join(text[:MAX_SENTENCE].split())
        sentence = f"{kind}: {short if len(short) <= 160 else short[:157] + '...'}"
        if sentence in self.sentences:
            return
        self.counts[kind] = count = self.counts.get(kind, 0) + 1
        if count <= MAX_WARNINGS:
            self.sentences[sentence] = None
        else:
            self.sentences[f"{kind}: there were more than {MAX_WARNINGS}"] = None
