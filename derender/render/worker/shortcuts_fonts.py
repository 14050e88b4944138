"""Searches for fonts that Matplotlib repeats, made once, and fonts read from memory. Not one pixel changes.

The file of a font is looked for among hundreds for every size a program uses, though a scalable face serves them all,
and the list of a text's fallback fonts is put together anew each time the text is measured or drawn. FreeType reads a
font by a call into Python and three into the kernel for every few bytes, a thousand times a chart.
"""

import builtins
import functools
import io
import os
import types
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .capture import replace

if TYPE_CHECKING:
    from matplotlib.font_manager import FontManager, FontProperties

_LISTS = 2000
_LARGE = 4 << 20
"""Bytes beyond which a font stays in its file: those for Chinese take 20 MB each, and few programs need them."""
_LISTS_OF_FAMILIES = ("font.serif", "font.sans-serif", "font.cursive", "font.fantasy", "font.monospace")
_SETTINGS = ("font.family", "font.style", "font.variant", "font.weight", "font.stretch", *_LISTS_OF_FAMILIES)
"""What a search depends on beside the properties asked for."""


def remember_found_fonts() -> None:
    """Put all shortcuts in place; once, after the fonts of last resort are appended, before a font is opened."""
    _read_fonts_from_memory()
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


class _FontFile(io.BytesIO):
    """A font in memory, which says its file's name as the opened file would."""

    name = ""


def _read_fonts_from_memory() -> None:
    from matplotlib import font_manager, ft2font

    real_open = open
    make: Callable[..., Any] = ft2font.FT2Font

    @functools.cache
    def content(path: str, written_ns: int, size: int) -> bytes:
        with real_open(path, "rb") as file:
            return file.read()

    def open_font(path: Any, *args: Any, **kwargs: Any) -> Any:
        about = os.stat(path) if args == ("rb",) and not kwargs and isinstance(path, str) else None
        if about is None or about.st_size > _LARGE:
            return real_open(path, *args, **kwargs)
        file = _FontFile(content(path, about.st_mtime_ns, about.st_size))
        file.name = path
        return file

    @functools.wraps(make)
    def font(filename: Any, *args: Any, **kwargs: Any) -> Any:
        if not isinstance(filename, str | os.PathLike):
            return make(filename, *args, **kwargs)
        # Matplotlib's releases differ in where they look `open` up.
        owners = [owner for owner in (io, builtins) if owner.open is real_open]
        for owner in owners:
            replace(owner, open=open_font)
        try:
            return make(os.fspath(filename), *args, **kwargs)
        finally:
            for owner in owners:
                replace(owner, open=real_open)

    stand_in = types.ModuleType(ft2font.__name__)
    stand_in.__dict__.update(ft2font.__dict__, FT2Font=font)
    replace(font_manager, ft2font=stand_in)
