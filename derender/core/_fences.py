"""The fences and the thoughts of a reply, found in one pass over it.

A fence is what Markdown says it is, and a little more, because models write a little more: the opening line may stand
behind prose (``Here it is: ```python``), the first line of code may stand on it, a fence may never be closed, and a
program may hold fences of its own in a triple-quoted string or inside a page. Thoughts are what stands between
``<think>`` and ``</think>`` and their like; a fence inside a thought is a draft, not an answer.
"""

import re
from dataclasses import dataclass, field

from ._nested import Nesting
from .errors import UnknownLanguage
from .languages import Language

_LINE = re.compile(r"(?P<prefix>[^`~\n]{0,2000}+)(?P<run>`{3,}+|~{3,}+)(?P<rest>[^\n]*+)")
_THOUGHT = re.compile(
    r"[<◁](?=/?[trsTRS])(?<!`[<◁])(?P<close>/?)(?P<name>think(?:ing)?|thoughts?|reasoning|scratchpad)[>▷]",
    re.IGNORECASE,
)
_LIST_MARK = re.compile(r"\ufeff?[ \t]*(?:[-*+]|\d{1,3}[.)])?[ \t]*")
_TAG = re.compile(r"[\s{.]*(?:lang(?:uage)?[-=])?(?P<word>[\w+#/.-]*\w)?")
_CODE_AFTER_TAG = re.compile(r"(?:[\w+#-]+[ \t]+)?(?P<code><[!?\w]|import[ \t]+\w|from[ \t]+[\w.]+[ \t]+import\b)")
_CLOSING_REST = re.compile(r"\s*(?:</|<\||$)")

_MARKS = ("```", "~~~")
_EFFORT = 10_000
"""Fence lines looked at in one reply, a long way between two counting for more: a model in a loop stays cheap."""
_LONG_WAY = 5000


@dataclass(frozen=True, slots=True)
class Fence:
    """One fence; ``start`` and ``end`` bound its content, without the line end before the closing line."""

    tag: str
    start: int
    end: int
    indent: int = 0
    closed: bool = True

    @property
    def language(self) -> Language | None:
        """The language the tag names, if it names one of ours."""
        return language_of_tag(self.tag)


@dataclass(slots=True)
class ReplyParts:
    """What a reply is made of, by place.

    Attributes:
        fences: those outside thoughts, in order.
        visible: the stretches outside thoughts, fences included.
        unsure: a thought whose begin or end is missing, so that it may have been meant as the answer.
    """

    fences: list[Fence] = field(default_factory=list)
    visible: list[tuple[int, int]] = field(default_factory=list)
    unsure: tuple[int, int] | None = None


def language_of_tag(tag: str) -> Language | None:
    """The language a fence's tag names: an alias such as ``py`` or ``svg+xml``, or a file name such as ``main.py``."""
    try:
        return Language.parse(tag)
    except UnknownLanguage:
        return Language.of_file(tag)


def split_reply(text: str) -> ReplyParts:
    """Take a reply apart, in time that grows with its length and no faster."""
    return _Splitter(text).split()


