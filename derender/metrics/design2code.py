"""Design2Code's visual score of web pages: are the same texts there, where, in which colours, and what is behind them?

The pages are drawn by derender's own engine; all that follows the screenshots equals the published code. What that
calls *final* is the mean of the five parts.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from derender.core import Missing

from ._design2code_background import background_vector
from ._design2code_matching import match
from ._design2code_pages import TOOLS, Page, drawn_reference, page_as_written, page_for_design2code, page_repaired
from ._design2code_scores import block_scores
from ._embedder import cosine
from ._facts import Fact, Facts, Unscorable
from ._metric import Difference, Part, Value, Values, metric
from .clip import b32

if TYPE_CHECKING:
    from ._embedder import Floats

PARTS = (Part("block_match"), Part("text"), Part("position"), Part("color"), Part("clip", low=-1.0))
BLOCK_PARTS = tuple(part.name for part in PARTS[:4])

background_as_written: "Fact[Floats]" = Fact(
    "background_as_written",
    lambda facts: background_vector(facts[page_as_written]),
    of_program=True,
    weights=tuple(one.name for one in b32.weights),
    tools=TOOLS,
)
"""CLIP's vector of the page as it is, its texts painted over."""

DIFFERENCES = (
    Difference(
        "cleaned side",
        official="only the candidate is cleaned: wrapped, repetitions cut, a 51st equal element taken out",
        fixed="both sides are",
        example="a table of 60 equal cells against itself: ten cells fewer, and below 1; fixed: 1 throughout",
    ),
    Difference(
        "where repetition is cut",
        official="the place in the text without tags is looked up among the page's letters, those of tags included",
        fixed="the page is cut behind the first of the chunks that repeat",
        example="<html><body>, 300 times <p>the same words</p>: cut at the t of <html>; fixed: after 100 letters",
    ),
    Difference(
        "4096 colours",
        official="every element that may hold text takes a colour; after 4096 of them the code stops: unscored",
        fixed="only elements with text of their own take one",
        example="a page of 5000 different empty <span> and one heading: unscored; fixed: scored",
    ),
    Difference(
        "text of the body",
        official="text that stands in <body> itself, or in a page without <body>, is not found",
        fixed="it is found",
        example="<html><body>Hello</body></html> against itself: 0; fixed: 1",
    ),
    Difference(
        "masks",
        official="the candidate's texts are painted over as joined for matching, the reference's as they were found",
        fixed="both as joined",
        example="two lines joined by matching: the gap between them is painted over on one side only; fixed: on both",
    ),
    Difference(
        "unseen texts",
        official="scripts, styles and declarations inside the body count as text of the element around them",
        fixed="only text that is shown counts",
        example="<p>Hi<script>let x</script></p> against <p>Hi</p>: 'hi let x', all 0; fixed: 1",
    ),
    Difference(
        "other elements' colours",
        official="an element such as <em> keeps a colour of its own, and its text is not found where it is",
        fixed="it takes the colour of the element around it",
        example='<p><em style="color:red">Hello</em></p> against itself: 0; fixed: 1',
    ),
    Difference(
        "undrawn references",
        official="a reference that can't be drawn is a white page, and every candidate gets 0",
        fixed="unscored",
        example="a reference whose script never ends against any page: 0; fixed: unscored",
    ),
    Difference(
        "empty colours",
        official="a style such as `color:` on such an element stops the code: unscored",
        fixed="it is passed over",
        example='<p>Hi <em style="color:">you</em></p>: unscored; fixed: scored',
    ),
)


def block_values(reference: Page, candidate: Page, clip: Callable[[Page, Page], float]) -> Values:
    """The five parts of two pages, the last computed on the pages with their blocks as matching left them."""
    matching = match(candidate.blocks, reference.blocks)
    scores = block_scores(matching)
    values: dict[str, Value] = {name: getattr(scores, name) for name in BLOCK_PARTS}
    try:
        clip_value: Value = clip(reference.joined(matching.reference), candidate.joined(matching.candidate))
    except (Missing, Unscorable) as why:
        clip_value = why
    return {**values, "clip": clip_value}


def _fixed(reference: Facts, candidate: Facts) -> Values:
    def clip(wanted: Page, given: Page) -> float:
        return cosine(background_vector(wanted), background_vector(given))

    return block_values(drawn_reference(reference[page_repaired]), candidate[page_repaired], clip)


@metric(
    "design2code",
    PARTS,
    needs=(page_as_written, page_for_design2code, page_repaired, background_as_written),
    source="Design2Code (Si et al., 2024), visual_score.py at 7a575e4",
    cost_ms=600.0,
    family="pages",
    default=False,
    fixed=_fixed,
    differences=DIFFERENCES,
)
def design2code(reference: Facts, candidate: Facts) -> Values:
    """Matched text blocks of two pages: their share of area, their texts, places and colours; and CLIP of the rest."""

    def clip(_: Page, given: Page) -> float:
        return cosine(reference[background_as_written], background_vector(given))

    return block_values(reference[page_as_written], candidate[page_for_design2code], clip)
