"""Where a page begins to say the same thing over and over, as models do that can't find an end.

The text outside of tags is cut into chunks; chunks that are nearly equal to an earlier one are counted.
"""

from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate

from ._facts import Unscorable
from ._text_ratio import TextRatios

CHUNK = 100
ALIKE = 0.8
REPETITIONS = 5
MOST_CHUNKS = 2000
"""Every chunk is compared with all before it."""
MOST_LOOKED_AT = 50_000_000
"""Characters in comparisons of chunks; some seconds."""
LANE = 13
"""Bytes that hold a chunk's characters as bits, with room for a carry."""


def published_start(html: str) -> int | None:
    """Where Design2Code cuts a page off: an index into it, or None where nothing repeats.

    Its places are off: a place in the text without tags is looked for in the page by spelling that text with the page's
    first fitting letters, those of tags among them, and is then compared with places in the text.

    Raises:
        Unscorable: the page is too long to be compared with itself.
    """
    pieces = tuple(_outside_tags(html))
    text = "".join(piece for _, piece in pieces)
    spelled = _Spelled(text, html)
    start = len(text)
    for first in _repeated(text):
        found = min(start, first * CHUNK)
        start = min(start, spelled.place(found) if found < len(text) else len(html))
    return None if start == len(text) else start


def repetition_start(html: str) -> int | None:
    """Where the first chunk of text ends that comes back often: an index into the page, or None.

    What was said once is kept, or nothing would be left of a page that says one thing only.

    Raises:
        Unscorable: the page is too long to be compared with itself.
    """
    pieces = tuple(_outside_tags(html))
    firsts = list(_repeated("".join(piece for _, piece in pieces)))
    if not firsts:
        return None
    begins = [0, *accumulate(len(piece) for _, piece in pieces)]
    at = (min(firsts) + 1) * CHUNK
    piece = bisect_right(begins, at) - 1
    return pieces[piece][0] + at - begins[piece]


def _outside_tags(html: str) -> Iterator[tuple[int, str]]:
    """The pieces of text between tags and where each begins; a tag ends on its own line, or is text."""
    start = 0
    for line in html.split("\n"):
        at = 0
        while (opens := line.find("<", at)) >= 0 and (closes := line.find(">", opens)) >= 0:
            yield start + at, line[at:opens]
            at = closes + 1
        start += len(line) + 1
        yield start - 1 - len(line) + at, line[at:] + ("\n" if start <= len(html) else "")


def _repeated(text: str) -> Iterator[int]:
    """The index of a chunk's first likeness, each time it has come up often enough."""
    chunks = [text[start : start + CHUNK] for start in range(0, len(text), CHUNK)]
    if len(chunks) > MOST_CHUNKS:
        limit = MOST_CHUNKS * CHUNK
        raise Unscorable(f"the page has {len(text)} characters of text; repetitions are looked for in up to {limit}")
    seen = _SeenChunks()
    for index, chunk in enumerate(chunks):
        first, times = seen.count(chunk, index)
        if times >= REPETITIONS:
            yield first


class _SeenChunks:
    """The different chunks so far, each with its first index and how often it, or one alike, came up.

    Nearly all pairs of chunks are told apart by their longest common subsequence, which no matching of difflib's can
    exceed; it is found for all chunks at once, each in a lane of bits of one long integer (Hyyrö, 2004).
    """

    def __init__(self) -> None:
        self._ratios = TextRatios(MOST_LOOKED_AT)
        self._chunks: list[str] = []
        self._firsts: list[int] = []
        self._times: list[int] = []
        self._bits: dict[str, int] = {}
        self._lanes = 0

    def count(self, chunk: str, index: int) -> tuple[int, int]:
        """Count a chunk with the first that is alike, else as one of its own; that one's first index and count."""
        alike = (at for at in self._candidates(chunk) if self._ratios(chunk, self._chunks[at]) >= ALIKE)
        at = next(alike, None)
        if at is None:
            at = len(self._chunks)
            self._add(chunk, index)
        self._times[at] += 1
        return self._firsts[at], self._times[at]

    def _add(self, chunk: str, index: int) -> None:
        shift = 8 * LANE * len(self._chunks)
        for place, character in enumerate(chunk):
            self._bits[character] = self._bits.get(character, 0) | 1 << (shift + place)
        self._lanes |= ((1 << CHUNK) - 1) << shift
        self._chunks.append(chunk)
        self._firsts.append(index)
        self._times.append(0)

    def _candidates(self, chunk: str) -> list[int]:
        import numpy as np

        lanes = left = self._lanes
        for character in chunk:
            common = left & self._bits.get(character, 0)
            left = ((left + common) | (left - common)) & lanes
        used = (lanes & ~left).to_bytes(LANE * len(self._chunks), "little")
        longest = np.unpackbits(np.frombuffer(used, np.uint8).reshape(-1, LANE), axis=1).sum(axis=1)
        lengths = np.array([len(seen) for seen in self._chunks]) + len(chunk)
        return [int(at) for at in np.flatnonzero(2.0 * longest >= ALIKE * lengths - 1e-9)]


class _Spelled:
    """A text's letters, each found in a page after the one before."""

    def __init__(self, text: str, page: str) -> None:
        self._text = text
        self._page = page
        self._places: list[int] = []

    def place(self, index: int) -> int:
        while len(self._places) <= index:
            after = self._places[-1] + 1 if self._places else 0
            self._places.append(self._page.index(self._text[len(self._places)], after))
        return self._places[index]
