"""How alike two pages' element trees are, and what a page says."""

from ._dom import Dom, dom, read_dom
from ._facts import Facts, fact
from ._metric import Part, Values, metric
from ._soup import soup
from ._tree_distance import Tree, edit_distance

__all__ = ["Dom", "dom", "dom_ted", "read_dom", "tree", "visible_words"]


@fact(of_program=True, tools=("beautifulsoup4",))
def visible_words(facts: Facts) -> tuple[str, ...]:
    """The words of a page's text in order, split at white space; scripts, styles and comments are no text.

    Beautiful Soup's ``get_text``: what CSS hides counts too, and words are not split where elements end.
    """
    return tuple(facts[soup].get_text().split())


@fact(of_program=True, tools=("selectolax",))
def tree(facts: Facts) -> Tree:
    """The page's elements, by name, as a tree whose edit distance can be taken."""
    page = facts[dom]
    return Tree.of(page.tags, page.children())


@metric(
    "dom_ted",
    (Part("similarity"), Part("distance", high=float("inf"), higher_is_better=False, unit="edits")),
    needs=(tree,),
    source="Zhang and Shasha, SIAM J. Comput. 1989, on element names; every edit costs 1",
    cost_ms=10.0,
    family="pages",
    symmetric=True,
    default=False,
)
def dom_ted(reference: Facts, candidate: Facts) -> Values:
    """Tree edit distance of the pages' elements, and one less its share of the larger page, 0 at least.

    Elements are those a browser finds before any script runs, by name alone; an edit puts one in, takes one out or
    renames one.
    """
    wanted, given = reference[tree], candidate[tree]
    distance = edit_distance(wanted, given)
    larger = max(len(wanted.labels), len(given.labels))
    return {"similarity": max(0.0, 1 - distance / larger), "distance": float(distance)}
