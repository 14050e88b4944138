"""Pages drawn and taken apart into text blocks, as facts: as they are, and cleaned in each of the published ways."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from derender.core import Language, Program

from ._design2code_blocks import Block, blocks, merged_by_box
from ._design2code_cleaning import design2code_cleaned, repaired, webcode2m_cleaned, with_newlines
from ._design2code_recoloring import recolored
from ._facts import Facts, Unscorable, fact
from ._soup import page_source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derender.core import Rendering

    from ._facts import Bytes

VIEWPORT = 1280, 720
WHITE = 1280, 960
"""The size of the white picture that stands for a page which can't be drawn."""
TOOLS = ("beautifulsoup4", "chromium")


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """A page as Design2Code sees it.

    Attributes:
        html: the text that was drawn.
        picture: its screenshot, height x width x 3.
        blocks: its texts, those with the same box as one, in document order.
        failed: whether it can't be drawn, and its picture is the white one that stands for such pages.
    """

    html: str
    picture: "Bytes"
    blocks: tuple[Block, ...]
    failed: bool = False

    def joined(self, blocks: tuple[Block, ...]) -> "Page":
        """The same page with its blocks as matching joined them."""
        return replace(self, blocks=blocks)


@fact(of_program=True, tools=TOOLS)
def page_as_written(facts: Facts) -> Page:
    """The page as it is: a reference in both papers."""
    return _drawn(facts, page_source(facts))


@fact(of_program=True, tools=TOOLS)
def page_for_design2code(facts: Facts) -> Page:
    """The page as Design2Code cleans a prediction."""
    return _drawn(facts, design2code_cleaned(page_source(facts)))


@fact(of_program=True, tools=TOOLS)
def page_for_webcode2m(facts: Facts) -> Page:
    """The page as WebCode2M cleans a prediction."""
    return _drawn(facts, webcode2m_cleaned(page_source(facts)))


@fact(of_program=True, tools=TOOLS)
def page_repaired(facts: Facts) -> Page:
    """The page cleaned and read without Design2Code's defects, whichever side it is."""
    return _drawn(facts, repaired(page_source(facts)), repaired=True)


@fact(of_program=True, tools=TOOLS)
def page_repaired_uncut(facts: Facts) -> Page:
    """The same without the cut where text repeats, which WebCode2M does not make."""
    return _drawn(facts, repaired(page_source(facts), cut=False), repaired=True)


def drawn_reference(page: Page) -> Page:
    """The page.

    Raises:
        Unscorable: it can't be drawn, which is no candidate's fault.
    """
    if page.failed:
        raise Unscorable("the reference can't be drawn")
    return page


def _drawn(facts: Facts, html: str, *, repaired: bool = False) -> Page:
    colored = recolored(with_newlines(html), repaired=repaired)
    (original,) = _screenshots(facts, [html])
    if original is None:
        # In other colours it fails as well, each time after a deadline.
        return Page(html, _white(), (), failed=True)
    first, second = (
        _white() if shot is None else shot for shot in _screenshots(facts, [colored.first, colored.second])
    )
    found = blocks(colored.first, original, first, second, repaired=repaired)
    return Page(html, original, tuple(merged_by_box(found)))


def _screenshots(facts: Facts, sources: "Sequence[str]") -> "list[Bytes | None]":
    """Full pages, drawn side by side with the files of this side's program beside them; None where one failed."""
    from derender.render import RenderOptions

    assets = facts.program.assets if facts.program else None
    programs = [Program(source, Language.HTML, assets) for source in sources]
    options = RenderOptions(width=VIEWPORT[0], height=VIEWPORT[1])
    return [_screenshot(drawn) for _, drawn in facts.engine.render_many(programs, options, in_order=True)]


def _screenshot(drawn: "Rendering") -> "Bytes | None":
    """A rendering's pixels; None where the page failed.

    Raises:
        Unscorable: it was not drawn by no fault of the page.
    """
    from derender.core.pictures import flatten, read_picture

    if drawn.failure is not None and drawn.failure.ours:
        raise Unscorable(f"the page was not drawn, by no fault of its own: {drawn.failure.message}")
    if drawn.failure is not None or drawn.picture is None:
        return None
    return flatten(read_picture(drawn.picture.png))


def _white() -> "Bytes":
    import numpy as np

    return np.full((WHITE[1], WHITE[0], 3), 255, np.uint8)
