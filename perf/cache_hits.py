"""How many renderings a second come out of one cache that several processes share: `python perf/cache_hits.py`."""

import argparse
import multiprocessing
import sys
import tempfile
import time
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path

import history
from charts import charts
from rich.console import Console

from derender.core import Language, Program
from derender.render import Engine

LEAST = 2000
"""Hits a second, all processes together."""


def programs() -> list[Program]:
    """What is in the cache."""
    return [Program(source, Language.PYTHON) for source in charts(1)]


def take(folder: Path, start: Barrier, seconds: float, results: "Queue[tuple[int, float, float]]") -> None:
    """One process: hits, wall and processor seconds."""
    wanted = programs()
    with Engine(jobs=1, cache=folder) as engine:
        for program in wanted:
            if not engine.render(program).cached:
                raise SystemExit("what was rendered is not in the cache")
        start.wait()
        began, cpu, hits = time.monotonic(), time.process_time(), 0
        while time.monotonic() - began < seconds:
            for program in wanted:
                engine.render(program)
            hits += len(wanted)
        results.put((hits, time.monotonic() - began, time.process_time() - cpu))


def measure(folder: Path, processes: int, seconds: float) -> tuple[float, float]:
    """Hits a second of all processes together, and processor milliseconds a hit."""
    context = multiprocessing.get_context("spawn")
    start, results = context.Barrier(processes), context.Queue()
    children = [context.Process(target=take, args=(folder, start, seconds, results)) for _ in range(processes)]
    for child in children:
        child.start()
    each = [results.get(timeout=120) for _ in children]
    for child in children:
        child.join()
    rate = sum(hits / wall for hits, wall, _ in each)
    return rate, 1000 * sum(cpu for _, _, cpu in each) / sum(hits for hits, _, _ in each)


def main() -> int:
    """Fill a cache, measure, print, write down."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with Engine(cache=folder) as engine:
            for _, rendering in engine.render_many(programs()):
                if not rendering.ok:
                    raise SystemExit(f"a program failed: {rendering.failure}")
        one, several = [], []
        for _ in range(wanted.rounds):
            one.append(measure(folder, 1, wanted.seconds))
            several.append(measure(folder, wanted.processes, wanted.seconds))
    alone = history.Figure.of([rate for rate, _ in one], better="higher")
    shared = history.Figure.of([rate for rate, _ in several], better="higher")
    cpu_ms = history.Figure.of([cpu for _, cpu in several], better="lower")
    console = Console()
    console.print(f"one process: {alone.median:.0f} hits a second ({alone.low:.0f} – {alone.high:.0f})")
    console.print(
        f"{wanted.processes} processes: {shared.median:.0f} hits a second ({shared.low:.0f} – {shared.high:.0f})"
    )
    console.print(f"{cpu_ms.median:.3f} ms of processor time a hit; at least {LEAST} hits a second are wanted")
    scaling = [several_rate / one_rate for (several_rate, _), (one_rate, _) in zip(several, one, strict=True)]
    figures = {"hits/s, one process": alone, f"hits/s, {wanted.processes} processes": shared, "CPU ms a hit": cpu_ms}
    figures[f"{wanted.processes} processes to one"] = history.Figure.of(scaling, better="higher", ratio=True)
    history.append("cache_hits", figures)
    return int(shared.median < LEAST)


if __name__ == "__main__":
    sys.exit(main())
