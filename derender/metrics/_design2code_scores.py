"""Design2Code's four scores of two pages' text blocks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ._ciede2000 import color_similarity
from ._design2code_blocks import Block
from ._design2code_matching import Matching

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class BlockScores:
    """The scores, each 0 to 1, higher being better; all 0 where nothing matches.

    Attributes:
        block_match: the matched blocks' share of the area of all blocks of both pages.
        text: mean ratio of the texts of matched blocks.
        position: mean of 1 less the larger of the horizontal and vertical distance of centres, in pages.
        color: mean likeness of their colours by CIEDE2000.
    """

    block_match: float = 0.0
    text: float = 0.0
    position: float = 0.0
    color: float = 0.0

    @property
    def total(self) -> float:
        """The sum of the four."""
        return self.block_match + self.text + self.position + self.color


def block_scores(matching: Matching) -> BlockScores:
    """The scores of a matching."""
    import numpy as np

    if not matching.pairs:
        return BlockScores()
    matched = [(matching.candidate[i], matching.reference[j]) for i, j, _ in matching.pairs]
    area = sum(one.area + other.area for one, other in matched)
    unmatched = _area(matching.candidate, {i for i, _, _ in matching.pairs})
    unmatched += _area(matching.reference, {j for _, j, _ in matching.pairs})
    centres = _centres([one for one, _ in matched]) - _centres([other for _, other in matched])
    colors = color_similarity([one.color for one, _ in matched], [other.color for _, other in matched])
    return BlockScores(
        block_match=area / (unmatched + area),
        text=float(np.mean([ratio for _, _, ratio in matching.pairs])),
        position=float(np.mean(1 - np.abs(centres).max(axis=1))),
        color=float(colors.mean()),
    )


def _area(blocks: Sequence[Block], matched: set[int]) -> float:
    return sum(block.area for at, block in enumerate(blocks) if at not in matched)


def _centres(blocks: Sequence[Block]) -> "NDArray[np.float64]":
    import numpy as np

    boxes = np.array([block.bbox for block in blocks])
    return boxes[:, :2] + boxes[:, 2:] / 2
