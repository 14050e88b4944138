"""Scoring many candidates on all cores."""

import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from derender.core import UserError

from ._catalogue import default_metrics, resolve
from ._facts import Fact, Facts
from ._metric import Metric, Mode
from ._processes import Processes, belongs_elsewhere
from ._scores import Scores, joined, score, unscored
from ._sources import Source, observe

if TYPE_CHECKING:
    from concurrent.futures import Future

BATCH = 64
"""How many pairs' facts are observed together, where a fact is quicker so."""


def score_many(
    pairs: Iterable[tuple[Source, Source]],
    metrics: Sequence[str | Metric] | None = None,
    *,
    jobs: int | None = None,
    mode: Mode | str = Mode.OFFICIAL,
) -> Iterator[Scores]:
    """Score (reference, candidate) pairs, in order, as `score` does each.

    Works on threads, for the work is done outside of Python's lock; pairs are taken as results are asked for, so an
    endless stream is no trouble. Pairs that follow each other with the same reference observe it once, and what is
    quicker for many at once, such as a model's embeddings, is observed for `BATCH` pairs together. A pair with
    something that is no picture is unscored, and the others go on.

    Args:
        pairs: what to compare.
        metrics: names, or None for `score`'s default.
        jobs: threads; by default the cores this process may use.
        mode: as for `score`.

    Raises:
        UnknownName: no metric goes by one of the names; raised before anything is scored.
    """
    chosen = None if metrics is None else resolve(metrics)
    results = _in_order(pairs, chosen, jobs or len(os.sched_getaffinity(0)), Mode(mode))
    return (_unscored_by(each, chosen) if isinstance(each, UserError) else each for each in results)


def score_each(
    pairs: Iterable[tuple[Source, Source]],
    metrics: Sequence[str | Metric] | None = None,
    *,
    jobs: int | None = None,
    mode: Mode | str = Mode.OFFICIAL,
) -> Iterator[Scores | UserError]:
    """`score_many` for a caller that tells a pair with something that is no picture from one that is unscored.

    Raises:
        UnknownName: no metric goes by one of the names; raised before anything is scored.
    """
    chosen = None if metrics is None else resolve(metrics)
    return _in_order(pairs, chosen, jobs or len(os.sched_getaffinity(0)), Mode(mode))


def _unscored_by(error: UserError, metrics: tuple[Metric, ...] | None) -> Scores:
    return unscored(default_metrics() if metrics is None else metrics, str(error))


def _in_order(
    pairs: Iterable[tuple[Source, Source]], metrics: tuple[Metric, ...] | None, jobs: int, mode: Mode
) -> Iterator[Scores | UserError]:
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(jobs, thread_name_prefix="derender-score")
    elsewhere = [metric for metric in metrics or () if belongs_elsewhere(metric)] if jobs > 1 else []
    processes = Processes(jobs) if elsewhere else None

    def one(reference: Source, candidate: Source) -> Scores | UserError:
        try:
            if processes and metrics:
                return _score_by(processes, (observe(reference), observe(candidate)), metrics, mode)
            return score(reference, candidate, metrics, mode=mode)
        except UserError as error:
            return error
        except Exception:  # noqa: BLE001 - thousands of pairs are not lost for a fault of ours in one
            return _one_by_one(reference, candidate, metrics, mode)

    waiting: deque[Future[Scores | UserError]] = deque()
    try:
        for reference, candidate in _observed_together(_observed_once(pairs), metrics or ()):
            waiting.append(pool.submit(one, reference, candidate))
            if len(waiting) > 2 * jobs:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        if processes:
            processes.close()


def _observed_together(
    pairs: Iterator[tuple[Source, Source]], metrics: Sequence[Metric]
) -> Iterator[tuple[Source, Source]]:
    """The same pairs, with the facts that are observed in batches."""
    wanted = list(dict.fromkeys(need for metric in metrics for need in metric.needs if need.batch))
    if not wanted:
        yield from pairs
        return
    while chunk := [(reference, _or_itself(candidate)) for reference, candidate in islice(pairs, BATCH)]:
        sides = list(dict.fromkeys(side for pair in chunk for side in pair if isinstance(side, Facts)))
        for need in wanted:
            _observe_together(need, [side for side in sides if not side.known(need)])
        yield from chunk


def _observe_together(need: Fact[Any], sides: list[Facts]) -> None:
    if sides and need.batch:
        for side, value in zip(sides, need.batch(sides), strict=True):
            side.keep(need, value)


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


def _score_by(processes: Processes, sides: tuple[Facts, Facts], metrics: tuple[Metric, ...], mode: Mode) -> Scores:
    """The scores of a pair, those that are better computed in another process from there."""
    elsewhere = [metric for metric in metrics if belongs_elsewhere(metric)]
    drawn = all(side.failure is None for side in sides)
    seen = processes.score(sides, elsewhere, mode) if drawn else None
    if seen is None:
        return score(*sides, metrics, mode=mode)
    rest = score(*sides, [metric for metric in metrics if metric not in elsewhere], mode=mode)
    return joined(metrics, seen, rest)


def _one_by_one(
    reference: Source, candidate: Source, metrics: tuple[Metric, ...] | None, mode: Mode
) -> Scores | UserError:
    """The scores of a pair of which some metric fails by a fault of ours, which leaves that metric unscored."""
    found = []
    try:
        sides = observe(reference), observe(candidate)
        chosen = default_metrics(*sides) if metrics is None else metrics
        for metric in chosen:
            try:
                found.append(score(*sides, [metric], mode=mode))
            except UserError:
                raise
            except Exception as error:  # noqa: BLE001 - see above
                reason = f"a fault of derender's own, not of these sides: {type(error).__name__}: {error}"
                found.append(unscored([metric], reason))
    except UserError as error:
        return error
    return joined(chosen, *found)
