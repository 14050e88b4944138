"""TreeBLEU: how much of a page's structure another page has, element with children by element with children.

A page's subtrees of height one are its elements that have element children, each written as its own name and theirs in
order. TreeBLEU is the share of the reference's distinct ones that the candidate has too. Text and attributes don't
count.
"""

from typing import TYPE_CHECKING, TypeVar

from ._design2code_cleaning import webcode2m_cleaned
from ._dom import dom
from ._facts import Facts, Unscorable, fact
from ._metric import Difference, Part, Values, metric
from ._soup import page_source, read_soup, soup

if TYPE_CHECKING:
    from bs4 import BeautifulSoup

T = TypeVar("T")


def treebleu(reference: str, candidate: str) -> float:
    """WebCode2M's TreeBLEU of two pages' texts, 0 to 1, higher is better.

    Raises:
        Unscorable: the published code fails on these pages, and leaves the pair out of its mean.
    """
    return _recall(subtrees(read_soup(reference)), subtrees(read_soup(candidate)))


def subtrees(page: "BeautifulSoup") -> frozenset[str] | None:
    """The distinct subtrees of height one under ``<html>``, names joined by underscores; None without ``<html>``."""
    from bs4 import Tag

    root = page.find("html")
    if not isinstance(root, Tag):
        return None
    found = set()
    for element in (root, *root.descendants):
        if isinstance(element, Tag):
            names = [child.name for child in element.contents if isinstance(child, Tag)]
            if names:
                found.add("_".join(name.strip().lower() for name in (element.name, *names)))
    return frozenset(found)


@fact(of_program=True, tools=("beautifulsoup4",))
def written_subtrees(facts: Facts) -> frozenset[str] | None:
    """What `subtrees` finds in the page as it is written."""
    return subtrees(facts[soup])


@fact(of_program=True, tools=("beautifulsoup4",))
def cleaned_subtrees(facts: Facts) -> frozenset[str] | None:
    """What `subtrees` finds in the page as WebCode2M's evaluator rewrites a candidate before it looks at it."""
    return subtrees(read_soup(webcode2m_cleaned(page_source(facts))))


@fact(of_program=True, tools=("selectolax",))
def browser_subtrees(facts: Facts) -> frozenset[tuple[str, ...]]:
    """The distinct subtrees of height one of the page as a browser reads it, each a tuple of names."""
    return frozenset(facts[dom].families())


def _fixed(reference: Facts, candidate: Facts) -> Values:
    return {"treebleu": _share(reference[browser_subtrees], candidate[browser_subtrees])}


@metric(
    "treebleu",
    (Part("treebleu"),),
    needs=(written_subtrees, browser_subtrees),
    source="WebCode2M (Gui et al. 2025), evaluator: html.parser, recall of distinct subtrees of height one",
    cost_ms=4.0,
    family="pages",
    default=False,
    fixed=_fixed,
    differences=(
        Difference(
            "pages without <html>",
            official="a candidate without <html>, or without an element in it, is an error and left out of the mean;"
            " a reference without <html> gives 0 whatever the candidate is",
            fixed="pages are read as browsers read them, with the html, head and body that they add",
            example="<p>hi</p> against <html><body><p>hi</p></body></html>: official unscored, fixed 1.0",
        ),
        Difference(
            "unclosed elements",
            official="what a page leaves open stays open: each <li> without its end holds the next one",
            fixed="elements end where HTML's rules end them",
            example="<html><ul><li>a<li>b</ul></html> against <html><ul><li>a</li><li>b</li></ul></html>: "
            "official 0.5, fixed 1.0",
        ),
    ),
)
def treebleu_metric(reference: Facts, candidate: Facts) -> Values:
    """Share of the reference's distinct subtrees of height one that the candidate has, as WebCode2M's.

    Of the pages as they are written; pairs that its code fails on, and leaves out of the mean, are unscored.
    """
    return {"treebleu": _recall(reference[written_subtrees], candidate[written_subtrees])}


@metric(
    "webcode2m_treebleu",
    (Part("treebleu"),),
    needs=(written_subtrees, cleaned_subtrees, browser_subtrees),
    source="WebCode2M (Gui et al. 2025), evaluator, of candidates as it rewrites them",
    cost_ms=8.0,
    family="pages",
    default=False,
    fixed=_fixed,
    differences=(
        Difference(
            "rewritten candidates",
            official="a candidate that doesn't begin with <html is put into a paragraph of a page around it, be it a"
            " whole one with a doctype, and of equal elements the 51st and further ones are taken out",
            fixed="pages are read as browsers read them",
            example="<html><body><ul> with 51 <li></li> against itself: official 2/3, fixed 1.0",
        ),
    ),
)
def webcode2m_treebleu(reference: Facts, candidate: Facts) -> Values:
    """TreeBLEU as WebCode2M's whole evaluation reports it: of candidates that were rewritten to be drawn.

    The metric `treebleu` is the same without that, as the function itself computes it.
    """
    return {"treebleu": _recall(reference[written_subtrees], candidate[cleaned_subtrees])}


def _recall(reference: frozenset[str] | None, candidate: frozenset[str] | None) -> float:
    if reference is None:
        return 0.0
    if not reference:
        raise Unscorable(
            "the reference's <html> holds no element, so there is nothing to find; WebCode2M drops such pairs"
        )
    if not candidate:
        lack = "has no <html>" if candidate is None else "has no element in its <html>"
        raise Unscorable(f"the candidate {lack}; WebCode2M drops such pairs")
    return _share(reference, candidate)


def _share(reference: frozenset[T], candidate: frozenset[T]) -> float:
    return len(reference & candidate) / len(reference)
