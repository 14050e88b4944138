"""Lines set in more than one way: a bold phrase in a sentence, a lowered figure in a formula."""

from dataclasses import replace
from itertools import pairwise
from typing import TypeAlias

import numpy as np

from ._arrays import Bytes
from .ink import Ink
from .ocr import Box, Reading
from .setting import Line, ink_of, set_smooth

Inked: TypeAlias = tuple[Reading, Box, Ink]


def split(line: Line, image: Bytes) -> list[Inked]:
    """The line's words, or a word's letters and figures, each with its own ink; empty where they can't be told."""
    text = line.reading.text
    if line.box.angle:
        return []
    if " " in text:
        return _cut(image, line, text.split(), _word_spans(line.ink, text.count(" ") + 1))
    parts = _letters_and_figures(text)
    if len(parts) < 2:
        return []
    spans = _strokes(line.ink)
    if len(spans) != len(text):
        return []
    edges = np.cumsum([0, *(len(part) for part in parts)])
    return _cut(image, line, parts, [(spans[a][0], spans[b - 1][1]) for a, b in pairwise(edges.tolist())])


def _letters_and_figures(text: str) -> list[str]:
    parts: list[str] = []
    for char in text:
        if parts and parts[-1][-1].isdigit() == char.isdigit():
            parts[-1] += char
        else:
            parts.append(char)
    return parts


def _strokes(ink: Ink) -> list[tuple[int, int]]:
    """Begin and end of each stretch of columns that holds ink."""
    inked = (ink.coverage > 0.2).any(axis=0)
    edges = np.flatnonzero(np.diff(np.pad(inked.astype(np.int8), 1)))
    return [(int(begin), int(end)) for begin, end in zip(edges[::2], edges[1::2], strict=True)]


def _word_spans(ink: Ink, count: int) -> list[tuple[int, int]]:
    """The ink parted at its widest gaps into `count` words."""
    strokes = _strokes(ink)
    if len(strokes) < count:
        return []
    gaps = np.array([after[0] - before[1] for before, after in pairwise(strokes)])
    cuts = sorted(np.argsort(-gaps, kind="stable")[: count - 1].tolist())
    begins = [0, *(cut + 1 for cut in cuts)]
    ends = [*cuts, len(strokes) - 1]
    return [(strokes[begin][0], strokes[end][1]) for begin, end in zip(begins, ends, strict=True)]


def _cut(image: Bytes, line: Line, texts: list[str], spans: list[tuple[int, int]]) -> list[Inked]:
    if len(texts) != len(spans):
        return []
    left, top = line.box.x - line.box.width / 2, line.box.y - line.box.height / 2
    pieces: list[Inked] = []
    for text, (begin, end) in zip(texts, spans, strict=True):
        rows = np.flatnonzero((line.ink.coverage[:, begin:end] > 0.2).any(axis=1))
        high, low = int(rows[0]), int(rows[-1]) + 1
        # Two pixels of paper: enough for soft edges, too little for the neighbours.
        box = Box(left + (begin + end) / 2, top + (high + low) / 2, end - begin + 4, low - high + 4)
        found = ink_of(image, Reading(text, box, line.reading.score), margin=1.0)
        if found is None:
            return []
        pieces.append((Reading(text, box, line.reading.score), *found))
    return pieces


def joined(lines: list[Line]) -> list[Line]:
    """Neighbouring words that are set alike as one line again."""
    result = [lines[0]]
    for line in lines[1:]:
        whole = _together(result[-1], line)
        if whole is None:
            result.append(line)
        else:
            result[-1] = whole
    return result


def _together(first: Line, second: Line) -> Line | None:
    before, after = first.placement, second.placement
    baseline_first, baseline_second = _baseline(first), _baseline(second)
    alike = before.face is after.face and abs(before.size / after.size - 1) < 0.12
    if not alike or abs(baseline_first - baseline_second) > 1.2:
        return None
    left = min(first.box.x - first.box.width / 2, second.box.x - second.box.width / 2)
    right = max(first.box.x + first.box.width / 2, second.box.x + second.box.width / 2)
    top = min(first.box.y - first.box.height / 2, second.box.y - second.box.height / 2)
    bottom = max(first.box.y + first.box.height / 2, second.box.y + second.box.height / 2)
    box = Box((left + right) / 2, (top + bottom) / 2, right - left, bottom - top)
    coverage = np.zeros((round(bottom - top), round(right - left)), np.float32)
    for line in (first, second):
        x, y = round(line.box.x - line.box.width / 2 - left), round(line.box.y - line.box.height / 2 - top)
        tall, wide = line.ink.coverage.shape
        np.maximum(coverage[y : y + tall, x : x + wide], line.ink.coverage, out=coverage[y : y + tall, x : x + wide])
    boxes = (
        first.ink.box[0] + first.box.x - first.box.width / 2 - left,
        min(_edge(first, 1, top), _edge(second, 1, top)),
        second.ink.box[2] + second.box.x - second.box.width / 2 - left,
        max(_edge(first, 3, top), _edge(second, 3, top)),
    )
    ink = replace(first.ink, coverage=coverage, box=boxes)
    text = f"{before.text} {after.text}"
    placement = set_smooth(text, ink, [before.face])
    if placement is None or placement.match < min(before.match, after.match) - 0.06:
        return None
    return Line(replace(first.reading, text=text, box=box), box, ink, placement)


def _baseline(line: Line) -> float:
    return line.box.y - line.box.height / 2 + line.placement.y


def _edge(line: Line, side: int, top: float) -> float:
    return line.ink.box[side] + line.box.y - line.box.height / 2 - top
