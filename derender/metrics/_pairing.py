"""Bringing the things of two sides together, by SciPy."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from derender.core import Missing

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]
    Indices = NDArray[np.intp]


def assigned(worth: "Numbers", *, maximize: bool = False) -> "tuple[Indices, Indices]":
    """Rows and the column that each is given, each in one pair, so that the sum is least, or greatest.

    Raises:
        Missing: SciPy is absent.
    """
    rows, columns = _scipy("optimize").linear_sum_assignment(worth, maximize=maximize)
    return rows, columns


def most_pairs(possible: "NDArray[np.bool_]") -> int:
    """How many rows can have a column of their own that is possible for them.

    Raises:
        Missing: SciPy is absent.
    """
    graph = _scipy("sparse").csr_array(possible)
    return int((_scipy("sparse.csgraph").maximum_bipartite_matching(graph, perm_type="column") >= 0).sum())


def distances_to_nearest(points: "Numbers", others: "Numbers") -> "Numbers":
    """How far the nearest of the others is from each point, in the coordinate in which it is farthest.

    Raises:
        Missing: SciPy is absent.
    """
    import numpy as np

    return np.asarray(_scipy("spatial").KDTree(others).query(points, p=np.inf)[0], float)


def _scipy(module: str) -> Any:  # noqa: ANN401 - a module
    try:
        return import_module(f"scipy.{module}")
    except ImportError:
        raise Missing("scipy", "pip install 'derender[metrics]'") from None
