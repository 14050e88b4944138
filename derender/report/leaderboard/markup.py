"""Elements of pages and of figures: text goes in as text, and colours as a pair, one for light pages, one for dark."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from html import escape
from typing import TypeAlias

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NARROW = frozenset("iljtfrI.,:;'|!()[] ·-/")
_WIDE = frozenset("mwMWQ%@—…")


class Medium(StrEnum):
    """Where markup is going to be seen."""

    PAGE = "page"
    """A page, light or dark as its reader wants it."""
    PAPER = "paper"
    """A file of its own, with dark ink on light ground."""


@dataclass(frozen=True, slots=True)
class Colour:
    """A colour.

    Attributes:
        light: on a light page and on paper, as ``#rrggbb``.
        dark: on a dark page.
    """

    light: str
    dark: str

    def on(self, medium: Medium) -> str:
        """As an attribute holds it."""
        return self.light if medium is Medium.PAPER else f"light-dark({self.light}, {self.dark})"


Value: TypeAlias = str | int | float | Colour | None
Child: TypeAlias = "Element | str | None"


@dataclass(frozen=True, slots=True)
class Element:
    """An element; an attribute or a child that is None is left out."""

    tag: str
    children: tuple[Child, ...]
    attributes: tuple[tuple[str, Value], ...]

    def written(self, medium: Medium = Medium.PAGE) -> str:
        """As markup that is both HTML and XML."""
        return "".join(self._parts(medium))

    def _parts(self, medium: Medium) -> Iterator[str]:
        yield f"<{self.tag}"
        for name, value in self.attributes:
            if value is not None:
                yield f' {name}="{escape(_plain(value, medium))}"'
        yield ">"
        for child in self.children:
            if isinstance(child, Element):
                yield from child._parts(medium)
            elif child is not None:
                yield escape(_clean(child))
        yield f"</{self.tag}>"


def el(tag: str, *children: Child, **attributes: Value) -> Element:
    """An element; ``class_`` is the attribute class, ``text_anchor`` is text-anchor."""
    named = ((name.rstrip("_").replace("_", "-"), value) for name, value in attributes.items())
    return Element(tag, children, tuple(named))


def _plain(value: str | int | float | Colour, medium: Medium) -> str:
    if isinstance(value, Colour):
        return value.on(medium)
    return f"{value:.6g}" if isinstance(value, float) else _clean(str(value))


def _clean(text: str) -> str:
    """What XML can hold of a text."""
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def width_of(text: str, size: float) -> float:
    """About how wide a text is in a sans-serif of a size; both in the same unit."""
    return size * sum(map(_share, text))


def _share(character: str) -> float:
    if unicodedata.combining(character):
        return 0.0
    if unicodedata.east_asian_width(character) in "WF":
        return 1.05
    if character in _NARROW:
        return 0.32
    return 0.9 if character in _WIDE else 0.68 if character.isupper() else 0.57


def shortened(text: str, size: float, room: float) -> str:
    """A text that is about as wide as there is room; its middle goes, as names differ at their ends."""
    if width_of(text, size) <= room:
        return text
    for kept in range(len(text) - 1, 1, -1):
        tail = kept // 2
        found = f"{text[: kept - tail].rstrip()}…{text[len(text) - tail :].lstrip()}"
        if width_of(found, size) <= room:
            return found
    return "…"