class _Splitter:
    def __init__(self, text: str) -> None:
        self._text = text
        self._parts = ReplyParts()
        self._effort = _EFFORT
        self._nesting = True
        self._crlf = False
        self._marks = dict.fromkeys(_MARKS, (1, 0))
        self._thought = _THOUGHT.search(text)

    def split(self) -> ReplyParts:
        place = seen = 0
        while True:
            line, thought = self._next_line(place), self._next_thought(place)
            if line is not None and (thought is None or line.start("run") < thought.start()):
                place = self._take_fence(line) if self._is_opening(line) else line.end("run")
            elif thought is not None:
                place, seen = self._take_thought(thought, seen)
            else:
                self._show(seen, len(self._text))
                return self._parts

    def _show(self, start: int, end: int) -> None:
        if self._text[start:end].strip():
            self._parts.visible.append((start, end))

    def _next_line(self, place: int) -> re.Match[str] | None:
        """The next line with a fence mark; ``place`` may stand in the middle of a line, after a thought."""
        while self._effort > 0:
            mark = min(self._next_mark(char, place) for char in _MARKS)
            if mark == len(self._text):
                return None
            line = _LINE.match(self._text, max(place, self._text.rfind("\n", place, mark) + 1))
            self._effort -= 1 + ((line.end() if line else mark) - place) // _LONG_WAY
            if line is not None:
                return line
            place = mark + 3
        return None

    def _next_mark(self, mark: str, place: int) -> int:
        """Where the next mark stands, or the text's end; what was found is kept, as most questions ask it again."""
        asked, known = self._marks[mark]
        if not asked <= place <= known:
            known = self._text.find(mark, place)
            known = len(self._text) if known < 0 else known
            self._effort -= (known - place) // _LONG_WAY
            self._marks[mark] = (place, known)
        return known

    def _next_thought(self, place: int) -> re.Match[str] | None:
        if self._effort <= 0:
            return None
        if self._thought is not None and self._thought.start() < place:
            self._thought = _THOUGHT.search(self._text, place)
        return self._thought

    def _take_thought(self, tag: re.Match[str], seen: int) -> tuple[int, int]:
        """Leave out a thought; gives where to go on and from where on the reply is visible again."""
        self._effort -= 1
        if tag["close"]:
            return self._drop_before(tag)
        closing = re.compile(rf"[<◁]/{tag['name']}[>▷]", re.IGNORECASE).search(self._text, tag.end())
        self._show(seen, tag.start())
        if closing is None:
            self._parts.unsure = (tag.end(), len(self._text))
            return len(self._text), len(self._text)
        return closing.end(), closing.end()

    def _drop_before(self, closing: re.Match[str]) -> tuple[int, int]:
        # A chat template may have written the opening tag into the prompt: all up to the closing tag was thought.
        self._parts.fences.clear()
        self._parts.visible.clear()
        self._parts.unsure = (0, closing.start())
        return closing.end(), closing.end()

    def _is_opening(self, line: re.Match[str]) -> bool:
        rest = line["rest"].strip()
        if line["run"][0] == "`" and "`" in rest:
            return _is_one_line(line)
        if _is_margin(line["prefix"]):
            return True
        return bool(rest) and language_of_tag(_tag(rest)) is not None and " " not in rest

    def _take_fence(self, line: re.Match[str]) -> int:
        if _is_one_line(line):
            return self._take_line(line)
        rest, margin = line["rest"], line["prefix"]
        self._crlf = rest.endswith("\r")
        code = _CODE_AFTER_TAG.match(rest)
        start = line.start("rest") + code.start("code") if code else min(line.end() + 1, len(self._text))
        tag = _tag(rest if code is None else rest[: code.start("code")])
        indent = len(margin) if _is_margin(margin) else len(margin) - len(margin.lstrip())
        end, after, closed = self._find_end(line, start, tag)
        lone = _THOUGHT.search(self._text, start, end)
        if lone is not None and lone["close"]:
            return lone.start()
        self._parts.fences.append(Fence(tag, start, max(start, end), indent, closed))
        return after

    def _take_line(self, line: re.Match[str]) -> int:
        """A fence that opens and closes on one line: ```` ```svg <svg/>``` ````."""
        rest = line["rest"].rstrip()
        inside = rest[: -len(line["run"])]
        tag = _tag(inside)
        skip = inside.find(tag) + len(tag) if language_of_tag(tag) else 0
        start = line.start("rest") + (skip if skip else 0)
        end = line.start("rest") + len(inside)
        while start < end and self._text[start] in " \t":
            start += 1
        self._parts.fences.append(Fence(tag if skip else "", start, end))
        return line.end()

    def _find_end(self, opening: re.Match[str], start: int, tag: str) -> tuple[int, int, bool]:
        """Where a fence's content ends, where to go on, and whether the fence was closed."""
        nesting = Nesting(self._text, start, language_of_tag(tag)) if self._nesting else None
        nested: re.Match[str] | None = None
        loose: re.Match[str] | None = None
        place = start
        while (line := self._next_line(place)) is not None:
            place = line.end()
            if line["run"][0] != opening["run"][0] or len(line["run"]) < len(opening["run"]):
                continue
            if _closes(line, opening):
                if nesting is None or not nesting.holds(line.start()):
                    self._nesting = nesting is not None and not nesting.misled
                    return self._line_end_before(line.start()), line.end(), True
                nested = nested or line
            elif _CLOSING_REST.match(line["rest"]):
                loose = loose or line
            elif self._reopens(line) and (nesting is None or not nesting.holds(line.start())):
                return self._line_end_before(line.start()), line.start(), False
        return self._end_without_closing(nested, loose)

    def _end_without_closing(self, nested: re.Match[str] | None, loose: re.Match[str] | None) -> tuple[int, int, bool]:
        if nested is not None:
            # The string or page that seemed to hold the closing line never ended: the line was the closing one.
            self._nesting = False
            return self._line_end_before(nested.start()), nested.end(), True
        if loose is not None:
            cut = loose.start("run") if loose["prefix"].strip() else self._line_end_before(loose.start())
            return cut, loose.end(), True
        return len(self._text), len(self._text), False

    def _reopens(self, line: re.Match[str]) -> bool:
        tag = _tag(line["rest"])
        return _is_margin(line["prefix"]) and bool(tag) and language_of_tag(tag) is not None

    def _line_end_before(self, place: int) -> int:
        if place and self._text[place - 1] == "\n":
            place -= 1
            if self._crlf and place and self._text[place - 1] == "\r":
                place -= 1
        return place


def _tag(rest: str) -> str:
    found = _TAG.match(rest)
    return (found["word"] or "").lower() if found else ""


def _is_margin(prefix: str) -> bool:
    return len(prefix) < 200 and _LIST_MARK.fullmatch(prefix) is not None


def _is_one_line(line: re.Match[str]) -> bool:
    rest = line["rest"].rstrip()
    run = line["run"]
    inside = rest[: -len(run)]
    return rest.endswith(run) and "`" not in inside and bool(inside.strip()) and run[0] == "`"


def _closes(line: re.Match[str], opening: re.Match[str]) -> bool:
    margin = line["prefix"]
    if margin.strip() or len(margin) > len(opening["prefix"]) + 3:
        return False
    return _CLOSING_REST.match(line["rest"]) is not None
