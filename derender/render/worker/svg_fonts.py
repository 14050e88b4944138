"""The fonts SVG text is drawn with: a fixed choice of files, and what stands in for the families people name.

resvg knows no substitutes, so that names of families are rewritten: those of the metric-compatible fonts take the place
of the well-known ones. Fonts for further scripts are loaded when the text has need of them.
"""

import re
from functools import cache
from pathlib import Path

FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
SANS, SERIF, MONO = "Liberation Sans", "Liberation Serif", "Liberation Mono"

_STANDS_FOR = {
    SANS: """
        arial, helvetica, helvetica neue, arimo, nimbus sans, nimbus sans l, segoe ui, tahoma, trebuchet ms, ubuntu,
        cantarell, calibri, carlito, roboto, inter, open sans, lato, montserrat, poppins, source sans pro, noto sans,
        arial unicode ms, arial black, san francisco, sf pro, sf pro display, sf pro text, lucida grande,
        lucida sans unicode, lucida sans, gill sans, futura, impact, system-ui, ui-sans-serif, -apple-system,
        blinkmacsystemfont, century gothic, franklin gothic medium, optima, avenir, geneva
        """,
    "Liberation Sans Narrow": "arial narrow",
    SERIF: """
        times new roman, times, tinos, georgia, garamond, cambria, caladea, palatino, palatino linotype, book antiqua,
        baskerville, nimbus roman, nimbus roman no9 l, noto serif, ui-serif, playfair display, merriweather, cmr10,
        computer modern, latin modern roman
        """,
    MONO: """
        courier new, courier, cousine, consolas, monaco, menlo, sf mono, source code pro, fira code, fira mono,
        jetbrains mono, lucida console, nimbus mono l, nimbus mono ps, roboto mono, ubuntu mono, ui-monospace,
        andale mono, cascadia code
        """,
    "DejaVu Sans": "verdana, bitstream vera sans, dejavusans",
    "DejaVu Sans Mono": "bitstream vera sans mono",
}
_SUBSTITUTES = {" ".join(name.split()): ours for ours, names in _STANDS_FOR.items() for name in names.split(",")}
_STEMS = {
    "LiberationSansNarrow": "Liberation Sans Narrow",
    "LiberationSans": SANS,
    "LiberationSerif": SERIF,
    "LiberationMono": MONO,
    "DejaVuSansMono": "DejaVu Sans Mono",
    "DejaVuSansCondensed": "DejaVu Sans",
    "DejaVuSerifCondensed": "DejaVu Serif",
    "DejaVuSans": "DejaVu Sans",
    "DejaVuSerif": "DejaVu Serif",
}
"""How the names of files begin, and the family they are of, condensed faces included; longer beginnings first."""
_DECLARATION = re.compile(r"(?i)(?<![\w-])(font(?:-family)?\s*:)([^;}]*)")
_LONGEST_FIRST = "|".join(re.escape(name) for name in sorted(_SUBSTITUTES, key=len, reverse=True))
_NAMES = re.compile(rf"(?i)(?<![\w-])({_LONGEST_FIRST})(?=\s*(?:[,;!'\"}}&]|$))")
_EMOJI = re.compile("[\U0001f000-\U0001faff\ufe0f\u20e3]")
_CJK = re.compile(
    "[\u1100-\u11ff\u2e80-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff]"
)
_COVERED = re.compile("[\u0000-\u052f\u1d00-\u2bff\ua640-\ua69f\ua700-\ua7ff\ufb00-\ufb06\ufe00-\ufe0f\ufffd]*")
"""What Liberation and DejaVu draw: Latin, Greek, Cyrillic, punctuation, arrows, mathematics, symbols."""


def substitute_families(value: str) -> str:
    """The value of a ``font-family`` property with the families we have in the place of well-known ones."""
    return _NAMES.sub(lambda match: _SUBSTITUTES[match[1].lower()], value)


def substitute_in_css(css: str) -> str:
    """The same for every font declaration in a piece of CSS."""
    if "font" not in css:
        return css
    return _DECLARATION.sub(lambda match: match[1] + substitute_families(match[2]), css)


def files_for(text: str, document: str | None = None) -> list[str]:
    """The font files to draw a text with, in the order in which they are looked through.

    Args:
        text: what is drawn.
        document: all that may name a family; None for any family of ours.
    """
    if not text.strip():
        return []
    if document is not None and text.isascii() and _by_family().get(SERIF):
        # Every family has these letters, so that those not named are never looked at: loading one takes 2 ms.
        return _named(document.lower())
    base, dejavu, cjk, emoji, others = _installed()
    rest = _EMOJI.sub("", _CJK.sub("", text))
    wanted = list(base)
    if _EMOJI.search(text):
        wanted += emoji
    wanted += dejavu
    if _CJK.search(text):
        wanted += cjk
    if not _COVERED.fullmatch(rest):
        wanted += others
    return wanted


def _named(document: str) -> list[str]:
    """The files of the families a document names, in small letters, and of the one for text that names none."""
    generic = {SANS: ("sans-serif", "fantasy"), MONO: ("monospace",)}
    wanted = []
    for family, files in _by_family().items():
        if family == SERIF or any(name in document for name in (family.lower(), *generic.get(family, ()))):
            wanted += files
    return wanted


@cache
def _by_family() -> dict[str, list[str]]:
    """The files of Liberation and DejaVu by family, in the order of `_installed`."""
    base, dejavu, *_ = _installed()
    families: dict[str, list[str]] = {}
    for path in (*base, *dejavu):
        family = next((name for stem, name in _STEMS.items() if Path(path).stem.startswith(stem)), None)
        if family:
            families.setdefault(family, []).append(path)
    return families


@cache
def _installed() -> tuple[tuple[str, ...], ...]:
    found = sorted(path for folder in FOLDERS for path in folder.rglob("*.[toTO][tT][cfCF]"))
    groups: dict[str, list[Path]] = {"Liberation": [], "DejaVu": [], "CJK": [], "ColorEmoji": [], "Noto": []}
    for path in found:
        group = next(
            (name for name in ("CJK", "ColorEmoji", "Liberation", "DejaVu", "Noto") if name in path.name), None
        )
        if group:
            groups[group].append(path)
    if not groups["Liberation"] and not groups["DejaVu"]:
        # Some other fonts are better than no text at all; the engine reports that ours are missing.
        groups["DejaVu"] = found
    return tuple(tuple(str(path) for path in sorted(paths, key=_rank)) for paths in groups.values())


def _rank(path: Path) -> tuple[bool, bool, str]:
    # A missing glyph is taken from the first file that has it: plain sans serif faces come first.
    return ("Regular" not in path.stem and path.stem != "DejaVuSans", "Sans" not in path.stem, path.name)
