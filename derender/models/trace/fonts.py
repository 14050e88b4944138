"""The typefaces a picture's words are compared with: their files, their measures, their ink."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ._arrays import Floats

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "/Library/Fonts", "C:/Windows/Fonts")
_EM = 1000


@dataclass(frozen=True, slots=True)
class Style:
    """How a family is named in a program.

    Attributes:
        family: its name.
        generic: the CSS fallback.
        bold: whether heavy.
        italic: whether slanted.
    """

    family: str
    generic: str = "sans-serif"
    bold: bool = False
    italic: bool = False


_FILES = {
    "DejaVuSans": Style("DejaVu Sans"),
    "DejaVuSans-Bold": Style("DejaVu Sans", bold=True),
    "DejaVuSans-Oblique": Style("DejaVu Sans", italic=True),
    "LiberationSans-Regular": Style("Liberation Sans"),
    "LiberationSans-Bold": Style("Liberation Sans", bold=True),
    "LiberationSans-Italic": Style("Liberation Sans", italic=True),
    "LiberationSerif-Regular": Style("Liberation Serif", "serif"),
    "LiberationSerif-Bold": Style("Liberation Serif", "serif", bold=True),
    "LiberationSerif-Italic": Style("Liberation Serif", "serif", italic=True),
    "LiberationSerif-BoldItalic": Style("Liberation Serif", "serif", bold=True, italic=True),
    "DejaVuSerif": Style("DejaVu Serif", "serif"),
    "DejaVuSerif-Bold": Style("DejaVu Serif", "serif", bold=True),
    "DejaVuSerif-Italic": Style("DejaVu Serif", "serif", italic=True),
    "DejaVuSansMono": Style("DejaVu Sans Mono", "monospace"),
    "DejaVuSansMono-Bold": Style("DejaVu Sans Mono", "monospace", bold=True),
    "LiberationMono-Regular": Style("Liberation Mono", "monospace"),
    "LiberationMono-Bold": Style("Liberation Mono", "monospace", bold=True),
    "LiberationSansNarrow-Regular": Style("Liberation Sans Narrow"),
    "NotoSansCJK-Regular": Style("Noto Sans CJK SC"),
    "NotoSansCJK-Bold": Style("Noto Sans CJK SC", bold=True),
}


@dataclass(frozen=True, slots=True)
class Extent:
    """Ink box and advance of a string at size 1, relative to its pen position on the baseline; y grows downwards."""

    left: float
    top: float
    right: float
    bottom: float
    advance: float

    @property
    def width(self) -> float:
        """Of the ink."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Of the ink."""
        return self.bottom - self.top


