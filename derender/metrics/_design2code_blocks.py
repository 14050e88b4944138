"""The text blocks of a page, as Design2Code finds them: where each text lies and in which colour it is drawn.

A page is drawn three times: as it is and in two sets of colours that tell its elements apart, see `recolored`. What is
drawn in an element's first colour and then in its second is text of that element.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ._design2code_recoloring import SHIFT, Color, colored_texts
from ._facts import Unscorable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ._facts import Bytes

NEAR_SHIFT = 8
"""How far a pixel of text may be off the shift between its two colours."""
NEAR_COLOR = 4
"""How far it may be off the element's first colour."""
MOST_COLOR_PAIRS = 200_000_000
"""Of colours on the page and colours of elements."""


@dataclass(frozen=True, slots=True)
class Block:
    """A text and where it is drawn.

    Attributes:
        text: in lower case.
        bbox: left, top, width, height as shares of the page's width and height.
        color: red, green and blue in 0..255.
    """

    text: str
    bbox: tuple[float, float, float, float]
    color: tuple[float, float, float]

    @property
    def area(self) -> float:
        """The share of the page it covers."""
        return self.bbox[2] * self.bbox[3]


def blocks(
    first_html: str, original: "Bytes", first: "Bytes", second: "Bytes", *, repaired: bool = False
) -> list[Block]:
    """The text blocks of a page, in document order; one per text, so that several may share a box.

    Args:
        first_html: the page with the first colours, `Recolored.first`.
        original: the page's picture, height x width x 3.
        first: that of the page with the first colours.
        second: that of the page with the second colours.
        repaired: whether the page was recoloured so, and scripts and styles are no texts.

    Raises:
        Unscorable: html.parser refuses the page, a style in it breaks Design2Code, or its colours are too many.
    """
    texts = colored_texts(first_html, repaired=repaired)
    if first.shape != second.shape:
        return []
    drawn = _DrawnText.found(original, first, second)
    wanted = list(dict.fromkeys(color for _, color in texts))
    if len(wanted) * len(drawn.colors) > MOST_COLOR_PAIRS:
        raise Unscorable(f"the page has texts in {len(wanted)} colours of its own, too many to look for")
    places = {color: drawn.place(color) for color in wanted}
    found = [(text, place) for text, color in texts if (place := places[color]) is not None]
    if any(place.lost for _, place in found):
        return []
    return [Block(text.lower(), place.bbox, place.color) for text, place in found]


def merged_by_box(found: Sequence[Block]) -> list[Block]:
    """Blocks with the same box as one: texts joined by spaces, colours averaged one after another."""
    merged: dict[tuple[float, ...], Block] = {}
    for block in found:
        before = merged.get(block.bbox)
        if before is not None:
            red, green, blue = ((a + b) / 2 for a, b in zip(before.color, block.color, strict=True))
            block = Block(f"{before.text} {block.text}", block.bbox, (red, green, blue))
        merged[block.bbox] = block
    return list(merged.values())


@dataclass(frozen=True, slots=True)
class _Place:
    """Box and original colour of one colour's text, as in a `Block`; whether the original ends before it."""

    bbox: tuple[float, float, float, float]
    color: tuple[float, float, float]
    lost: bool


@dataclass(frozen=True, slots=True)
class _DrawnText:
    """The pixels of text, by their colours on the page with the first colours.

    Attributes:
        colors: n x 3, each once.
        edges: n x 4: the least column and row, the greatest column and row negated.
        counts: pixels of each colour.
        sums: n x 3: the sums of the original colours of those pixels.
        lost: of each colour, whether some of its pixels lie where the original page has none.
        shape: height and width of the page.
    """

    colors: "NDArray[np.int64]"
    edges: "NDArray[np.int64]"
    counts: "NDArray[np.int64]"
    sums: "NDArray[np.int64]"
    lost: "NDArray[np.bool_]"
    shape: tuple[int, int]

    @classmethod
    def found(cls, original: "Bytes", first: "Bytes", second: "Bytes") -> "_DrawnText":
        import cv2
        import numpy as np

        # Bytes overflow as the colours handed out do.
        apart = cv2.absdiff(first + np.uint8(SHIFT), second)
        rows, columns = np.nonzero(cv2.inRange(apart, (0, 0, 0), (NEAR_SHIFT,) * 3))
        packed = first[rows, columns].astype(np.int64) @ np.array([1 << 16, 1 << 8, 1])
        order = np.argsort(packed, kind="stable")
        packed, rows, columns = packed[order], rows[order], columns[order]
        starts = np.flatnonzero(np.diff(packed, prepend=-1))
        inside = (rows < original.shape[0]) & (columns < original.shape[1])
        seen = np.zeros((packed.size, 3), np.int64)
        seen[inside] = original[rows[inside], columns[inside]]
        edges = np.stack([columns, rows, -columns, -rows], axis=1)
        colors = packed[starts]
        return cls(
            colors=np.stack([colors >> 16, colors >> 8 & 255, colors & 255], axis=1),
            edges=np.minimum.reduceat(edges, starts) if starts.size else edges,
            counts=np.diff(starts, append=packed.size),
            sums=np.add.reduceat(seen, starts) if starts.size else seen,
            lost=np.logical_or.reduceat(~inside, starts) if starts.size else inside,
            shape=(first.shape[0], first.shape[1]),
        )

    def place(self, color: Color) -> _Place | None:
        """Where text of a colour is; None where there is none."""
        import numpy as np

        if min(color) < NEAR_COLOR or max(color) > 255 - NEAR_COLOR:
            # The published bounds are bytes and overflow; nothing lies between them.
            return None
        near = np.flatnonzero((np.abs(self.colors - np.array(color)) <= NEAR_COLOR).all(axis=1))
        if near.size == 0:
            return None
        left, top, right, bottom = (int(edge) for edge in self.edges[near].min(axis=0) * (1, 1, -1, -1))
        height, width = self.shape
        red, green, blue = (float(channel) for channel in self.sums[near].sum(axis=0) // self.counts[near].sum())
        return _Place(
            bbox=(left / width, top / height, (right - left + 1) / width, (bottom - top + 1) / height),
            color=(red, green, blue),
            lost=bool(self.lost[near].any()),
        )
