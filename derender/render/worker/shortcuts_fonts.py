"""Searches for fonts that Matplotlib repeats, made once. Not one pixel changes.

The file of a font is looked for among hundreds for every size a program uses, though a scalable face serves them all,
and the list of a text's fallback fonts is put together anew each time the text is measured or drawn.
"""

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .capture import replace

if TYPE_CHECKING:
    from matplotlib.font_manager import FontManager, FontProperties

_LISTS = 2000
_LISTS_OF_FAMILIES = ("font.serif", "font.sans-serif", "font.cursive", "font.fantasy", "font.monospace")
_SETTINGS = ("font.family", "font.style", "font.variant", "font.weight", "font.stretch", *_LISTS_OF_FAMILIES)
"""What a search depends on beside the properties asked for."""


def remember_found_fonts() -> None:
    """Put both shortcuts in place; once, after the fonts of last resort are appended."""
    _look_once_for_all_sizes()
    _remember_fallback_lists()


def _look_once_for_all_sizes() -> None:
    from matplotlib.font_manager import FontManager, FontProperties

    original = getattr(FontManager, "_findfont_cached", None)
    if original is None:
        return
    scalable: dict[tuple[int, int], bool] = {}

    @functools.wraps(original)
    def find(manager: "FontManager", prop: object, *args: Any) -> object:
        if not isinstance(prop, FontProperties) or not args:
            return original(manager, prop, *args)
        counts = len(manager.ttflist), len(manager.afmlist)
        if counts not in scalable:
            lists = manager.ttflist, manager.afmlist
            scalable[counts] = all(font.size == "scalable" for fonts in lists for font in fonts)
        if not scalable[counts]:
            return original(manager, prop, *args)
        # A scalable face is as good a match at any size, so that neither the size asked for nor the setting decides.
        *rest, settings = args
        unsized = prop.copy()
        unsized.set_size(10)
        # Older Matplotlibs name the lists of families alone.
        others = (*settings[:5], 10, *settings[6:]) if len(settings) > len(_LISTS_OF_FAMILIES) else settings
        return original(manager, unsized, *rest, others)

    for name in ("cache_clear", "cache_info"):
        replace(find, **{name: getattr(original, name)})
    replace(FontManager, _findfont_cached=find)


def _remember_fallback_lists() -> None:
    import matplotlib
    from matplotlib.font_manager import FontManager, FontProperties

    original: Callable[..., list[object]] | None = getattr(FontManager, "_find_fonts_by_props", None)
    if original is None:
        return
    known: dict[tuple[object, ...], tuple[object, ...]] = {}
    settings = [name for name in _SETTINGS if name in matplotlib.rcParams]

    @functools.wraps(original)
    def find(manager: "FontManager", prop: "FontProperties", *args: object, **kwargs: object) -> list[object]:
        if type(prop) is not FontProperties or kwargs:
            return original(manager, prop, *args, **kwargs)
        values: list[Any] = [dict.__getitem__(matplotlib.rcParams, name) for name in settings]
        decisive = [tuple(value) if isinstance(value, list) else value for value in values]
        key = (id(manager), len(manager.ttflist), hash(prop), *args, *decisive)
        found = known.get(key)
        if found is None:
            if len(known) >= _LISTS:
                known.clear()
            found = known[key] = tuple(original(manager, prop, *args))
        return list(found)

    replace(FontManager, _find_fonts_by_props=find)
