"""Which text block of one page is which of another, as Design2Code decides: by text alone, neighbours being joined.

Blocks of a page are joined with the next one as long as that makes the texts of the pages match better, for models
break lines and elements elsewhere; then each is matched with at most one of the other page; weak matches are undone.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ._design2code_blocks import Block
from ._facts import Unscorable
from ._pairing import assigned
from ._text_ratio import TextRatios

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Costs = NDArray[np.float64]

LEAST_GAIN = 0.05
"""By which joining two blocks must better the mean ratio of the matches that it changes."""
LEAST_RATIO = 0.5
"""Of a match that counts."""
NEIGHBOUR_SHARE = 0.1
"""Of two neighbours' ratios, which a likely match gains."""
MOST_PAIRS = 160_000
"""Of a block of either page: 400 on each."""
MOST_CELLS = 500_000_000
"""Of all the assignments that are solved; some ten seconds."""


@dataclass(frozen=True, slots=True)
class Matching:
    """Two pages' blocks, joined, and which are the same.

    Attributes:
        candidate: the candidate's blocks.
        reference: the reference's.
        pairs: (index in candidate, index in reference, ratio of the texts) of each match.
    """

    candidate: tuple[Block, ...]
    reference: tuple[Block, ...]
    pairs: tuple[tuple[int, int, float], ...]


def match(candidate: Sequence[Block], reference: Sequence[Block]) -> Matching:
    """Match blocks; both sides' must be merged by their boxes.

    Raises:
        Unscorable: the texts are too many or too long.
    """
    if not candidate or not reference:
        return Matching(tuple(candidate), tuple(reference), ())
    if len(candidate) * len(reference) > MOST_PAIRS:
        sizes = f"{len(candidate)} and {len(reference)}"
        raise Unscorable(f"the pages have {sizes} blocks of text; up to {MOST_PAIRS} pairs of them are compared")
    table = _Table(list(candidate), list(reference), TextRatios(), MOST_CELLS)
    while table.join_candidates() | table.join_references():
        pass
    return table.matching()


class _Table:
    """The costs of matching each of the candidate's blocks (rows) with each of the reference's: ratios, negated."""

    def __init__(self, candidate: list[Block], reference: list[Block], ratios: TextRatios, cells: int) -> None:
        self._candidate = candidate
        self._reference = reference
        self._ratio = ratios
        self._cells_left = cells
        self._costs = self._costs_of(candidate, reference)

    def join_candidates(self) -> bool:
        """Join neighbours among the candidate's blocks where that gains; whether any were."""
        joined = self._joined(self._candidate, 0)
        changed = len(joined) < len(self._candidate)
        self._candidate = joined
        if changed:
            self._costs = self._costs_of(joined, self._reference)
        return changed

    def join_references(self) -> bool:
        """The same among the reference's."""
        joined = self._joined(self._reference, 1)
        changed = len(joined) < len(self._reference)
        self._reference = joined
        if changed:
            self._costs = self._costs_of(self._candidate, joined)
        return changed

    def matching(self) -> Matching:
        """The best assignment, likely matches beside likely ones being favoured, without the weak ones."""
        rows, columns = self._assigned(_with_neighbours(self._costs))
        matched = [(int(i), int(j), -float(self._costs[i, j])) for i, j in zip(rows, columns, strict=True)]
        pairs = tuple(pair for pair in matched if pair[2] >= LEAST_RATIO)
        return Matching(tuple(self._candidate), tuple(self._reference), pairs)

    def _joined(self, blocks: list[Block], axis: int) -> list[Block]:
        current = self._assigned_costs(self._costs)
        gains = []
        for at in range(len(blocks) - 1):
            gain = _gain(current, self._assigned_costs(self._costs_joined(blocks, at, axis)))
            if gain > LEAST_GAIN:
                gains.append((at, gain))
        taken: dict[int, int] = {}
        for at, _ in sorted(gains, key=lambda joint: -joint[1]):
            if not {at - 1, at, at + 1} & taken.keys():
                taken[at] = at + 1
        second = set(taken.values())
        return [
            join(block, blocks[at + 1]) if at in taken else block for at, block in enumerate(blocks) if at not in second
        ]

    def _costs_joined(self, blocks: list[Block], at: int, axis: int) -> "Costs":
        """The costs once two neighbours are one."""
        import numpy as np

        one = [join(blocks[at], blocks[at + 1])]
        costs = np.delete(self._costs, at + 1, axis=axis)
        if axis == 0:
            costs[at] = self._costs_of(one, self._reference)[0]
        else:
            costs[:, at] = self._costs_of(self._candidate, one)[:, 0]
        return costs

    def _costs_of(self, candidate: Sequence[Block], reference: Sequence[Block]) -> "Costs":
        import numpy as np

        return np.array([[-self._ratio(one.text, other.text) for other in reference] for one in candidate])

    def _assigned_costs(self, costs: "Costs") -> list[float]:
        rows, columns = self._assigned(costs)
        return [float(cost) for cost in costs[rows, columns]]

    def _assigned(self, costs: "Costs") -> "tuple[NDArray[np.intp], NDArray[np.intp]]":
        self._cells_left -= costs.size
        if self._cells_left < 0:
            raise Unscorable("the pages have too many blocks of text for every way of joining them to be tried")
        return assigned(costs)


def join(one: Block, next_one: Block) -> Block:
    """Two neighbours as one block: texts joined by a space, the box around both, the mean colour rounded down."""
    left, top = min(one.bbox[0], next_one.bbox[0]), min(one.bbox[1], next_one.bbox[1])
    right = max(one.bbox[0] + one.bbox[2], next_one.bbox[0] + next_one.bbox[2])
    bottom = max(one.bbox[1] + one.bbox[3], next_one.bbox[1] + next_one.bbox[3])
    red, green, blue = ((a + b) // 2 for a, b in zip(one.color, next_one.color, strict=True))
    return Block(f"{one.text} {next_one.text}", (left, top, right - left, bottom - top), (red, green, blue))


def _gain(before: Sequence[float], after: Sequence[float]) -> float:
    """By how much the mean of the costs that differ fell, where the least of them fell too."""
    gone, new = Counter(before) - Counter(after), Counter(after) - Counter(before)
    old_costs, new_costs = list(gone.elements()), list(new.elements())
    gain = _mean(old_costs) - _mean(new_costs)
    return 0.0 if gain > 0 and min(old_costs) <= min(new_costs) else gain


def _mean(costs: Sequence[float]) -> float:
    return sum(costs) / len(costs) if costs else 0.0


def _with_neighbours(costs: "Costs") -> "Costs":
    """The costs with a share of the two best of the up to eight around, for those better than a half."""
    import numpy as np

    adjusted = costs.copy()
    for i, j in np.argwhere(costs < -LEAST_RATIO):
        around = np.sort(costs[max(0, i - 1) : i + 2, max(0, j - 1) : j + 2], axis=None)
        others = np.delete(around, np.searchsorted(around, costs[i, j]))
        adjusted[i, j] += NEIGHBOUR_SHARE * others[:2].sum()
    return adjusted
