"""Fonts of last resort for Matplotlib: glyphs the chosen font lacks are drawn from these, all others as before.

Matplotlib looks for missing glyphs in the further families of a text's font list only. Appending here, where a font
list becomes files, serves every text whatever families a program sets, and changes no glyph its own font has.
"""

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.font_manager import FontEntry, FontManager, FontProperties

LAST_RESORTS = (
    "Noto Sans CJK SC",
    "Noto Sans Symbols 2",
    "Noto Sans Symbols2",
    "Noto Sans Devanagari",
    "Noto Sans Thai",
)
_BOLD = 600


def append_last_resorts() -> None:
    """Let Matplotlib fall back on the fonts of last resort that this machine has."""
    from matplotlib.font_manager import FontManager

    original = getattr(FontManager, "_find_fonts_by_props", None)
    if original is not None:
        setattr(FontManager, "_find_fonts_by_props", _with_last_resorts(original))  # noqa: B010 - not ours to assign to


def _with_last_resorts(original: Callable[..., list[object]]) -> Callable[..., list[object]]:
    from matplotlib.font_manager import fontManager

    faces = [font for font in fontManager.ttflist if font.name in LAST_RESORTS and font.style == "normal"]
    families = [family for family in LAST_RESORTS if any(face.name == family for face in faces)]

    @functools.cache
    def last_resorts(bold: bool) -> list[object]:
        return [_face(faces, family, bold) for family in families]

    @functools.wraps(original)
    def find(
        manager: "FontManager", prop: "FontProperties", fontext: str = "ttf", *args: object, **kwargs: object
    ) -> list[object]:
        found = original(manager, prop, fontext, *args, **kwargs)
        if fontext != "ttf":
            return found
        bold = hasattr(prop, "get_weight") and _number(prop.get_weight()) >= _BOLD
        return [*found, *(font for font in last_resorts(bold) if font not in found)]

    return find


def _face(faces: "list[FontEntry]", family: str, bold: bool) -> object:
    """The file of a family's regular or bold face; the nearest where it has no such."""
    from matplotlib.font_manager import FontProperties, fontManager

    wanted = 700 if bold else 400
    weights = [face.weight for face in faces if face.name == family]
    nearest = min(weights, key=lambda weight: abs(_number(weight) - wanted))
    return fontManager.findfont(FontProperties(family=family, weight=nearest))


def _number(weight: object) -> int:
    from matplotlib.font_manager import weight_dict

    return weight if isinstance(weight, int) else weight_dict.get(str(weight), 400)
