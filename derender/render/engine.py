"""The engine: the only thing that runs programs.

It owns warm workers, hands each program to the right one under its limits, tells whose fault a failure is, tries again
where the machine was at fault, and remembers what came out.
"""

import asyncio
import contextlib
import os
import tempfile
import threading
from collections.abc import AsyncIterator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from derender.core import Failure, FailureKind, InfraError, Program, Rendering

from ._api_age import advised, older_environment
from ._attempts import Attempts
from .cache import RenderingCache, rendering_key
from .jobs import read_trace
from .languages import Renderer, choose
from .needs import NEEDS, install_line
from .options import Isolation, RenderOptions, unprotected
from .worker.removal import remove_tree
from .worker_pool import WorkerPool


class Engine:
    """Runs programs and gives back `Rendering`s. Thread-safe; use it as a context manager.

    A program's failure is data, never an exception. An engine belongs to the process that made it: a forked child makes
    one of its own.

    Args:
        jobs: programs run at once; the machine's cores by default.
        cache: whether to keep renderings and use kept ones; a folder puts the store there.
        isolation: how programs must be contained.
        advice: whether a program whose failure smells of libraries that changed is tried in an older environment, if
            that is built, so that the failure can name it.
    """

    def __init__(
        self,
        *,
        jobs: int | None = None,
        cache: bool | Path = True,
        isolation: Isolation | str = Isolation.STRICT,
        advice: bool = True,
    ) -> None:
        self._advice = advice
        self._process = os.getpid()
        self.jobs = jobs or len(os.sched_getaffinity(0))
        self.isolation = Isolation(isolation)
        self._scratch = _scratch_folder()
        self._pool = WorkerPool(self._scratch)
        self._slots = threading.BoundedSemaphore(self.jobs)
        self._executor = ThreadPoolExecutor(self.jobs, thread_name_prefix="derender")
        self._cache = _open_cache(cache)
        self._closed = threading.Event()
        self._in_flight: dict[str, Future[Rendering]] = {}
        self._in_flight_lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def render(self, program: Program, options: RenderOptions | None = None) -> Rendering:
        """Run one program and wait for its rendering.

        Raises:
            InfraError: the engine was closed, or is another process's.
            UnknownName: there is no environment of the name asked for.
        """
        self._check_usable()
        options = options or RenderOptions()
        if not program.source.strip():
            return _failed(program, Failure(FailureKind.NO_CODE, "the program is empty"))
        renderer = choose(program, options)
        if isinstance(renderer, Failure):
            return _failed(program, renderer)
        fingerprint = renderer.fingerprint(program, options)
        key = rendering_key(program, options, fingerprint)
        cached = self._cache.get(key, program) if self._cache else None
        if cached is not None and self.isolation is Isolation.STRICT and unprotected(cached.isolation):
            # Drawn when nothing kept the program from what it must not see.
            cached = None
        return self._advised(cached or self._render_once(key, renderer, program, options), options)

    def render_many(
        self, programs: Iterable[Program], options: RenderOptions | None = None, *, in_order: bool = False
    ) -> Iterator[tuple[int, Rendering]]:
        """Run many programs side by side; yields (index, rendering) as they come, or in order.

        ``programs`` is read only a little ahead of the results, so it may be endless.
        """
        self._check_usable()
        source = enumerate(programs)
        pending: dict[Future[Rendering], int] = {}
        ready: dict[int, Rendering] = {}
        upcoming = 0
        try:
            while True:
                while len(pending) + len(ready) < 4 * self.jobs and (item := next(source, None)):
                    pending[self._executor.submit(self.render, item[1], options)] = item[0]
                if not pending and not ready:
                    return
                if pending:
                    done, _ = wait(pending, return_when=FIRST_COMPLETED)
                    ready.update((pending.pop(future), future.result()) for future in done)
                for index in sorted(ready):
                    if in_order and index != upcoming:
                        break
                    upcoming += 1
                    yield index, ready.pop(index)
        finally:
            for future in pending:
                future.cancel()

    async def render_async(self, program: Program, options: RenderOptions | None = None) -> Rendering:
        """`render`, awaited instead of waited for."""
        self._check_usable()
        return await asyncio.get_running_loop().run_in_executor(self._executor, self.render, program, options)

    async def render_many_async(
        self, programs: Iterable[Program], options: RenderOptions | None = None, *, in_order: bool = False
    ) -> AsyncIterator[tuple[int, Rendering]]:
        """`render_many` for a running event loop."""
        results = self.render_many(programs, options, in_order=in_order)
        loop = asyncio.get_running_loop()
        # The loop's own executor: waiting here must not take one of the engine's threads.
        while (item := await loop.run_in_executor(None, next, results, None)) is not None:
            yield item

    def close(self) -> None:
        """End every worker and what it runs, at once; renderings under way come back as cancelled."""
        if self._closed.is_set() or os.getpid() != self._process:
            return
        self._closed.set()
        self._pool.close()
        self._executor.shutdown(wait=True, cancel_futures=True)
        if self._cache:
            self._cache.close()
        remove_tree(str(self._scratch))

    def _advised(self, rendering: Rendering, options: RenderOptions) -> Rendering:
        """The rendering, its failure with the environment that the program runs in where its age is the cause."""
        failure = rendering.failure
        older = older_environment(rendering.program, options, failure) if failure and self._advice else None
        if failure is None or older is None:
            return rendering
        try:
            runs = self.render(rendering.program, replace(options, environment=older)).ok
        except InfraError:
            # The engine was closed meanwhile.
            return rendering
        return replace(rendering, failure=advised(failure, older)) if runs else rendering

    def _check_usable(self) -> None:
        if os.getpid() != self._process:
            raise InfraError("this engine was made before a fork, in another process: make an Engine in this one")
        if self._closed.is_set():
            raise InfraError("the engine is closed")

    def _render_once(self, key: str, renderer: Renderer, program: Program, options: RenderOptions) -> Rendering:
        # Equal programs asked for at the same time are run once: reward groups repeat a lot.
        mine: Future[Rendering] = Future()
        while True:
            with self._in_flight_lock:
                running = self._in_flight.setdefault(key, mine)
            if running is mine:
                break
            # Who runs it may be interrupted; that is no reason for others to be.
            with contextlib.suppress(CancelledError):
                return replace(running.result(), program=program)
        try:
            rendering = self._run(renderer, program, options)
            if self._cache:
                self._cache.put(key, rendering)
            mine.set_result(rendering)
            return rendering
        except Exception as error:
            mine.set_exception(error)
            raise
        finally:
            with self._in_flight_lock:
                del self._in_flight[key]
            mine.cancel()

    def _run(self, renderer: Renderer, program: Program, options: RenderOptions) -> Rendering:
        with self._slots:
            attempts = Attempts(self._pool, renderer, self.isolation, self._closed.is_set)
            result = attempts.run(program, options)
            pictures, failure = attempts.pictures(result, options)
            return Rendering(
                program=program,
                pictures=pictures,
                failure=_explained(renderer, failure),
                warnings=tuple(dict.fromkeys(result.warnings)),
                elapsed_s=attempts.work_s,
                cpu_s=result.cpu_s,
                isolation=result.isolation,
                fingerprint=renderer.fingerprint(program, options),
                trace=read_trace(result.trace),
            )


