"""Taking the program out of a model's reply, and saying which part was taken and why.

The order of things: thoughts are left out; then fences in the wanted language, the most complete first and of equals
the last; then what is wrapped in JSON or a tag; then a page, a drawing or code that stands bare between prose. What is
in a fence comes out byte for byte, but for its indentation in a list and the line end before the closing line.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ._candidates import (
    Candidate,
    best,
    fitting,
    joined,
    language_of,
    plain_spaces,
    rating,
    without_indent,
    without_prompts,
)
from ._fences import Fence, split_reply
from ._looks import guess_language, is_shell, parse_python
from ._unfenced import bare, wrapped
from .errors import NoProgram
from .languages import Language
from .programs import Program

__all__ = ["Extraction", "extract_program", "guess_language"]

_UNTAGGED = frozenset({"", "text", "txt", "plaintext", "plain", "xml", "code", "output", "none", "unknown"})
_PROSE = frozenset({"markdown", "md", "text", "txt", "plaintext", ""})
_MOST_WEIGHED = 64
"""Fences weighed, counted from the last: a reply with more is a model caught in a loop."""
_INNER_FENCE = re.compile(r"^[ \t]{0,3}(?:```|~~~)[\w+-]+[ \t]*\r?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Extraction:
    """The program of a reply.

    Attributes:
        program: what the model wrote.
        why: one sentence: which part of the reply was taken, and why that one.
        span: where it begins and ends in the reply.
        candidates: how many parts could have been meant.
    """

    program: Program
    why: str
    span: tuple[int, int]
    candidates: int


def extract_program(reply: str, language: Language | str | None = None) -> Extraction:
    """The program in a model's reply.

    Fences are joined only when the first holds the imports and none is a program by itself, as in a notebook. No-break
    spaces in Python's indentation become spaces when that makes it parse. Takes time linear in the reply's length.

    Args:
        reply: what the model wrote, thoughts and prose included.
        language: the one asked for; None to take whichever the reply holds.

    Raises:
        NoProgram: the reply holds none, or none in that language; one sentence says what it holds instead.
        UnknownLanguage: there is no such language.
    """
    wanted = Language.parse(language) if language is not None else None
    if not reply.strip("\ufeff \t\r\n"):
        raise NoProgram("the reply is empty")
    parts = split_reply(reply)
    fenced = list(_from_fences(reply, parts.fences))
    if found := fitting(fenced, wanted):
        return _extraction(joined(found) or best(found), found)
    for look in (_inside_wrappers, bare):
        unfenced = [each for start, end in parts.visible for each in look(reply, _skip_mark(reply, start), end)]
        if found := fitting(unfenced, wanted):
            return _extraction(best(found), found)
    if parts.unsure is not None and (found := _whole_ones(reply, parts.unsure, wanted)):
        return _extraction(best(found), found)
    raise NoProgram(_what_it_holds(parts.fences, bool(parts.visible), wanted))


def _from_fences(reply: str, fences: Sequence[Fence]) -> Iterator[Candidate]:
    for number, fence in list(enumerate(fences, 1))[-_MOST_WEIGHED:]:
        source = reply[fence.start : fence.end]
        if not source.strip() or is_shell(source):
            continue
        if _is_document(fence.tag, source):
            inner = split_reply(source).fences
            yield from _moved(_from_fences(source, inner), fence.start)
            continue
        source = without_indent(source, fence.indent)
        is_json = fence.tag == "json" or (not fence.tag and source.lstrip().startswith("{"))
        if is_json and guess_language(source) is not Language.EXCALIDRAW:
            yield from _moved(_inside_wrappers(source, 0, len(source)), fence.start)
        elif is_json or fence.tag in _UNTAGGED or fence.language is not None:
            yield _of_fence(fence, source, f"fence {number} of {len(fences)}")


def _is_document(tag: str, source: str) -> bool:
    """Whether a fence holds a text with fences of its own, and not a program that has some in a string."""
    if tag not in _PROSE or not _INNER_FENCE.search(source):
        return False
    looks = guess_language(source)
    return looks is None or (looks is Language.PYTHON and parse_python(source) is None)


def _of_fence(fence: Fence, source: str, place: str) -> Candidate:
    source = without_prompts(source)
    tag = fence.tag or "no tag"
    closed = "" if fence.closed else ", never closed"
    return Candidate(source, language_of(source, fence.language), fence.start, fence.end, f"{place} ({tag}{closed})")


def _moved(candidates: Iterator[Candidate], offset: int) -> Iterator[Candidate]:
    for each in candidates:
        yield Candidate(each.source, each.language, each.start + offset, each.end + offset, each.place)


def _inside_wrappers(text: str, start: int, end: int) -> Iterator[Candidate]:
    """What JSON or a tag holds; where that is itself a reply, with fences or prose, the program in it."""
    for each in wrapped(text, start, end):
        fences = split_reply(each.source).fences if "```" in each.source else []
        inner = [inside for inside in _from_fences(each.source, fences) if inside.language is not None]
        if not inner and each.language is None:
            inner = list(bare(each.source, 0, len(each.source)))
        for inside in inner:
            yield Candidate(inside.source, inside.language, each.start, each.end, each.place)
        if not inner:
            yield each


def _whole_ones(reply: str, span: tuple[int, int], wanted: Language | None) -> list[Candidate]:
    """Whole programs in a thought that was never closed or never opened, so that it may be the answer."""
    start, end = span
    thought = reply[start:end]
    fences = [fence for fence in split_reply(thought).fences if fence.closed]
    found = fitting(_moved(_from_fences(thought, fences), start), wanted)
    return [
        Candidate(each.source, each.language, each.start, each.end, f"{each.place} of an unfinished thought")
        for each in found
        if rating(each) == 3
    ]


def _skip_mark(reply: str, start: int) -> int:
    return start + 1 if reply.startswith("\ufeff", start) else start


def _extraction(chosen: Candidate, among: Sequence[Candidate]) -> Extraction:
    assert chosen.language is not None
    source = plain_spaces(chosen.source) if chosen.language is Language.PYTHON else chosen.source
    program = Program(source, chosen.language)
    return Extraction(program, _why(chosen, among), (chosen.start, chosen.end), len(among))


def _why(chosen: Candidate, among: Sequence[Candidate]) -> str:
    took = f"took {chosen.place}"
    if len(among) == 1 or chosen not in among:
        return f"{took}: nothing else could be the {chosen.language} program" if len(among) == 1 else took
    equals = sum(rating(each) == rating(chosen) for each in among)
    if equals == 1:
        return f"{took}: of {len(among)} it is the most complete {chosen.language} program"
    return f"{took}: of {len(among)} it is the last as complete as any"


def _what_it_holds(fences: Sequence[Fence], visible: bool, wanted: Language | None) -> str:
    program = f"{wanted} program" if wanted else "program"
    if not visible:
        return f"the reply holds thoughts and no answer, so there is no {program}"
    if not fences:
        return f"the reply holds no fence and nothing that looks like {wanted or 'a program'}"
    tags = ", ".join(sorted({fence.tag or "no tag" for fence in fences})[:6])
    return f"the reply holds {len(fences)} fence{'s'[: len(fences) - 1]} ({tags}) but no {program}"
