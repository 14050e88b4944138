"""One event loop in the background, on which all talk with endpoints happens.

Connections and limits belong to one event loop. Callers come from threads, notebooks and loops of their own, so they
hand their work to this one and wait for it, or await it.
"""

import asyncio
import os
import threading
from collections.abc import Coroutine
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")


def wait(work: Coroutine[Any, Any, T]) -> T:
    """The work's result, waited for; from any thread, also one whose own event loop is running."""
    future = asyncio.run_coroutine_threadsafe(work, background_loop())
    try:
        return future.result()
    except BaseException:
        # Ctrl-C, most of all: nobody wants the answer any more.
        future.cancel()
        raise


async def in_background(work: Coroutine[Any, Any, T]) -> T:
    """The work's result, awaited; cancelled with its awaiter."""
    loop = background_loop()
    if asyncio.get_running_loop() is loop:
        return await work
    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, loop))


def background_loop() -> asyncio.AbstractEventLoop:
    """The loop, started when first needed; a forked process gets one of its own."""
    return _loop_of(os.getpid())


@cache
def _loop_of(_process: int) -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="derender-models", daemon=True).start()
    return loop