def _explained(renderer: Renderer, failure: Failure | None) -> Failure | None:
    """Tell our failures from the program's where the worker can't, and say what to install."""
    if failure is None:
        return None
    if failure.kind is FailureKind.MISSING_DEPENDENCY:
        module = failure.message.partition("'")[2].partition("'")[0]
        if module and renderer.promised(module):
            return replace(failure, kind=FailureKind.RENDERER_ABSENT)
    absent = renderer.missing()
    if failure.kind is FailureKind.RENDERER_ABSENT and absent:
        names = ", ".join(NEEDS[name].name for name in absent)
        message = f"{failure.message}; missing here: {names}. Install with: {install_line(absent)}"
        return replace(failure, message=message)
    return failure


def _failed(program: Program, failure: Failure) -> Rendering:
    return Rendering(program=program, failure=failure)


def _scratch_folder() -> Path:
    try:
        return Path(tempfile.mkdtemp(prefix="derender-"))
    except OSError as error:
        message = f"no folder for temporary files can be written ({error.strerror}): set TMPDIR to one that can"
        raise InfraError(message) from None


def _open_cache(cache: bool | Path) -> RenderingCache | None:
    if cache is False:
        return None
    from derender.core.store import ContentStore, default_folder

    return RenderingCache(ContentStore(default_folder() if cache is True else cache))
