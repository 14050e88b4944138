"""The workers an engine holds: started when first asked for, replaced when they die."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from .jobs import WorkerLost
from .workers import CannotStart, WorkerProcess, WorkerSpec

STARTS = 12
"""How often a worker is started anew when something outside kills it while it warms up."""


class WorkerPool:
    """The workers an engine holds, one per spec, started when first asked for.

    Attributes:
        losses: how many workers were lost so far that no program had to itself.
    """

    def __init__(self, scratch: Path) -> None:
        self.losses = 0
        self._scratch = scratch
        self._workers: dict[str, WorkerProcess] = {}
        self._draining: list[WorkerProcess] = []
        self._locks: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()
        self._closed = threading.Event()

    def get(self, spec: WorkerSpec) -> WorkerProcess:
        """The living worker of a spec; a dead one is replaced.

        Raises:
            CannotStart: it can't be had on this machine.
            WorkerLost: the pool was closed.
        """
        key = spec.key
        with self._lock:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            worker = self._workers.get(key)
            if worker is not None and worker.alive:
                return worker
            if worker is not None:
                self.losses += 1
                worker.close()
            return self._warm(spec, lambda fresh: self._workers.__setitem__(key, fresh))

    @contextlib.contextmanager
    def alone(self, spec: WorkerSpec) -> Iterator[WorkerProcess]:
        """A fresh worker that nobody else has.

        Raises:
            CannotStart: it can't be had on this machine.
            WorkerLost: the pool was closed.
        """
        worker = self._warm(spec, self._draining.append)
        try:
            yield worker
        finally:
            worker.close()
            with self._lock:
                self._draining = [each for each in self._draining if each is not worker]

    def discard(self, spec: WorkerSpec, worker: WorkerProcess) -> None:
        """Give up a worker that failed, so that the next `get` starts a fresh one; its other jobs may end."""
        with self._lock:
            self.losses += 1
            if self._workers.get(spec.key) is worker:
                del self._workers[spec.key]
            self._draining = [*(each for each in self._draining if each.alive), worker]
        worker.retire()

    def close(self) -> None:
        """End all workers at once."""
        with self._lock:
            self._closed.set()
            workers = [*self._workers.values(), *self._draining]
            self._workers.clear()
        for worker in workers:
            worker.close()

    def _warm(self, spec: WorkerSpec, know: Callable[[WorkerProcess], object]) -> WorkerProcess:
        """A worker that is ready; where something outside kills it before, another."""
        for left in reversed(range(STARTS)):
            if self._closed.is_set():
                raise WorkerLost("the engine was closed")
            fresh = WorkerProcess(spec, self._scratch)
            with self._lock:
                # Known before it is warm, so that closing the pool ends it even then.
                know(fresh)
                if self._closed.is_set():
                    fresh.close()
                    raise WorkerLost("the engine was closed")
            try:
                fresh.greet()
                return fresh
            except CannotStart as error:
                self.losses += 1
                if not (error.killed and left):
                    raise
        raise AssertionError("the last start returns or raises")
