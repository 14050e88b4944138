"""What is done to a page's text before it is drawn: how Design2Code and WebCode2M clean what a model wrote."""

import re
from collections import Counter
from typing import TYPE_CHECKING

from ._facts import Unscorable
from ._repetition import published_start, repetition_start
from ._soup import read_soup

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from bs4 import BeautifulSoup, Tag

MOST_EQUAL = 50
"""Of elements with the same content; those beyond are taken out."""
MOST_INDENT = 20_000_000
"""Spaces of indentation; beyond, a page is nested to no end."""


def design2code_cleaned(html: str) -> str:
    """The page as Design2Code draws a prediction: repetitions cut, wrapped without ``<html``, repeated elements out.

    Raises:
        Unscorable: the page is too long, or refused by html.parser.
    """
    text = with_newlines(html)
    return str(_thinned(_wrapped(text[: published_start(text)])))


def webcode2m_cleaned(html: str) -> str:
    """The page as WebCode2M draws a prediction: wrapped unless it begins with ``<html``, thinned out, indented.

    Raises:
        Unscorable: the page is too long or too nested, or refused by html.parser.
    """
    text = with_newlines(html)
    begins = text[:5].lower() == "<html" and ">" in text
    soup = _thinned(text if begins else _in_a_paragraph(text))
    _check_indent(soup)
    return soup.prettify()


def repaired(html: str, *, cut: bool = True) -> str:
    """The page cleaned to the same ends without the defects: cut once it repeats itself, wrapped where it must be.

    Args:
        html: the page.
        cut: whether what repeats is cut off.

    Raises:
        Unscorable: the page is too long, or refused by html.parser.
    """
    text = with_newlines(html)
    return str(_thinned(_wrapped(text[: repetition_start(text)] if cut else text)))


def with_newlines(text: str) -> str:
    """A text as Python reads it from a file: every line ends in one newline."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _wrapped(html: str) -> str:
    found = re.search("<html", html, re.IGNORECASE)
    return html if found and ">" in html[found.end() :] else _in_a_paragraph(html)


def _in_a_paragraph(html: str) -> str:
    return f"<html><body><p>{html}</p></body></html>"


def _thinned(html: str) -> "BeautifulSoup":
    """The page's tree with every element's 51st equal and further ones taken out, in document order."""
    soup = read_soup(html)
    elements = soup.find_all(True)
    times: Counter[int] = Counter()
    gone: set[int] = set()
    for element, content in zip(elements, _contents(elements), strict=True):
        # Asking the element itself whether it was taken out searches all that is in it.
        if id(element) in gone:
            continue
        times[content] += 1
        if times[content] > MOST_EQUAL:
            gone.update(id(inner) for inner in element.find_all(True))
            element.decompose()
    return soup


def _contents(elements: "Sequence[Tag]") -> list[int]:
    """A number for each element, equal for those written equally; the elements in document order."""
    numbers: dict[Hashable, int] = {}
    of_element: dict[int, int] = {}
    for element in reversed(elements):
        attributes = tuple((name, str(value)) for name, value in element.attrs.items())
        inside = tuple(of_element.get(id(child)) or (type(child), str(child)) for child in element.children)
        of_element[id(element)] = numbers.setdefault((element.name, attributes, inside), len(numbers) + 1)
    return [of_element[id(element)] for element in elements]


def _check_indent(soup: "BeautifulSoup") -> None:
    depth, total = {id(soup): 0}, 0
    for element in soup.find_all(True):
        depth[id(element)] = depth[id(element.parent)] + 1
        total += depth[id(element)]
    if total > MOST_INDENT:
        raise Unscorable(f"the page is nested {max(depth.values())} levels deep, too deep to be indented")
