"""What lies badly on the frames of a film: objects off the frame, objects that cover each other.

Found from the bounds of the objects in each frame, which a renderer knows, and not from pixels: no model is asked, and
nothing is rendered here. Lesson films (Code2Video) are criticised by just these flaws.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from typing import TYPE_CHECKING, cast

from derender.core import UserError

from ._facts import Unscorable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

MOST_FRAMES, MOST_BOXES = 1000, 200
FARTHEST = 1e12


@dataclass(frozen=True, slots=True)
class Box:
    """An object's bounds, in any unit; a line has no width or no height."""

    left: float
    top: float
    right: float
    bottom: float

    def __post_init__(self) -> None:
        sides = self.left, self.top, self.right, self.bottom
        if not (all(abs(side) <= FARTHEST for side in sides) and self.left <= self.right and self.top <= self.bottom):
            raise UserError(f"no box has the sides {sides}: left to right and top to bottom numbers grow")


class Flaw(StrEnum):
    """What may be wrong with where objects lie."""

    OFF_FRAME = "off_frame"
    """An object lies outside the frame, or some of it does."""
    OVERLAP = "overlap"
    """Two objects cover each other."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One flaw in one frame.

    Attributes:
        flaw: what is wrong.
        frame: the number of the frame.
        objects: the one or two concerned.
        amount: the share outside the frame, or of the smaller object that is covered; 0..1.
    """

    flaw: Flaw
    frame: int
    objects: tuple[str, ...]
    amount: float


@dataclass(frozen=True, slots=True)
class Layout:
    """What lies badly in a film.

    Attributes:
        findings: frame by frame.
        frames: how many were looked at.
    """

    findings: tuple[Finding, ...]
    frames: int

    def rate(self, flaw: Flaw | None = None) -> float:
        """The share of frames with such a flaw, or with any; 0 is best."""
        return len({each.frame for each in self.findings if flaw in {None, each.flaw}}) / self.frames


@dataclass(frozen=True, slots=True)
class Tolerance:
    """What is no flaw.

    Attributes:
        outside: the share of an object that may lie outside the frame.
        covered: the share of the smaller object that two may have in common.
        nested: whether an object may lie wholly inside a larger one, as a label in its shape.
        pairs: two names each, of objects that may overlap anyhow.
    """

    outside: float = 0.01
    covered: float = 0.05
    nested: bool = True
    pairs: Collection[frozenset[str]] = frozenset()


def layout(frames: Sequence[Mapping[str, Box]], canvas: Box, tolerance: Tolerance | None = None) -> Layout:
    """The objects that lie off the frame or cover each other.

    Args:
        frames: of each frame the objects to be seen, by name.
        canvas: the bounds of the frame, in the same unit.
        tolerance: what is let pass.

    Raises:
        Unscorable: there are no frames, too many, or too many objects in one.
    """
    if not 0 < len(frames) <= MOST_FRAMES:
        raise Unscorable(f"a layout is looked at in 1 to {MOST_FRAMES} frames, not {len(frames)}")
    let_pass = tolerance or Tolerance()
    findings = [found for number, boxes in enumerate(frames) for found in _flaws(number, boxes, canvas, let_pass)]
    return Layout(tuple(findings), len(frames))


def _flaws(number: int, boxes: Mapping[str, Box], canvas: Box, let_pass: Tolerance) -> list[Finding]:
    if len(boxes) > MOST_BOXES:
        raise Unscorable(f"frame {number} holds {len(boxes)} objects: {MOST_BOXES} are the most")
    if not boxes:
        return []
    off = [
        Finding(Flaw.OFF_FRAME, number, (name,), share)
        for name, share in zip(boxes, _outside(boxes.values(), canvas), strict=True)
        if share > let_pass.outside
    ]
    names, covered = list(boxes), _covered(boxes.values(), nested=let_pass.nested)
    over = [
        Finding(Flaw.OVERLAP, number, (names[i], names[j]), covered[i][j])
        for i, j in combinations(range(len(names)), 2)
        if covered[i][j] > let_pass.covered and frozenset((names[i], names[j])) not in let_pass.pairs
    ]
    return off + over


def _outside(boxes: Collection[Box], canvas: Box) -> list[float]:
    """The share of each that lies outside the canvas; a line on its border does not."""
    within = _share_within(*_corners(boxes), *_corners([canvas]), touching=True)
    return cast("list[float]", (1 - within[:, 0]).tolist())


def _covered(boxes: Collection[Box], *, nested: bool) -> list[list[float]]:
    """Of each two, the share of the smaller that both have; 0 where it lies within a larger and may."""
    import numpy as np

    corners = _corners(boxes)
    within = _share_within(*corners, *corners, touching=False)
    covered = np.maximum(within, within.T)
    if nested:
        covered[(covered == 1) & (np.minimum(within, within.T) < 1)] = 0
    return cast("list[list[float]]", covered.tolist())


def _corners(boxes: Collection[Box]) -> tuple[Floats, Floats]:
    """Left and top of each, and right and bottom; both n x 2."""
    import numpy as np

    lows = np.array([(box.left, box.top) for box in boxes], np.float64)
    return lows, np.array([(box.right, box.bottom) for box in boxes], np.float64)


def _share_within(lows: Floats, highs: Floats, others_low: Floats, others_high: Floats, *, touching: bool) -> Floats:
    """The share of each box (rows) that lies within each other (columns); of a line, of its length.

    Args:
        lows: left and top of boxes, n x 2.
        highs: right and bottom.
        others_low: left and top of others, m x 2.
        others_high: right and bottom.
        touching: whether a line on the border of another lies within it.
    """
    import numpy as np

    low, high = np.maximum(lows[:, None], others_low), np.minimum(highs[:, None], others_high)
    length = (highs - lows)[:, None]
    share = np.divide(np.clip(high - low, 0, None), length, out=np.zeros_like(low), where=length > 0)
    inside = (low <= high) if touching else (lows[:, None] > others_low) & (highs[:, None] < others_high)
    same_line = (others_low == others_high) & (lows[:, None] == others_low)
    return cast("Floats", np.prod(np.where(length > 0, share, inside | same_line), axis=2))
