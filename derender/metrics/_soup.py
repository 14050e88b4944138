"""Pages as Beautiful Soup reads them with Python's own parser, which is how papers on web pages read them.

It repairs little: what a page leaves out, such as ``<html>``, is not in its tree.
"""

from html.parser import HTMLParser
from typing import TYPE_CHECKING

from derender.core import Language, Missing
from derender.core.quiet import no_warnings

from ._facts import Facts, Unscorable, fact

if TYPE_CHECKING:
    from bs4 import BeautifulSoup

MOST_CHARACTERS = 1_000_000
MOST_REREAD = 50_000_000
"""Characters looked at again after the last complete tag; half a second."""


def page_source(facts: Facts) -> str:
    """The text of a page.

    Raises:
        Unscorable: this side is no page.
    """
    source = facts.source
    if facts.program is not None and facts.program.language is not Language.HTML:
        raise Unscorable(f"pages are compared here, and {facts.name or 'this side'} is {facts.program.language}")
    return source


@fact(of_program=True, tools=("beautifulsoup4",))
def soup(facts: Facts) -> "BeautifulSoup":
    """The page's tree as html.parser gives it; not to be changed."""
    return read_soup(page_source(facts))


def read_soup(source: str) -> "BeautifulSoup":
    """A page's tree as Beautiful Soup gives it with ``html.parser``.

    Raises:
        Unscorable: the page is refused by that parser, or too long for it.
        Missing: Beautiful Soup is absent.
    """
    try:
        import bs4
    except ImportError:
        raise Missing("beautifulsoup4", "pip install 'derender[metrics]'") from None
    _check(source)
    # A text that looks like XML, a file name or an address is read as a page all the same.
    with no_warnings():
        try:
            return bs4.BeautifulSoup(source, "html.parser")
        except (bs4.ParserRejectedMarkup, ValueError) as error:
            # The latter of character references with more digits than Python makes numbers of.
            raise Unscorable(f"html.parser refuses the page: {str(error).splitlines()[0]}") from None


def _check(source: str) -> None:
    """Refuse what html.parser would take minutes for: each ``<`` left over at a page's end is tried on all the rest."""
    if len(source) > MOST_CHARACTERS:
        raise Unscorable(f"the page has {len(source)} characters; up to {MOST_CHARACTERS} are read")
    probe = HTMLParser(convert_charrefs=False)
    try:
        probe.feed(source)
    except AssertionError:
        return
    rest = probe.rawdata
    if rest.count("<") * len(rest) > MOST_REREAD:
        raise Unscorable(f"the last {len(rest)} characters of the page are tags that never end")