@dataclass(frozen=True, eq=False)
class Face:
    """One font file.

    Attributes:
        style: its name in programs.
        path: the file.
        index: which font of a collection.
    """

    style: Style
    path: Path
    index: int = 0
    _fonts: dict[tuple[float, bool], "FreeTypeFont"] = field(default_factory=dict, repr=False)
    _glyphs: dict[tuple[str, float], tuple[Floats, int, int, float]] = field(default_factory=dict, repr=False)
    _lines: dict[tuple[str, float], tuple[Floats, float, float]] = field(default_factory=dict, repr=False)
    _kernings: dict[str, float] = field(default_factory=dict, repr=False)
    _extents: dict[str, Extent] = field(default_factory=dict, repr=False)

    @property
    def cjk(self) -> bool:
        """Whether the face holds Chinese, Japanese and Korean."""
        return "CJK" in self.style.family

    def extent(self, text: str) -> Extent:
        """Measures of a string at size 1."""
        if text not in self._extents:
            font = self._at(_EM)
            left, top, right, bottom = font.getbbox(text, anchor="ls")
            numbers = (left, top, right, bottom, font.getlength(text))
            self._extents[text] = Extent(*(number / _EM for number in numbers))
        return self._extents[text]

    def ink(self, text: str, size: float) -> tuple[Floats, float, float]:
        """Coverage 0..1 of a string drawn at a size, and where the array's corner lies from the pen position."""
        mask, (left, top) = self._at(size).getmask2(text, mode="L", anchor="ls")
        width, height = mask.size
        if not width or not height:
            return np.zeros((1, 1), np.float32), 0.0, 0.0
        pixels = np.frombuffer(bytes(mask), np.uint8).reshape(height, width)
        return pixels.astype(np.float32) / 255, left, top

    def hinted_ink(self, text: str, size: float) -> tuple[Floats, float, float]:
        """As `ink`, drawn as Matplotlib does: hinted glyphs, whole-pixel advances, kerning not rounded."""
        key = (text, round(size, 2))
        if key in self._lines:
            return self._lines[key]
        width = int((self.extent(text).advance * 1.2 + 2) * size) + len(text)
        baseline, pen, previous = round(size * 1.3), size * 0.5, ""
        canvas = np.zeros((int(size * 2), width), np.float32)
        for char in text:
            pen += self._kerning(previous + char) * size if previous else 0.0
            mask, left, top, advance = self._glyph(char, size)
            x, share = int(pen) + left, pen % 1
            rows = slice(max(0, baseline + top), baseline + top + mask.shape[0])
            for offset, part in ((0, 1 - share), (1, share)):
                region = canvas[rows, max(0, x + offset) : x + offset + mask.shape[1]]
                region += mask[: region.shape[0], : region.shape[1]] * part
            pen, previous = pen + advance, char
        if len(self._lines) > 500:
            self._lines.clear()
        self._lines[key] = (np.minimum(canvas, 1.0), -size * 0.5, -baseline)
        return self._lines[key]

    def _glyph(self, char: str, size: float) -> tuple[Floats, int, int, float]:
        key = (char, round(size, 2))
        if key not in self._glyphs:
            font = self._at(size, basic=True)
            mask, (left, top) = font.getmask2(char, mode="L", anchor="ls")
            width, height = mask.size
            pixels = np.frombuffer(bytes(mask), np.uint8).reshape(height, width).astype(np.float32) / 255
            self._glyphs[key] = (pixels, int(left), int(top), font.getlength(char))
        return self._glyphs[key]

    def _kerning(self, pair: str) -> float:
        if pair not in self._kernings:
            lengths = [self._at(_EM).getlength(part) for part in (pair, pair[0], pair[1])]
            self._kernings[pair] = (lengths[0] - lengths[1] - lengths[2]) / _EM
        return self._kernings[pair]

    def covers(self, text: str) -> bool:
        """Whether the face is one that such a text is set in: Chinese, Japanese and Korean have their own."""
        return self.cjk == any(ord(char) > 0x2E7F for char in text)

    def _at(self, size: float, *, basic: bool = False) -> "FreeTypeFont":
        from PIL import ImageFont

        key = (round(size, 2), basic)
        if key not in self._fonts:
            if len(self._fonts) > 200:
                self._fonts.clear()
            engine = ImageFont.Layout.BASIC if basic else None
            self._fonts[key] = ImageFont.truetype(str(self.path), key[0], index=self.index, layout_engine=engine)
        return self._fonts[key]


@cache
def faces() -> tuple[Face, ...]:
    """Every face this machine has, in order of preference."""
    found = {}
    for path in _font_files():
        style = _FILES.get(path.stem)
        if style and style not in found:
            found[style] = Face(style, path, 2 if path.suffix.lower() == ".ttc" else 0)
    return tuple(found[style] for style in _FILES.values() if style in found)


def _font_files() -> Iterator[Path]:
    folders = list(_FOLDERS)
    matplotlib = find_spec("matplotlib")
    if matplotlib and matplotlib.origin:
        folders.append(str(Path(matplotlib.origin).parent / "mpl-data" / "fonts" / "ttf"))
    for folder in folders:
        for parent, _, names in os.walk(folder):
            yield from (Path(parent, name) for name in names if name.lower().endswith((".ttf", ".otf", ".ttc")))
