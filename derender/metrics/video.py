"""Films: how alike they are frame by frame or aligned in time, and how many of their frames differ.

A film is its frames, each seen as `Facts`; how alike two frames are is told by any metric of pictures (`likeness_of`).
Nothing is rendered or decoded here, and what is observed of a frame is kept with it: take some hundred frames, not all.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from derender.core import DerenderError, UserError

from ._facts import Facts, Unscorable
from ._metric import Metric, Mode

MOST_FRAMES = 300
"""Longer films are not compared: time grows with the square."""

Likeness: TypeAlias = Callable[[Facts, Facts], float]
"""(reference frame, candidate frame) → 0..1, 1 is best."""


def likeness_of(metric: Metric, part: str | None = None, mode: Mode | str = Mode.OFFICIAL) -> Likeness:
    """How alike two frames are by a part of a metric, by default its first.

    What a program that drew nothing would get is 0, as is anything worse; the best value is 1; what is between is in
    proportion.

    Raises:
        UserError: the metric has no such part, or one without bounds. The likeness itself raises what the metric does,
            and Unscorable where the part means nothing for the two frames.
    """
    declared = next((one for one in metric.parts if part in {None, one.name}), None)
    if declared is None:
        raise UserError(f"metric {metric.name} has no part {part}")
    worst, best = declared.at_failure, declared.best
    if worst is None or not math.isfinite(best):
        raise UserError(
            f"{declared.name} of metric {metric.name} has no bounds, so that frames can't be averaged by it"
        )

    def likeness(reference: Facts, candidate: Facts) -> float:
        value = metric(reference, candidate, Mode(mode))[declared.name]
        if isinstance(value, DerenderError):
            raise value
        if value is None:
            raise Unscorable(f"{metric.name} means nothing for two of the frames")
        return max(0.0, (value - worst) / (best - worst))

    return likeness


@dataclass(frozen=True, slots=True)
class FrameScores:
    """Likeness of frames in 0..1, more is better.

    Attributes:
        mean: over all frames.
        lowest: of the frame that is least alike.
        frames: of each pair, in order.
    """

    mean: float
    lowest: float
    frames: tuple[float, ...]


def by_number(reference: Sequence[Facts], candidate: Sequence[Facts], likeness: Likeness) -> FrameScores:
    """Each frame against the one of the same number; frames that one film lacks count as 0.

    Raises:
        Unscorable: the reference has no frames, or a film has too many.
    """
    _check(reference, candidate)
    pairs = [likeness(*pair) for pair in zip(reference, candidate, strict=False)]
    return _frame_scores(pairs + [0.0] * (max(len(reference), len(candidate)) - len(pairs)))


def by_time(reference: Sequence[Facts], candidate: Sequence[Facts], likeness: Likeness) -> FrameScores:
    """Each frame of the reference against the candidate's at the same share of its length, the nearest, early at ties.

    Films of two lengths or rates are so compared as if played to end together. A film without frames gets 0.

    Raises:
        Unscorable: the reference has no frames, or a film has too many.
    """
    _check(reference, candidate)
    if not candidate:
        return _frame_scores([0.0] * len(reference))
    steps, last = max(1, len(reference) - 1), len(candidate) - 1
    at = [(2 * number * last + steps - 1) // (2 * steps) for number in range(len(reference))]
    return _frame_scores([likeness(frame, candidate[other]) for frame, other in zip(reference, at, strict=True)])


def _frame_scores(frames: Sequence[float]) -> FrameScores:
    return FrameScores(math.fsum(frames) / len(frames), min(frames), tuple(frames))


def _check(reference: Sequence[Facts], candidate: Sequence[Facts]) -> None:
    if not reference:
        raise Unscorable("the reference has no frames")
    if max(len(reference), len(candidate)) > MOST_FRAMES:
        raise Unscorable(f"films of more than {MOST_FRAMES} frames are not compared; take fewer of them")


@dataclass(frozen=True, slots=True)
class Alignment:
    """Frames of two films brought together in order.

    Attributes:
        score: 0..1, more is better.
        pairs: (frame of the reference, frame of the candidate) in order.
    """

    score: float
    pairs: tuple[tuple[int, int], ...]


def likeness_table(reference: Sequence[Facts], candidate: Sequence[Facts], likeness: Likeness) -> list[list[float]]:
    """Every frame of the reference against every one of the candidate, for the alignments.

    Raises:
        Unscorable: the reference has no frames, or a film has too many.
    """
    _check(reference, candidate)
    return [[likeness(one, other) for other in candidate] for one in reference]


def warped(table: Sequence[Sequence[float]]) -> Alignment:
    """The best alignment in which every frame of either film has a partner or several: dynamic time warping.

    Tempo, pauses and frame rate do not count. The steps are weighted as in Sakoe and Chiba's symmetric form (IEEE TASSP
    1978), by which the mean over any path has the same denominator: 1 - least cost / (frames of both), the cost of a
    pair being 1 - its likeness. Swapping the films changes nothing.

    Raises:
        Unscorable: the reference has no frames, or a film has too many.
    """
    rows, columns = _shape(table)
    if not columns:
        return Alignment(0.0, ())
    cost = [[math.inf] * (columns + 1) for _ in range(rows + 1)]
    cost[0][0] = 0.0
    for i in range(rows):
        above, here = cost[i], cost[i + 1]
        for j, alike in enumerate(table[i]):
            apart = 1 - alike
            here[j + 1] = min(above[j] + 2 * apart, above[j + 1] + apart, here[j] + apart)
    return Alignment(1 - cost[rows][columns] / (rows + columns), _warped_path(cost, table))


def _warped_path(cost: Sequence[Sequence[float]], table: Sequence[Sequence[float]]) -> tuple[tuple[int, int], ...]:
    i, j = len(cost) - 1, len(cost[0]) - 1
    path = [(i - 1, j - 1)]
    while (i, j) != (1, 1):
        apart = 1 - table[i - 1][j - 1]
        ways = {
            (i - 1, j - 1): cost[i - 1][j - 1] + 2 * apart,
            (i - 1, j): cost[i - 1][j] + apart,
            (i, j - 1): cost[i][j - 1] + apart,
        }
        i, j = min(ways, key=lambda way: ways[way])
        path.append((i - 1, j - 1))
    return tuple(reversed(path))


def in_order(table: Sequence[Sequence[float]]) -> Alignment:
    """The best alignment in which a frame has one partner at most and order is kept; what has none counts as 0.

    2 sum of likeness / (frames of both), the harmonic mean of what is right of the candidate and what is found of the
    reference: missing frames, additional ones and frames in another order count.

    Raises:
        Unscorable: the reference has no frames, or a film has too many.
    """
    rows, columns = _shape(table)
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for i in range(rows):
        above, here = best[i], best[i + 1]
        for j, alike in enumerate(table[i]):
            here[j + 1] = max(above[j] + alike, above[j + 1], here[j])
    return Alignment(2 * best[rows][columns] / (rows + columns), _ordered_pairs(best, table))


def _ordered_pairs(best: Sequence[Sequence[float]], table: Sequence[Sequence[float]]) -> tuple[tuple[int, int], ...]:
    i, j, pairs = len(best) - 1, len(best[0]) - 1, []
    while i and j:
        alike = table[i - 1][j - 1]
        if alike and best[i][j] == best[i - 1][j - 1] + alike:
            i, j = i - 1, j - 1
            pairs.append((i, j))
        elif best[i][j] == best[i - 1][j]:
            i -= 1
        else:
            j -= 1
    return tuple(reversed(pairs))


def _shape(table: Sequence[Sequence[float]]) -> tuple[int, int]:
    if not table:
        raise Unscorable("the reference has no frames")
    rows, columns = len(table), len(table[0])
    if max(rows, columns) > MOST_FRAMES:
        raise Unscorable(f"films of more than {MOST_FRAMES} frames are not compared; take fewer of them")
    if any(len(row) != columns or not all(0 <= alike <= 1 for alike in row) for row in table):
        raise UserError("a table of likeness has rows of one length and numbers in 0..1")
    return rows, columns


Same: TypeAlias = Callable[[Facts, Facts], bool]


def same_hash(most_bits: int = 4) -> Same:
    """Frames are the same whose 64-bit DCT hashes differ in that many bits at most; plain ones all are."""
    from .pixels import dct_bits

    return lambda one, other: int((one[dct_bits] != other[dct_bits]).sum()) <= most_bits


def same_ssim(at_least: float = 0.98) -> Same:
    """Frames are the same whose SSIM is that high; frames need a side of 11 pixels at least."""
    from .ssim import ssim

    return lambda one, other: likeness_of(ssim)(one, other) >= at_least


@dataclass(frozen=True, slots=True)
class DistinctFrames:
    """Which frames of a film look like none before.

    Attributes:
        first: the number of each, the first frame's among them.
        frames: how many frames there are.
    """

    first: tuple[int, ...]
    frames: int

    @property
    def share(self) -> float:
        """How many of the frames are distinct, in 0..1."""
        return len(self.first) / self.frames


def distinct_frames(frames: Sequence[Facts], same: Same) -> DistinctFrames:
    """The frames that look like none before; a film that stands still has one.

    Raises:
        Unscorable: there are no frames, or too many.
    """
    if not 0 < len(frames) <= MOST_FRAMES:
        raise Unscorable(f"distinct frames are sought among 1 to {MOST_FRAMES}, not {len(frames)}")
    first: list[int] = []
    for number, frame in enumerate(frames):
        # The latest first: most frames are like the one just before.
        if not any(same(frames[earlier], frame) for earlier in reversed(first)):
            first.append(number)
    return DistinctFrames(tuple(first), len(frames))
