"""Pages' element trees and the distance between them."""

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derender.core import Program
from derender.metrics import Unscorable, observe, score
from derender.metrics._tree_distance import Tree, edit_distance
from derender.metrics.dom import dom, read_dom, visible_words

NESTED = st.recursive(
    st.sampled_from("ab").map(lambda label: (label, ())),
    lambda below: st.tuples(st.sampled_from("ab"), st.lists(below, max_size=3).map(tuple)),
    max_leaves=6,
)


def flat(nested):
    """The tree of (label, children) tuples."""
    labels, children = [], []

    def add(node):
        number = len(labels)
        labels.append(node[0])
        children.append([])
        children[number].extend([add(child) for child in node[1]])
        return number

    add(nested)
    return Tree.of(labels, children)


@cache
def by_definition(one, other):
    """Forests' edit distance by its recurrence, without any table."""
    if not one or not other:
        return sum(1 + by_definition(tree[1], ()) for tree in one + other)
    (label, below), (name, under) = one[-1], other[-1]
    return min(
        by_definition(one[:-1] + below, other) + 1,
        by_definition(one, other[:-1] + under) + 1,
        by_definition(one[:-1], other[:-1]) + by_definition(below, under) + (label != name),
    )


def ted(reference, candidate):
    found = score(Program(reference, "html"), Program(candidate, "html"), ["dom_ted"])
    return found.scores["dom_ted"]


@settings(max_examples=150, deadline=None)
@given(NESTED, NESTED)
def test_the_distance_is_that_of_the_definition(one, other):
    found = edit_distance(flat(one), flat(other))
    assert found == by_definition((one,), (other,))
    assert found == edit_distance(flat(other), flat(one))


def test_zhang_and_shashas_own_example():
    one = ("f", (("d", (("a", ()), ("c", (("b", ()),)))), ("e", ())))
    other = ("f", (("c", (("d", (("a", ()), ("b", ()))),)), ("e", ())))
    assert edit_distance(flat(one), flat(other)) == 2


def test_edits_of_a_page_are_counted():
    page = "<html><head></head><body><ul><li>a</li><li>b</li></ul><p>c</p></body></html>"
    assert ted(page, page) == {"similarity": 1.0, "distance": 0.0}
    # Seven elements; one renamed, one taken out, and a wrapper put in.
    assert ted(page, page.replace("<p>c</p>", "<h1>c</h1>")) == {"similarity": 1 - 1 / 7, "distance": 1.0}
    assert ted(page, page.replace("<li>b</li>", ""))["distance"] == 1.0
    assert ted(page, page.replace("<ul>", "<nav><ul>").replace("</ul>", "</ul></nav>"))["distance"] == 1.0
    assert ted(page, "")["distance"] == 4.0


def test_the_tree_is_a_browsers():
    page = read_dom("<!doctype html><p CLASS=x>a<p>b<table><tr><td>c</table>")
    assert page.tags == ("html", "head", "body", "p", "p", "table", "tbody", "tr", "td")
    assert page.attributes[3] == (("class", "x"),)
    assert page.families() == [
        ("html", "head", "body"),
        ("body", "p", "p", "table"),
        ("table", "tbody"),
        ("tbody", "tr"),
        ("tr", "td"),
    ]
    assert read_dom("\ud800").tags == ("html", "head", "body")


def test_words_are_those_of_the_text():
    page = "<title>T</title><style>p{}</style><script>var x</script><p>a<b>b</b> c&nbsp;d<!-- e -->"
    assert observe(Program(page, "html"))[visible_words] == ("Tab", "c", "d")


def test_large_and_deep_pages_are_compared_or_refused_in_time():
    deep = "<div>" * 1_000
    assert ted(deep, deep + "<p>")["distance"] == 1.0
    with pytest.raises(Unscorable, match="tags"):
        observe(Program("<div>" * 30_000, "html"))[dom]
    bushy = "".join(f"<ul>{'<li><a><b></b></a><i></i></li>' * 20}</ul>" for _ in range(80))
    found = score(Program(bushy, "html"), Program(bushy[9:], "html"), ["dom_ted"])
    assert "too large" in found.unscored["dom_ted"]
