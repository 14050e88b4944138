"""How well two scores of the same samples agree, for many resamples at once.

Each measure takes both scores (S numbers each) and gives a function of rows of counts, B × S, how often each sample was
drawn, to B correlations; NaN where one of the scores doesn't vary.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Numbers: TypeAlias = npt.NDArray[np.float64]

_LEVELS_A_SAMPLE = 12
"""How large a table of levels may be, for each sample."""
_FLAT = 1e-12
"""Share of a mean square that a variance must exceed to be one."""


def pearson(x: "Numbers", y: "Numbers") -> "Callable[[Numbers], Numbers]":
    """Along a straight line."""
    dx, dy = x - x.mean() if x.size else x, y - y.mean() if y.size else y

    def of(counts: "Numbers") -> "Numbers":
        return _ratio(*(counts @ column / x.size for column in (dx, dy, dx * dy, dx * dx, dy * dy)))

    return of


def _ratio(mx: "Numbers", my: "Numbers", xy: "Numbers", xx: "Numbers", yy: "Numbers") -> "Numbers":
    """Covariance over the root of the variances, NaN where one of them is 0, out of five means."""
    import numpy as np

    of_x, of_y = xx - mx * mx, yy - my * my
    # What rounding leaves of no spread at all, whatever the scale.
    flat = (of_x <= _FLAT * xx) | (of_y <= _FLAT * yy)
    return np.where(flat, np.nan, (xy - mx * my) / np.sqrt(np.where(flat, 1.0, of_x * of_y)))


def spearman(x: "Numbers", y: "Numbers") -> "Callable[[Numbers], Numbers]":
    """Pearson's of the ranks."""
    rank_x, rank_y = _ranking(x), _ranking(y)

    def of(counts: "Numbers") -> "Numbers":
        # Ranks from their middle, to lose no digits.
        middle = (x.size + 1) / 2
        rx, ry = rank_x(counts) - middle, rank_y(counts) - middle
        products = (rx, ry, rx * ry, rx * rx, ry * ry)
        return _ratio(*((counts * each).sum(axis=1) / x.size for each in products))

    return of


def _ranking(values: "Numbers") -> "Callable[[Numbers], Numbers]":
    """Rows of counts to rows of the samples' ranks in that resample."""
    import numpy as np

    order = np.argsort(values, kind="stable")
    _, level, sizes = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(sizes) - 1

    def of(counts: "Numbers") -> "Numbers":
        upto = np.cumsum(counts[:, order], axis=1)[:, ends]
        alike = np.diff(upto, axis=1, prepend=0.0)
        return (upto - (alike - 1) / 2)[:, level]

    return of


def kendall(x: "Numbers", y: "Numbers") -> "Callable[[Numbers], Numbers]":
    """The tau that counts ties, tau-b, out of pairs of samples."""
    import numpy as np

    def of(counts: "Numbers") -> "Numbers":
        agree, of_x, of_y = pairs(counts)
        some = (of_x > 0) & (of_y > 0)
        return np.where(some, agree / np.sqrt(np.where(some, of_x * of_y, 1.0)), np.nan)

    # People have few levels: a table of levels is then far smaller than one of all pairs of samples.
    levels = np.unique(x).size * np.unique(y).size
    pairs = _pairs_by_level(x, y) if levels <= _LEVELS_A_SAMPLE * x.size else _pairs_by_sample(x, y)
    return of


def _pairs_by_sample(x: "Numbers", y: "Numbers") -> "Callable[[Numbers], tuple[Numbers, Numbers, Numbers]]":
    """Of rows of counts: pairs in agreement less those in disagreement, pairs untied in x, those untied in y."""
    import numpy as np

    sign_x, sign_y = (np.sign(values[:, None] - values[None, :]) for values in (x, y))
    tables = sign_x * sign_y, np.abs(sign_x), np.abs(sign_y)

    def of(counts: "Numbers") -> "tuple[Numbers, Numbers, Numbers]":
        agree, of_x, of_y = (((counts @ table) * counts).sum(axis=1) for table in tables)
        return agree, of_x, of_y

    return of


def _pairs_by_level(x: "Numbers", y: "Numbers") -> "Callable[[Numbers], tuple[Numbers, Numbers, Numbers]]":
    """The same three, out of how many samples each pair of levels has."""
    import numpy as np

    (of_x, in_x), (of_y, in_y) = (np.unique(values, return_inverse=True) for values in (x, y))
    cell = in_x * of_y.size + in_y
    order = np.argsort(cell, kind="stable")
    cells, starts = np.unique(cell[order], return_index=True)

    def of(counts: "Numbers") -> "tuple[Numbers, Numbers, Numbers]":
        flat = np.zeros((len(counts), of_x.size * of_y.size))
        flat[:, cells] = np.add.reduceat(counts[:, order], starts, axis=1)
        table = flat.reshape(-1, of_x.size, of_y.size)
        lower_x = np.cumsum(table, axis=1) - table
        lower_both = np.cumsum(lower_x, axis=2) - lower_x
        opposed = lower_x.sum(axis=2, keepdims=True) - lower_x - lower_both
        agree = 2 * (table * (lower_both - opposed)).sum(axis=(1, 2))
        untied = [x.size**2 - (table.sum(axis=axis) ** 2).sum(axis=1) for axis in (2, 1)]
        return agree, untied[0], untied[1]

    return of
