"""SlideBench: how alike two slides are by their blocks of text and their pictures, as VIGA computes it.

A slide is what its file says of it (`Slide`), not a picture. The likeness of texts is given, since the bench takes a
sentence encoder's cosine (all-MiniLM-L6-v2). A slide's score is the mean of these four numbers and of a judge's four
(text, image, layout, color; 0..5 times 20); the bench's is the mean over all slides, a slide without a file being 0.

Ge et al., AutoPresent, CVPR 2025, for the bench; VIGA, arXiv 2601.11109, whose script is the official mode here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, cast

from ._facts import Unscorable
from ._metric import Difference, Mode
from ._pairing import assigned
from ._text_ratio import TextRatios

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

MOST_BLOCKS = 300
CONTEXT_FROM = 0.5
"""Texts more alike than this are drawn together where their neighbours are alike too."""

DIFFERENCES = (
    Difference(
        "nothing to compare is full marks",
        "text, color and position are 100 where no pair of blocks has any",
        "they are 0 there, unless the reference has none either",
        "an empty slide against any: official match 0 and the others 100, fixed 0",
    ),
    Difference(
        "equal fills",
        "inherited fills, gradients and patterns are never alike, and so are backgrounds that are no plain colour",
        "equal fills are alike",
        "a slide of text boxes whose fill is the theme's, against itself: official color 0, fixed 100",
    ),
    Difference(
        "rounding",
        "each number is rounded to a tenth, since it is read back from a text file",
        "it is not",
        "match 2/3: official 66.7, fixed 66.666…",
    ),
)


class Paint(StrEnum):
    """What kind of fill a block or a background has."""

    SOLID = "solid"
    """One colour, red, green and blue in 0..255."""
    THEME = "theme"
    """A colour of the theme, by its name."""
    NONE = "none"
    """No fill, said so."""
    INHERITED = "inherited"
    """Nothing said; what the layout has."""
    PICTURE = "picture"
    """The picture's own bytes, or what stands for them."""
    OTHER = "other"
    """A gradient, a pattern, a texture."""


@dataclass(frozen=True, slots=True)
class Fill:
    """The fill of a block or a background; two are equal when both fields are."""

    paint: Paint
    value: tuple[int, int, int] | str | bytes | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """A text box or a picture. Lengths are shares of the slide's width and height.

    Attributes:
        text: None for a picture.
        fill: of a picture the picture itself.
    """

    left: float
    top: float
    width: float
    height: float
    text: str | None
    fill: Fill

    @property
    def area(self) -> float:
        """Share of the slide."""
        return self.width * self.height


@dataclass(frozen=True, slots=True)
class Slide:
    """The blocks of a slide, in their order, and its background."""

    blocks: tuple[Block, ...]
    background: Fill = Fill(Paint.INHERITED)


@dataclass(frozen=True, slots=True)
class SlideScores:
    """0..100, more is better.

    Attributes:
        match: the share of the blocks' area that found a partner.
        text: the likeness of the texts of partners.
        color: the likeness of their fills, and of the backgrounds.
        position: how near their centres lie.
    """

    match: float
    text: float
    color: float
    position: float


def slide_scores(
    reference: Slide,
    candidate: Slide,
    text_likeness: Callable[[str, str], float],
    mode: Mode | str = Mode.OFFICIAL,
) -> SlideScores:
    """Compare two slides.

    Args:
        reference: the slide wanted.
        candidate: the slide made.
        text_likeness: (candidate's text, reference's) → likeness; asked for texts that are not empty.
        mode: see `DIFFERENCES`.

    Raises:
        Unscorable: neither slide has a block of any area, there are too many, or their texts are too long.
    """
    mode = Mode(mode)
    found = _pairs(candidate.blocks, reference.blocks)
    total = sum(block.area for slide in (reference, candidate) for block in slide.blocks)
    if total <= 0:
        raise Unscorable("neither slide has a block of any area")
    texts = [text_likeness(one.text, other.text) for one, other in found if one.text and other.text]
    backgrounds = fill_likeness(candidate.background, reference.background, mode, background=True)
    fills = [fill_likeness(one.fill, other.fill, mode) for one, other in found]
    scores = SlideScores(
        match=min(100.0, 100 * sum(one.area + other.area for one, other in found) / total),
        text=_mean(texts, mode, wanted=any(block.text for block in reference.blocks)),
        color=_mean(fills + [backgrounds] * len(fills), mode, wanted=bool(reference.blocks)),
        position=_mean([_nearness(*pair) for pair in found], mode, wanted=bool(reference.blocks)),
    )
    return _rounded(scores) if mode is Mode.OFFICIAL else scores


def _mean(values: Sequence[float], mode: Mode, *, wanted: bool) -> float:
    if values:
        return 100 * sum(values) / len(values)
    return 0.0 if wanted and mode is Mode.FIXED else 100.0


def _rounded(scores: SlideScores) -> SlideScores:
    numbers = scores.match, scores.text, scores.color, scores.position
    return SlideScores(*(float(f"{number:.1f}") for number in numbers))


def _nearness(one: Block, other: Block) -> float:
    """1 less the greater of the distances across and down between the centres; 0 at least."""
    across = (one.left + one.width / 2) - (other.left + other.width / 2)
    down = (one.top + one.height / 2) - (other.top + other.height / 2)
    return max(0.0, 1 - max(abs(across), abs(down)))


def fill_likeness(one: Fill, other: Fill, mode: Mode | str = Mode.OFFICIAL, *, background: bool = False) -> float:
    """How alike two fills are, 0..1: plain colours by CIEDE2000, everything else by being equal; see `DIFFERENCES`."""
    from ._ciede2000 import ciede2000, to_lab

    if one.paint is other.paint is Paint.SOLID:
        colors = [to_lab(cast("tuple[int, int, int]", fill.value)) for fill in (one, other)]
        return max(0.0, 1 - float(ciede2000(*colors)) / 100)
    if Mode(mode) is Mode.FIXED:
        return float(one == other)
    comparable = not background and one.paint in {Paint.PICTURE, Paint.THEME, Paint.NONE}
    return float(comparable and one == other)


def _pairs(ours: Sequence[Block], theirs: Sequence[Block]) -> list[tuple[Block, Block]]:
    """Partners by the likeness of their texts, and of those of the blocks next to them; as many as the fewer blocks."""
    if max(len(ours), len(theirs)) > MOST_BLOCKS:
        raise Unscorable(f"slides of more than {MOST_BLOCKS} blocks are not compared")
    if not ours or not theirs:
        return []
    rows, columns = assigned(_with_context(_likeness(ours, theirs)), maximize=True)
    return [(ours[i], theirs[j]) for i, j in zip(rows.tolist(), columns.tolist(), strict=True)]


def _likeness(ours: Sequence[Block], theirs: Sequence[Block]) -> Floats:
    import numpy as np

    ratio = TextRatios()
    rows = [
        [0.0 if one.text is None or other.text is None else ratio(one.text, other.text) for other in theirs]
        for one in ours
    ]
    return np.array(rows, np.float64)


def _with_context(likeness: Floats) -> Floats:
    """To every likeness above one half, the two greatest others of the three by three around it are added."""
    import numpy as np

    raised = likeness.copy()
    for i, j in np.argwhere(likeness > CONTEXT_FROM):
        around = likeness[max(0, i - 1) : i + 2, max(0, j - 1) : j + 2].ravel()
        others = sorted(around)
        others.remove(likeness[i, j])
        raised[i, j] += sum(others[-2:])
    return raised
