"""Many callers at once get what one after another would: threads, tasks, processes; forks and interrupts as well."""

import asyncio
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from derender.core import FailureKind, InfraError, Program
from derender.render import Engine, Limits, RenderOptions

sys.path.insert(0, str(Path(__file__).parents[2] / "perf"))
from processes import everything, tree

OPTIONS = RenderOptions(limits=Limits(wall_s=300, cpu_s=300))
CALLERS = 16
CHART = "import matplotlib.pyplot as plt\nplt.figure(figsize=(2, 2))\nplt.plot([1, {n}])\nplt.show()\n"
ICON = "<svg xmlns='http://www.w3.org/2000/svg' width='{n}' height='20'><circle cx='9' cy='9' r='7'/></svg>"
PAGE = "<body style='margin:0'><h1>page {n}</h1>"
PATIENCE_S = 240.0


def programs():
    """Sixteen callers' programs, some of them the same."""
    icons = [Program(ICON.format(n=n + 20), "svg") for n in range(6)]
    charts = [Program(CHART.format(n=n), "python") for n in range(6)]
    return [*icons, *charts, *(Program(PAGE.format(n=n), "html") for n in range(2)), icons[0], charts[0]]


@pytest.fixture(scope="module")
def engine():
    with Engine(jobs=4, cache=False) as engine:
        yield engine


@pytest.fixture(scope="module")
def alone(engine):
    """What comes out one after another."""
    return [bytes_of(engine.render(program, OPTIONS)) for program in programs()]


def bytes_of(rendering):
    assert rendering.failure is None, rendering.failure
    return [picture.png for picture in rendering.pictures]


def test_sixteen_threads(engine, alone):
    start = threading.Barrier(CALLERS)

    def call(program):
        start.wait(PATIENCE_S)
        return bytes_of(engine.render(program, OPTIONS))

    with ThreadPoolExecutor(CALLERS) as callers:
        assert list(callers.map(call, programs())) == alone


def test_sixteen_tasks_in_a_running_loop(engine, alone):
    async def call():
        return await asyncio.gather(*(engine.render_async(program, OPTIONS) for program in programs()))

    assert [bytes_of(each) for each in asyncio.run(call())] == alone


def test_blocking_calls_inside_a_running_loop(engine, alone):
    """As in a notebook, whose cells run within a loop."""

    async def call():
        return engine.render(programs()[0], OPTIONS), list(engine.render_many(programs()[:3], OPTIONS, in_order=True))

    one, many = asyncio.run(call())
    assert bytes_of(one) == alone[0]
    assert [bytes_of(rendering) for _, rendering in many] == alone[:3]


def test_tasks_called_off_leave_the_others_what_they_asked_for(engine, alone):
    async def call():
        tasks = [asyncio.ensure_future(engine.render_async(program, OPTIONS)) for program in programs()]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks[::2]:
            task.cancel()
        return await asyncio.gather(*tasks, return_exceptions=True)

    results = asyncio.run(call())
    drawn = {index: result for index, result in enumerate(results) if not isinstance(result, asyncio.CancelledError)}
    assert len(drawn) < CALLERS
    assert {*range(1, CALLERS, 2)} <= {*drawn}
    assert all(bytes_of(rendering) == alone[index] for index, rendering in drawn.items())
    assert [bytes_of(engine.render(program, OPTIONS)) for program in programs()[:3]] == alone[:3]


def _process(folder, queue):
    """Four threads over one cache folder."""
    with Engine(jobs=2, cache=folder) as engine, ThreadPoolExecutor(4) as callers:
        drawn = list(callers.map(lambda program: engine.render(program, OPTIONS), programs()))
    queue.put([[picture.png for picture in each.pictures] for each in drawn])


@pytest.mark.parametrize("method", ["spawn", "fork"])
def test_four_processes_of_four_threads_share_a_cache(method, alone, tmp_path):
    context = multiprocessing.get_context(method)
    queue = context.Queue()
    children = [context.Process(target=_process, args=(tmp_path, queue)) for _ in range(4)]
    for child in children:
        child.start()
    results = [queue.get(timeout=PATIENCE_S) for _ in children]
    for child in children:
        child.join(PATIENCE_S)
        assert child.exitcode == 0
    assert results == [alone] * 4


def _in_child(engine, program, queue):
    try:
        queue.put(("rendered", [picture.png for picture in engine.render(program, OPTIONS).pictures]))
    except InfraError as error:
        queue.put(("refused", str(error)))
    engine.close()
    queue.put(("closed", ""))


def test_an_engine_taken_across_a_fork_says_so_and_stays_whole(engine, alone):
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    child = context.Process(target=_in_child, args=(engine, programs()[0], queue))
    child.start()
    what, message = queue.get(timeout=PATIENCE_S)
    assert what == "refused"
    assert "fork" in message
    # Closing it there ends nothing here.
    assert queue.get(timeout=PATIENCE_S)[0] == "closed"
    child.join(PATIENCE_S)
    assert child.exitcode == 0
    assert bytes_of(engine.render(programs()[1], OPTIONS)) == alone[1]


def test_closing_while_many_render_ends_them_all():
    engine = Engine(jobs=2, cache=False)
    assert engine.render(Program(CHART.format(n=1), "python"), OPTIONS).ok
    sleepers = [Program(f"import time\ntime.sleep(600 + {n})", "python") for n in range(8)]
    with ThreadPoolExecutor(8) as callers:
        results = [callers.submit(engine.render, program, OPTIONS) for program in sleepers]
        while len(engine._in_flight) < len(sleepers):
            os.sched_yield()
        engine.close()
        kinds = {result.result(PATIENCE_S).failure.kind for result in results}
    assert kinds == {FailureKind.CANCELLED}


INTERRUPTED = """
import json, sys
from derender.core import Program
from derender.render import Engine
with Engine(jobs=2, cache=False) as engine:
    for program in (Program({chart!r}, "python"), Program("<p>x", "html")):
        assert engine.render(program).ok
    print(engine._scratch, flush=True)
    endless = (Program(f"import time\\ntime.sleep(600 + {{n}})", "python") for n in range(100))
    {wait}
"""


@pytest.mark.parametrize("wait", ["list(engine.render_many(endless))", "engine.render(next(endless))"])
def test_an_interrupt_leaves_no_process_and_no_file(wait, tmp_path):
    source = INTERRUPTED.format(chart=CHART.format(n=1), wait=wait)
    caller = subprocess.Popen([sys.executable, "-c", source], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    scratch = caller.stdout.readline().strip()
    until = time.monotonic() + PATIENCE_S
    while not any(process.role == "program" for process in tree(caller.pid)):
        assert time.monotonic() < until
    started = {process.pid for process in tree(caller.pid)}
    caller.send_signal(signal.SIGINT)
    _, errors = caller.communicate(timeout=PATIENCE_S)
    assert "KeyboardInterrupt" in errors
    until = time.monotonic() + 30
    while left := {pid for pid, process in everything().items() if pid in started and process.state != "Z"}:
        assert time.monotonic() < until, left
    assert not os.path.exists(scratch)
