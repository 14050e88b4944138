"""A chart as data: axes with their series, ticks and titles, as a program draws them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

_NUMBER_MARKS = str.maketrans("", "", " ,%$€£¥°×-+.·'kKMBe")


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Values that were drawn together.

    Attributes:
        kind: ``line``, ``points``, ``bars``, ``band``, ``shape``, ``boxes``, ``segments``, ``errors``, ``pie``,
            ``grid``, ``contour``, ``contourf``, ``arrows`` or one of ``line3d``, ``points3d``, ``segments3d``,
            ``faces3d``.
        rows: one row an element, in data coordinates. line, points, shape: x, y (points also: size, value; NaN where
            they have none). bars, boxes, segments, errors: x0, y0, x1, y1. band: x, low, high. pie: share.
            contours: x0, y0, x1, y1, level. arrows: x, y, u, v. 3-D: x, y, z, or two such. grid: the cells from the
            top left as they are shown, one or three columns for each.
        label: of the legend; empty where it has none.
        color: the first of its colours.
        upright: of bars: whether they stand; None where nobody said.
        names: of a pie's wedges; of boxes, what they are drawn as.
        span: of a grid's or of points' values, the range of the colour map; else NaN.
    """

    kind: str
    rows: Numbers
    label: str = ""
    color: str = ""
    upright: bool | None = None
    names: tuple[str, ...] = ()
    span: float = math.nan


@dataclass(frozen=True, slots=True, eq=False)
class Axis:
    """One axis of axes: what is written at it, and which part of its scale is in view.

    Attributes:
        limits: from the lower or left end to the other.
        units: ``number``, ``category`` or ``date``.
        ticks: place and text of each tick that has a text.
    """

    label: str
    scale: str
    limits: tuple[float, float]
    units: str
    visible: bool
    ticks: tuple[tuple[float, str], ...]

    @property
    def named(self) -> bool:
        """Whether its ticks bear names rather than numbers."""
        if self.units != "number":
            return self.units == "category"
        texts = [text for _, text in self.ticks]
        return bool(texts) and sum(_is_number(text) for text in texts) < len(texts) / 2


@dataclass(frozen=True, slots=True, eq=False)
class Axes:
    """One pair of axes, or three.

    Attributes:
        kind: ``rect``, ``polar``, ``3d``, ``colorbar`` or ``other``.
        box: left, top, right, bottom as shares of the picture.
        axis: of x, y and, in space, z.
    """

    kind: str
    box: tuple[float, ...]
    title: str
    axis: Mapping[str, Axis]
    series: tuple[Series, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Chart:
    """One figure as drawn; texts are those that are no title, tick or entry of a legend."""

    title: str
    axes: tuple[Axes, ...]
    legend: tuple[str, ...]
    texts: tuple[str, ...]


def _is_number(text: str) -> bool:
    return text.translate(_NUMBER_MARKS).isdigit()
