"""Fence lines that belong to a program: inside its triple-quoted strings, or inside its page."""

import re

from .languages import Language

_TO_TRIPLE_QUOTE = re.compile(
    r"""(?:[^"'#]++|\#[^\n]*+|"(?!"")(?:[^"\\\n]++|\\.)*+"?|'(?!'')(?:[^'\\\n]++|\\.)*+'?)*+("{3}|'{3})""", re.DOTALL
)
_STRING_END = {
    '"""': re.compile(r'(?:[^"\\]++|\\.|"(?!""))*+"{3}', re.DOTALL),
    "'''": re.compile(r"(?:[^'\\]++|\\.|'(?!''))*+'{3}", re.DOTALL),
}
_PAGE_START = re.compile(r"\s*(?:<!doctype html[^<>]*>\s*)?<html\b", re.IGNORECASE)
_PAGE_EDGE = re.compile(r"</html\b|<!doctype html|<html\b", re.IGNORECASE)


class Nesting:
    """Tells whether a place of a fence's content lies in a string or page not yet closed. Ask in rising order."""

    def __init__(self, text: str, start: int, language: Language | None) -> None:
        self._text = text
        self._python = language in {Language.PYTHON, None}
        self._string = (start, start)
        self.misled = False
        """Whether a string was found that never ends: looking further would be dear and tell nothing."""
        self._page_end = _page_end(text, start)

    def holds(self, place: int) -> bool:
        """Whether the place lies inside."""
        return place < self._page_end or (self._python and self._in_string(place))

    def _in_string(self, place: int) -> bool:
        while self._string[1] <= place:
            opening = _TO_TRIPLE_QUOTE.match(self._text, self._string[1], place)
            if opening is None:
                return False
            closing = _STRING_END[opening[1]].match(self._text, opening.end())
            self.misled = closing is None
            self._string = (opening.start(1), closing.end() if closing else opening.end())
        return self._string[0] < place


def _page_end(text: str, start: int) -> int:
    opening = _PAGE_START.match(text, start)
    if opening is None:
        return start
    edge = _PAGE_EDGE.search(text, opening.end())
    return edge.start() if edge and edge[0].startswith("</") else start
