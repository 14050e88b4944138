"""Optimal transport: the least work it takes to turn one heap of weights into another.

The heaps of a block EMD are patches, and what it costs to move one patch to another is a transport problem itself, one
of ten thousand. Hardly any of them decides the result: `lazy_transport` starts from lower bounds of all, takes the
plan that would be best if they were true, works out the distances that this plan uses, and asks again. A plan that
uses none but exact distances is the best one, for the others cost at least their bounds. Where patches look alike a
hundred distances do instead of ten thousand.
"""

from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Singles = NDArray[np.float32]
    Indices = NDArray[np.intp]

DUST = 1e-7
"""Flow that comes of rounding."""
STEP = 1 / 8
"""Between neighbouring points."""


def transport(weights: "Floats", cost: "Floats") -> tuple[float, "Floats"]:
    """The least cost of moving weights to an equal set of them, and what goes where, from row to column.

    Args:
        weights: of each place on either side, n; their sum is 1.
        cost: of moving a unit from a place to another, n x n.
    """
    import cv2
    import numpy as np

    if np.ptp(weights) == 0 and _has_scipy():
        flow = np.zeros_like(cost)
        flow[_pairing(cost)] = weights[0]
        return float((flow * cost).sum()), flow
    column = weights.astype(np.float32)[:, None]
    total, _, found = cv2.EMD(column, column, cv2.DIST_USER, cost.astype(np.float32))
    return float(total), np.asarray(found, np.float64)


def lazy_transport(weights: "Floats", apart: "Floats", distances: "Distances") -> float:
    """The least cost of moving weights, costs being worked out only as far as they decide it.

    Args:
        weights: of each of n places, on either side; their sum is 1.
        apart: what moving from one place to another costs whatever is moved, n x n.
        distances: what is to be added for changing what stands at the one into what stands at the other.
    """
    import numpy as np

    while True:
        total, flow = transport(weights, distances.known() + apart)
        if distances.settle(*np.nonzero(flow > DUST)):
            return total


class Distances:
    """Earth mover's distances from some clouds of weighted points to others, each worked out when it first matters.

    The ground distance is L1. Clouds are n x points x (weight, grey, x, y): the weights of a cloud are positive, their
    sum is 1, grey is in 0..1, and the points stand at the same multiples of an eighth in each, none at that of another.
    """

    def __init__(self, ones: "Singles", others: "Singles") -> None:
        import numpy as np

        self._ones, self._rows = _distinct(ones)
        self._others, self._columns = _distinct(others)
        self._even = (np.ptp(self._ones[:, :, 0], axis=1) == 0)[:, None] & (np.ptp(self._others[:, :, 0], axis=1) == 0)
        staying = work_in_place(self._ones, self._others)
        self._exact = staying == 0
        self._values = np.maximum(work_by_axis(self._ones, self._others), staying)

    def known(self) -> "Floats":
        """Each distance or a lower bound of it, from the clouds of the one side to those of the other."""
        import numpy as np

        return self._values[np.ix_(self._rows, self._columns)]

    def settle(self, ones: "Indices", others: "Indices") -> bool:
        """Work out the distance of each pair; whether all were known already."""
        pairs = set(zip(self._rows[ones].tolist(), self._columns[others].tolist(), strict=True))
        unknown = [pair for pair in pairs if not self._exact[pair]]
        quicker = _has_scipy()
        for pair in unknown:
            measure = work_of_even if quicker and self._even[pair] else work_between
            self._values[pair] = measure(self._ones[pair[0]], self._others[pair[1]])
            self._exact[pair] = True
        return not unknown


def work_between(one: "Singles", other: "Singles") -> float:
    """The distance of two clouds, see `Distances`; by OpenCV, as published, and in 32 bits: right to some 1e-5.

    The sides can't be swapped without a change that small.
    """
    import cv2

    return float(cv2.EMD(one, other, cv2.DIST_L1)[0])


def work_of_even(one: "Singles", other: "Singles") -> float:
    """The distance of two clouds in each of which all points weigh the same, and which therefore pair off.

    The same as `work_between` to 1e-6, and quicker, which shows where hardly a pixel is background.
    """
    import numpy as np

    cost = np.abs(one[:, None, 1] - other[:, 1])
    for axis in (2, 3):
        cost += np.abs(one[:, None, axis] - other[:, axis])
    return float(cost[_pairing(cost)].mean(dtype=np.float64))


def work_by_axis(ones: "Singles", others: "Singles") -> "Floats":
    """A lower bound of the distances of clouds, see `Distances`: what it takes along each axis for itself.

    An L1 distance is the sum of those along the axes, and to move points along one axis takes the area between their
    distributions there. Areas are summed over bins, which takes a little away from that of the greys.
    """
    import numpy as np

    sides = []
    for clouds in (ones, others):
        weights = clouds[:, :, 0].astype(np.float64)
        areas = [_areas_below(weights, clouds[:, :, axis], bins) for axis, bins in ((1, 64), (2, 8), (3, 8))]
        sides.append(np.hstack(areas))
    return np.stack([np.abs(sides[1] - one).sum(axis=1) for one in sides[0]])


def work_in_place(ones: "Singles", others: "Singles") -> "Floats":
    """A lower bound of the distances of clouds, see `Distances`: points change where they stand, or move one pixel.

    A way leads an eighth at least. So what is in excess at a point pays a sixteenth for leaving and another where it
    arrives, and what stays pays for its change of grey, of which no more than an eighth counts.
    """
    import numpy as np

    def bound(one: "Singles") -> "Floats":
        change = np.minimum(np.abs(others[:, :, 1] - one[:, 1]), STEP)
        excess = np.abs(others[:, :, 0] - one[:, 0])
        staying = np.minimum(others[:, :, 0], one[:, 0])
        return np.asarray((staying * change + excess * (STEP / 2)).sum(axis=1, dtype=np.float64))

    return np.stack([bound(one) for one in ones])


def _has_scipy() -> bool:
    """Whether equal weights can be paired off; without it they are transported like others, more slowly."""
    return find_spec("scipy") is not None


def _pairing(cost: "Singles | Floats") -> tuple["Indices", "Indices"]:
    """Rows and the column that each is given, at the least cost in all."""
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(cost)
    return rows, columns


def _distinct(clouds: "Singles") -> tuple["Singles", "Indices"]:
    """The clouds that differ, and which of them each is."""
    import numpy as np

    _, first, kinds = np.unique(clouds.reshape(len(clouds), -1), axis=0, return_index=True, return_inverse=True)
    return clouds[first], kinds.ravel()


def _areas_below(weights: "Floats", places: "Singles", bins: int) -> "Floats":
    """The area below the distribution of each cloud along an axis, bin by bin."""
    import numpy as np

    edges = np.arange(1, bins + 1) / bins
    heights = np.clip(edges - places[:, :, None].astype(np.float64), 0, 1 / bins)
    return np.asarray(np.einsum("np,npb->nb", weights, heights))
