"""Pages in colours that tell their elements apart, as Design2Code makes them, and which text has which of the colours.

Every element that may hold text gets a colour of its own, twice: the second time each channel is 50 more.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from ._facts import Unscorable
from ._soup import read_soup

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, NavigableString, Tag

TEXT_TAGS = (
    *("p", "h1", "h2", "h3", "h4", "h5", "h6", "div", "span", "a", "b", "li"),
    *("table", "td", "th", "button", "footer", "header", "figcaption"),
)
ROOTS = ("body", "html")
HIDDEN = ("head", "title", "noscript")
LEVELS = tuple(range(250, 9, -16))
"""Of each channel, in the order in which the colours are handed out."""
MOST_COLORS = len(LEVELS) ** 3
SHIFT = 50
"""Between the two colours of an element, in each channel, beginning anew after 255."""

Color = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Recolored:
    """A page's text with the first colours and with the second."""

    first: str
    second: str


def recolored(html: str, *, repaired: bool = False) -> Recolored:
    """The two pages to draw beside the page itself.

    Args:
        html: the page.
        repaired: whether every text gets a colour, that of the body too, and only elements with text take one.

    Raises:
        Unscorable: the page has more elements than there are colours, or html.parser refuses it.
    """
    soup = read_soup(html)
    owners = _owners(soup) if repaired else soup.find_all(TEXT_TAGS)
    if len(owners) > MOST_COLORS:
        what = "elements with text" if repaired else "elements that may hold text"
        raise Unscorable(f"the page has {len(owners)} {what}, and Design2Code has {MOST_COLORS} colours")
    for element in soup.find_all(True):
        _restyle(element, "background-color", "rgba(255, 255, 255, 0.0)")
        if repaired and element.name not in (*TEXT_TAGS, *ROOTS):
            _restyle(element, "color", "inherit")
    for element in soup.find_all(TEXT_TAGS) if repaired else owners:
        _restyle(element, "opacity", "1.0")
    return Recolored(_written(soup, owners, 0), _written(soup, owners, SHIFT))


def colored_texts(html: str, *, repaired: bool = False) -> list[tuple[str, Color]]:
    """The texts of a recoloured page's body, in order, each with the colour of the nearest element that has one.

    Text in no such element has black. As Design2Code has it, scripts, styles and declarations are texts unless
    repaired, and texts whose colour is written in a way it does not read are left out.

    Raises:
        Unscorable: a style breaks Design2Code, or html.parser refuses the page.
    """
    from bs4 import Comment, NavigableString, Tag

    soup = read_soup(html)
    body = soup.body or (soup if repaired else None)
    if body is None:
        return []
    shown = {id(text) for text in _shown_texts(body)} if repaired else set()
    inherited = {id(body): _written_color(body, repaired=repaired) or "#000000"}
    texts = []
    for node in body.descendants:
        if isinstance(node, Tag):
            inherited[id(node)] = _written_color(node, repaired=repaired) or inherited[id(node.parent)]
        elif isinstance(node, NavigableString) and (id(node) in shown if repaired else not isinstance(node, Comment)):
            texts.append((node.strip(), _read(inherited[id(node.parent)])))
    return [(text, color) for text, color in texts if text and color is not None]


def _written(soup: "BeautifulSoup", owners: "list[Tag]", shift: int) -> str:
    for element, levels in zip(owners, _palette(), strict=False):
        _restyle(element, "color", "#" + "".join(f"{(level + shift) % 256:02X}" for level in levels))
    return str(soup)


def _palette() -> Iterator[Color]:
    return ((red, green, blue) for red in LEVELS for green in LEVELS for blue in LEVELS)


def _restyle(element: "Tag", name: str, value: str) -> None:
    rules = str(element.attrs.get("style", "")).split(";")
    kept = [rule for rule in rules if rule.strip() and not rule.strip().startswith(name)]
    element["style"] = "; ".join([*kept, f"{name}: {value} !important"]).strip()


def _written_color(element: "Tag", *, repaired: bool) -> str | None:
    """The colour in an element's style as Design2Code understands it, as ``#`` and digits; None where it doesn't."""
    rules = str(element.attrs.get("style", "")).split(";")
    if repaired:
        rules = [rule for rule in rules if rule.strip().startswith("color:")]
    colors = [rule for rule in rules if "color" in rule and "background-color" not in rule]
    if not colors:
        return None
    value = ":".join(colors[-1].split(":")[1:2]).strip().replace(" !important", "")
    try:
        return value if value[0] == "#" else "#{:02x}{:02x}{:02x}".format(*_named(value))
    except ValueError:
        return None
    except IndexError:
        if repaired:
            return None
        raise Unscorable(f"Design2Code stops at the style {colors[-1].strip()[:80]!r}") from None


def _named(color: str) -> tuple[int, ...]:
    from PIL import ImageColor

    if color.startswith("rgb"):
        return tuple(int(channel) for channel in color[4:-1].split(","))
    return ImageColor.getrgb(color)


def _read(color: str) -> Color | None:
    digits = color.lstrip("#")
    try:
        red, green, blue = (int(digits[at : at + 2], 16) for at in (0, 2, 4))
    except ValueError:
        return None
    return (red, green, blue) if min(red, green, blue) >= 0 else None


def _owners(soup: "BeautifulSoup") -> "list[Tag]":
    """The elements that shown texts take their colours from, each once."""
    from bs4 import Tag

    nearest: dict[int, Tag | None] = {id(soup): None}
    for element in soup.find_all(True):
        parent = nearest[id(element.parent)]
        nearest[id(element)] = element if element.name in (*TEXT_TAGS, *ROOTS) else parent
    owners = [nearest[id(text.parent)] for text in _shown_texts(soup) if text.strip()]
    return list({id(owner): owner for owner in owners if owner is not None}.values())


def _shown_texts(root: "Tag") -> "list[NavigableString]":
    """The texts that pages show: no script, style, comment, declaration or title."""
    from bs4 import CData, NavigableString, Tag

    hidden: set[int] = set()
    texts = []
    for node in root.descendants:
        if isinstance(node, Tag):
            if node.name in HIDDEN or id(node.parent) in hidden:
                hidden.add(id(node))
        elif type(node) in {NavigableString, CData} and id(node.parent) not in hidden:
            texts.append(cast("NavigableString", node))
    return texts
