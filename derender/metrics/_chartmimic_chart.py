"""What a traced run of a Matplotlib program tells ChartMimic's scores."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ._chartmimic_scores import Entry

Place = tuple[int, int, int, int, int, int]
"""Rows and columns of a grid, first and last row and column of axes in it."""
_GRAPH: Place = (1, 1, 0, 1, 0, 1)
_HEXADECIMAL = re.compile("#[0-9A-F]{6}(?:[0-9A-F]{2})?")


@dataclass(frozen=True, slots=True)
class Chart:
    """What a run of a program told.

    Attributes:
        strings: what was written into the picture; lines of a text one by one.
        axes: where the axes stand; None for those outside of any grid.
        types: flavour of the evaluator → plotting function → calls.
        colors: flavour → what was drawn in which colour, once each, as drawn; None where they can't be read.
        saves: how often a chart was saved as a PDF.
        last: the name of the file it was saved to last.
    """

    strings: tuple[str, ...] = ()
    axes: tuple[Place | None, ...] = ()
    types: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    colors: Mapping[str, tuple[Entry, ...] | None] = field(default_factory=dict)
    saves: int = 0
    last: str = ""

    def layout(self, *, graph: bool) -> list[Place]:
        """Where the axes count as standing: of a graph, all in the same place."""
        if graph:
            return [_GRAPH for _ in self.axes]
        return [place for place in self.axes if place is not None]


def read_chart(trace: Mapping[str, Any]) -> Chart:
    """A chart of what a run claims; what is not as it should be is not there, for a program could have written it."""
    types, colors = (_mapping(trace.get(name)) for name in ("types", "colors"))
    return Chart(
        strings=tuple(each for each in _sequence(trace.get("strings")) if isinstance(each, str)),
        axes=tuple(_place(each) for each in _sequence(trace.get("axes"))),
        types={flavour: _counts(counts) for flavour, counts in types.items()},
        colors={flavour: _entries(entries) for flavour, entries in colors.items()},
        saves=trace["saves"] if isinstance(trace.get("saves"), int) else 0,
        last=str(trace.get("last")),
    )


def _place(claimed: object) -> Place | None:
    match claimed:
        case [int(), int(), int(), int(), int(), int()]:
            rows, columns, top, bottom, left, right = claimed
            return rows, columns, top, bottom, left, right
    return None


def _counts(claimed: object) -> dict[str, int]:
    return {name: count for name, count in _mapping(claimed).items() if isinstance(count, int) and count > 0}


def _entries(claimed: object) -> tuple[Entry, ...] | None:
    if claimed is None:
        return None
    return tuple(dict.fromkeys(entry for each in _sequence(claimed) if (entry := _entry(each))))


def _entry(claimed: object) -> Entry | None:
    match claimed:
        case [str(name), str(color)] if not color.startswith("#") or _HEXADECIMAL.fullmatch(color):
            return name, color
    return None


def _sequence(claimed: object) -> Sequence[Any]:
    return claimed if isinstance(claimed, list) else ()


def _mapping(claimed: object) -> Mapping[str, Any]:
    return claimed if isinstance(claimed, dict) else {}
