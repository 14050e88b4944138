"""How large an SVG is: as it says itself, and as it is asked to be."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from .svg_failure import CannotDraw

DEFAULT = (300.0, 150.0)
"""What a browser takes for a picture that states no size at all."""
_LONGEST = 1e7

_UNITS = {
    "": 1.0,
    "px": 1.0,
    "pt": 96 / 72,
    "pc": 16.0,
    "in": 96.0,
    "cm": 96 / 2.54,
    "mm": 96 / 25.4,
    "q": 96 / 101.6,
    "em": 16.0,
    "rem": 16.0,
    "ex": 8.0,
    "ch": 8.0,
}
_LENGTH = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*([a-z]*)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Size:
    """A size in pixels, not rounded."""

    width: float
    height: float

    @property
    def pixels(self) -> float:
        """How many pixels it has."""
        return self.width * self.height


def natural_size(attributes: Mapping[str, str]) -> Size:
    """The size a root element's attributes state, the view box and the usual default filling what they leave out.

    Raises:
        CannotDraw: the size is zero or negative, or past all measure.
    """
    width, height = _length(attributes.get("width")), _length(attributes.get("height"))
    box = view_box(attributes)
    if width is None and height is None:
        width, height = box[2:] if box else DEFAULT
    elif width is None:
        width = height * box[2] / box[3] if box and height is not None else DEFAULT[0]
    elif height is None:
        height = width * box[3] / box[2] if box else DEFAULT[1]
    assert width is not None and height is not None
    if width <= 0 or height <= 0:
        raise CannotDraw("no_picture", f"the picture's size is {width:g}x{height:g}: there is nothing to draw")
    return _measured(width, height)


def asked_size(natural: Size, width: int | None, height: int | None) -> Size:
    """The size to draw at: one side alone keeps the proportions, both are taken as they are.

    Raises:
        CannotDraw: the other side is past all measure.
    """
    if width and height:
        return Size(width, height)
    if width:
        other = _measured(width, width * natural.height / natural.width).height
        return Size(width, max(1, round(other)))
    if height:
        other = _measured(height * natural.width / natural.height, height).width
        return Size(max(1, round(other)), height)
    return natural


def _measured(width: float, height: float) -> Size:
    if not max(width, height) <= _LONGEST:
        raise CannotDraw("output_too_large", f"the picture's size is {width:g}x{height:g}")
    return Size(width, height)


def view_box(attributes: Mapping[str, str]) -> tuple[float, float, float, float] | None:
    """The view box, if there is a usable one."""
    try:
        numbers = [float(each) for each in attributes.get("viewBox", "").replace(",", " ").split()]
    except ValueError:
        return None
    if len(numbers) != 4 or not all(map(math.isfinite, numbers)) or numbers[2] <= 0 or numbers[3] <= 0:
        return None
    return numbers[0], numbers[1], numbers[2], numbers[3]


def _length(text: str | None) -> float | None:
    match = _LENGTH.fullmatch(text or "")
    if match is None or match[2].lower() not in _UNITS:
        return None
    return float(match[1]) * _UNITS[match[2].lower()]
