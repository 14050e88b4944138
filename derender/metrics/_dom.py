"""Pages as browsers read them: the tree that HTML's own parsing rules give, with all that they add and move."""

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from derender.core import Missing

from ._facts import Facts, Unscorable, fact
from ._soup import page_source

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser

MOST_CHARACTERS = 1_000_000
MOST_TAGS = 20_000


@dataclass(frozen=True, slots=True)
class Dom:
    """The elements of a page in document order, the root first; there is always ``html`` with a head and a body.

    Attributes:
        tags: names in lower case.
        parents: index of each element's parent; -1 for the root.
        attributes: (name, value) pairs of each element, by name; a value is empty where none was given.
    """

    tags: tuple[str, ...]
    parents: tuple[int, ...]
    attributes: tuple[tuple[tuple[str, str], ...], ...]

    def children(self) -> list[list[int]]:
        """The indices of each element's children, in order."""
        found: list[list[int]] = [[] for _ in self.tags]
        for index, parent in enumerate(self.parents):
            if parent >= 0:
                found[parent].append(index)
        return found

    def elements(self) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
        """Each element's tag and attributes."""
        return list(zip(self.tags, self.attributes, strict=True))

    def families(self) -> list[tuple[str, ...]]:
        """For each element that has children, its tag and theirs: the subtrees of height one."""
        names: defaultdict[int, list[str]] = defaultdict(list)
        for tag, parent in zip(self.tags[1:], self.parents[1:], strict=True):
            names[parent].append(tag)
        return [(self.tags[parent], *children) for parent, children in sorted(names.items())]


@fact(of_program=True, tools=("selectolax",))
def dom(facts: Facts) -> Dom:
    """The page's elements as a browser finds them before any script runs."""
    return read_dom(page_source(facts))


def read_dom(source: str) -> Dom:
    """The elements of a page by the parsing rules of HTML; of a ``<template>`` the element, not what it holds.

    Raises:
        Unscorable: the page is too long.
        Missing: the parser is absent.
    """
    page = parsed(source)
    if page.root is None:
        return Dom(("html", "head", "body"), (-1, 0, 0), ((), (), ()))
    names: list[str] = []
    parents: list[int] = []
    attributes: list[tuple[tuple[str, str], ...]] = []
    known: dict[int, int] = {}
    for node in page.root.traverse(include_text=False):
        if node.is_element_node:
            known[node.mem_id] = len(names)
            above = node.parent
            names.append((node.tag or "").lower())
            parents.append(-1 if above is None else known.get(above.mem_id, -1))
            attributes.append(tuple(sorted((name, value or "") for name, value in node.attributes.items())))
    return Dom(tuple(names), tuple(parents), tuple(attributes))


def parsed(source: str) -> "LexborHTMLParser":
    """A page as Lexbor parses it.

    Raises:
        Unscorable: the page is too long.
        Missing: the parser is absent.
    """
    try:
        from selectolax.lexbor import LexborHTMLParser
    except ImportError:
        raise Missing("selectolax", "pip install 'derender[metrics]'") from None
    _check_size(source)
    return LexborHTMLParser(source.encode("utf-8", "replace"))


def _check_size(source: str) -> None:
    """Refuse pages that the parser, which takes time quadratic in the depth of nesting, would take too long for.

    Raises:
        Unscorable: the page is one.
    """
    tags = source.count("<")
    if len(source) > MOST_CHARACTERS or tags > MOST_TAGS:
        raise Unscorable(
            f"the page has {len(source)} characters and {tags} tags; up to {MOST_CHARACTERS} and {MOST_TAGS} are read"
        )
