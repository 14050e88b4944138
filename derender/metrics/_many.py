"""Scoring many candidates on all cores."""

import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from derender.core import UserError

from ._catalogue import default_metrics, resolve
from ._metric import Metric
from ._scores import Scores, score, unscored
from ._sources import Source, observe

if TYPE_CHECKING:
    from concurrent.futures import Future


def score_many(
    pairs: Iterable[tuple[Source, Source]],
    metrics: Sequence[str | Metric] | None = None,
    *,
    jobs: int | None = None,
) -> Iterator[Scores]:
    """Score (reference, candidate) pairs, in order, as `score` does each.

    Works on threads, for the work is done outside of Python's lock; pairs are taken as results are asked for, so an
    endless stream is no trouble. Pairs that follow each other with the same reference observe it once. A pair with
    something that is no picture is unscored, and the others go on.

    Args:
        pairs: what to compare.
        metrics: names, or None for `score`'s default.
        jobs: threads; by default the cores this process may use.

    Raises:
        UnknownName: no metric goes by one of the names; raised before anything is scored.
    """
    chosen = None if metrics is None else resolve(metrics)
    return _in_order(pairs, chosen, jobs or len(os.sched_getaffinity(0)))


def _in_order(
    pairs: Iterable[tuple[Source, Source]], metrics: tuple[Metric, ...] | None, jobs: int
) -> Iterator[Scores]:
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(jobs, thread_name_prefix="derender-score")
    waiting: deque[Future[Scores]] = deque()
    try:
        for reference, candidate in _observed_once(pairs):
            waiting.append(pool.submit(_score_or_reason, reference, candidate, metrics))
            if len(waiting) > 2 * jobs:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _observed_once(pairs: Iterable[tuple[Source, Source]]) -> Iterator[tuple[Source, Source]]:
    last: Source | None = None
    facts: Source = b""
    for reference, candidate in pairs:
        if last is None or not _same(reference, last):
            last, facts = reference, _or_itself(reference)
        yield facts, candidate


def _or_itself(source: Source) -> Source:
    try:
        return observe(source)
    except UserError:
        # Said again where the pair is scored, where it costs that pair alone.
        return source


def _same(one: Source, other: Source) -> bool:
    return one is other or (isinstance(one, str | Path) and isinstance(other, str | Path) and str(one) == str(other))


def _score_or_reason(reference: Source, candidate: Source, metrics: tuple[Metric, ...] | None) -> Scores:
    try:
        return score(reference, candidate, metrics)
    except UserError as error:
        return unscored(default_metrics() if metrics is None else metrics, str(error))
