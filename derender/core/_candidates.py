"""Stretches of a reply that may be the program, and the choice among them."""

import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ._looks import completeness, guess_language, parse_python
from .languages import Language

_MOST_REWRITTEN = 500_000
"""Longer texts are taken as they stand, so that a reply of any length costs little."""
_PROMPT = re.compile(r"[ \t]*(?:>>>|\.\.\.)(?: |$)")
_SVG_DOCUMENT = re.compile(r"(?:<\?xml[^<>]*>\s*)?<svg\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A stretch of a reply that may be the program.

    Attributes:
        source: the text as a program; differs from the reply's where it was indented, quoted or prompted.
        language: what it is written in; None when neither a tag nor its looks tell.
        start: where it begins in the reply.
        end: where it ends.
        place: where it was found, in words.
    """

    source: str
    language: Language | None
    start: int
    end: int
    place: str


def fitting(candidates: Iterable[Candidate], wanted: Language | None) -> list[Candidate]:
    """Those in the wanted language; else those whose language nothing tells, or an SVG cut out of a page."""
    candidates = list(candidates)
    known = [each for each in candidates if each.language is not None and wanted in {None, each.language}]
    if known or wanted is None:
        return known
    if wanted is Language.SVG:
        cut = [_cut_svg(each) for each in candidates if each.language is Language.HTML]
        if found := [each for each in cut if each is not None]:
            return found
    unknown = [each for each in candidates if each.language is None and completeness(each.source, wanted)]
    return [Candidate(each.source, wanted, each.start, each.end, each.place) for each in unknown]


def rating(candidate: Candidate) -> int:
    """How likely it is a whole program, 0 to 3."""
    return completeness(candidate.source, candidate.language) if candidate.language else 0


def best(candidates: Sequence[Candidate]) -> Candidate:
    """The most complete; of equals the last, because models correct themselves."""
    return max(reversed(candidates), key=rating)


def joined(candidates: Sequence[Candidate]) -> Candidate | None:
    """A Python program told in several parts, as in a notebook: the first imports, no other does, together they run.

    Only when no part is a program by itself; else the parts are versions or snippets and are never joined.
    """
    if len(candidates) < 2 or any(each.language is not Language.PYTHON or rating(each) > 1 for each in candidates):
        return None
    first, *rest = candidates
    source = "\n\n".join(each.source for each in candidates)
    if not _imports(first.source) or any(_imports(each.source) for each in rest) or parse_python(source) is None:
        return None
    place = f"{len(candidates)} fences joined, none of which is a program by itself"
    together = Candidate(source, Language.PYTHON, first.start, candidates[-1].end, place)
    return together if rating(together) == 3 else None


def without_indent(text: str, indent: int) -> str:
    """The lines without a margin of at most ``indent`` characters that all of them share."""
    if not indent or len(text) > _MOST_REWRITTEN:
        return text
    lines = text.split("\n")
    shared = min((len(line) - len(line.lstrip(" \t")) for line in lines if line.strip()), default=0)
    cut = min(indent, shared)
    return "\n".join(line[cut:] if line[:cut].isspace() else line for line in lines) if cut else text


def without_prompts(source: str) -> str:
    """An interpreter's session as the program that was typed: prompts and what was printed are left out."""
    if len(source) > _MOST_REWRITTEN or not source.lstrip().startswith(">>> "):
        return source
    typed = [line for line in textwrap.dedent(source).split("\n") if _PROMPT.match(line)]
    return "\n".join(line.lstrip()[4:].rstrip("\r") for line in typed)


def plain_spaces(source: str) -> str:
    """Python whose indentation holds no-break spaces, which a web page put there, made to parse; else unchanged."""
    if len(source) > _MOST_REWRITTEN or "\xa0" not in source or parse_python(source) is not None:
        return source
    mended = re.sub(r"^[ \t\xa0]+", lambda margin: margin[0].replace("\xa0", " "), source, flags=re.MULTILINE)
    return mended if parse_python(mended) is not None else source


def language_of(source: str, tagged: Language | None) -> Language | None:
    """The language of a text whose fence names one: the looks decide where models use tags loosely."""
    looks = guess_language(source)
    if tagged is None:
        return looks
    if tagged is Language.HTML and looks is Language.SVG:
        return Language.SVG
    if tagged is Language.SVG and looks is Language.HTML:
        return Language.HTML
    return tagged


def _imports(source: str) -> bool:
    return re.search(r"^(?:import|from)[ \t]", source, re.MULTILINE) is not None


def _cut_svg(page: Candidate) -> Candidate | None:
    opening = _SVG_DOCUMENT.search(page.source)
    end = page.source.lower().rfind("</svg>")
    if opening is None or end < opening.start():
        return None
    source = page.source[opening.start() : end + len("</svg>")]
    return Candidate(source, Language.SVG, page.start, page.end, f"the drawing inside {page.place}")
