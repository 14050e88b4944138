"""Thousands of programs through one engine: nothing may grow, nothing may be left, no result may be wrong.

    make soak                                   10 000 programs, then five minutes of killed workers
    .venv/bin/python perf/soak.py --quick       a few hundred, half a minute of killed workers

Programs come several times each, 5 % of them broken; each rendering is compared with the first of the same program.
Between batches, while the engine rests, memory, descriptors, threads, files and dead processes are counted. Exit code 1
when a bound is broken. As root it runs in namespaces of its own, so that other programs' files are not counted.
"""

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import history
from alone import go_alone, leftovers
from gauges import Course, Reading, courses, read
from generators import Card, deck
from kill_workers import Tally, run, show, under_fire
from processes import tree
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from derender.core import Language
from derender.render import Engine

SETTLED = 1000
"""Programs after which nothing may grow any more."""
LEAVE_S = 15.0
"""How long the last process may take to be gone once the engine is closed."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the soak found."""

    calm: Tally
    fire: Tally
    hits: Counter[str]
    courses: list[Course]
    left: dict[str, int]
    per_s: float
    load: float

    @property
    def ok(self) -> bool:
        """Whether every bound held."""
        whole = not (self.calm.faults or self.fire.faults or any(self.left.values()))
        return whole and all(course.ok for course in self.courses)


def soak(counts: dict[Language, int], jobs: int, every: int, kill_s: float) -> Outcome:
    """Run it all."""
    cards = deck(counts)
    before = leftovers()
    calm, readings = Tally(), []
    started = time.monotonic()
    with Engine(jobs=jobs, cache=False) as engine:
        busy_s = _calm(engine, cards, calm, readings, every)
        load = os.getloadavg()[2]
        fire, hits = Tally(), Counter()
        if kill_s:
            # Those that hang would sit out their deadlines while there is killing to be done.
            quick = [card for card in cards[: 4 * every] if not card.hangs]
            fire, hits = under_fire(engine, quick, calm, kill_s)
            # A worker that was killed last is found dead, and buried, when it is next asked.
            run(engine, quick[:60], fire)
            readings.append(read(readings[-1].done + fire.done))
    Console().print(f"{time.monotonic() - started:.0f} s in all")
    settled = min(SETTLED, len(cards) // 4)
    return Outcome(calm, fire, hits, courses(readings, settled), _left(before), calm.done / busy_s, load)


def _calm(engine: Engine, cards: Sequence[Card], tally: Tally, readings: list[Reading], every: int) -> float:
    """All cards in batches with a look after each; the seconds spent rendering."""
    busy_s = 0.0
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn()) as progress:
        bar = progress.add_task("programs", total=len(cards))
        for start in range(0, len(cards), every):
            began = time.monotonic()
            run(engine, cards[start : start + every], tally)
            busy_s += time.monotonic() - began
            readings.append(read(tally.done))
            progress.update(bar, completed=tally.done)
            progress.print(_line(readings[-1], tally, busy_s), highlight=False)
    return busy_s


def _line(reading: Reading, tally: Tally, busy_s: float) -> str:
    memory = ", ".join(f"{whose} {value:.0f}" for (what, whose), value in reading.values.items() if what == "memory MB")
    totals: Counter[str] = Counter()
    for (what, _), value in reading.values.items():
        totals[what] += round(value)
    counted = ", ".join(f"{totals[what]} {what}" for what in ("descriptors", "zombies", "files"))
    rate = f"{tally.done / busy_s:5.1f}/s, load {os.getloadavg()[0]:.1f}"
    return f"{reading.done:6d} {rate} | MB: {memory} | {counted} | {tally.faults} faults"


def _left(before: dict[str, int]) -> dict[str, int]:
    """What is there after the engine was closed and was not before."""
    until = time.monotonic() + LEAVE_S
    while True:
        now = {"processes": len(tree(os.getpid())), **leftovers()}
        left = {what: max(0, count - before.get(what, 0)) for what, count in now.items()}
        if not any(left.values()) or time.monotonic() > until:
            return left
        time.sleep(0.2)


def report(outcome: Outcome) -> None:
    """The summary for people."""
    table = Table(title="from the first steady look to the last")
    for column in ("what", "of", "began", "ended", "highest", "grew"):
        table.add_column(column, justify="left" if column in {"what", "of"} else "right")
    for course in sorted(outcome.courses, key=lambda course: course.name):
        share = f"{course.grew / course.began:+.1%}" if course.began else f"{course.grew:+.1f}"
        colour = "" if course.ok else "[red]"
        figures = (f"{value:.1f}" for value in (course.began, course.ended, course.highest))
        table.add_row(*course.name, *figures, f"{colour}{share}")
    console = Console()
    console.print(table)
    if outcome.hits:
        show(outcome.fire, outcome.hits)
    for line in outcome.calm.told[:30]:
        console.print(line, highlight=False)
    calm = outcome.calm
    console.print(
        f"in calm: {calm.done} programs, {outcome.per_s:.1f} a second, {calm.faults} faults; left: {outcome.left}"
    )
    console.print("every bound held" if outcome.ok else "[red]a bound was broken")


def keep(outcome: Outcome) -> None:
    """Write the figures down."""
    figures = {"programs/s": history.Figure.of(outcome.per_s, better="higher")}
    for course in outcome.courses:
        if course.name[0] == "memory MB" and course.began:
            figures[f"{course.name[1]} MB"] = history.Figure.of(course.ended, better="lower")
            figures[f"{course.name[1]} grew"] = history.Figure.of(course.ended / course.began)
    figures["load while it ran"] = history.Figure.of(outcome.load)
    figures["programs"] = history.Figure.of(outcome.calm.done)
    figures["faults"] = history.Figure.of(outcome.calm.faults + outcome.fire.faults, better="lower")
    figures["killed"] = history.Figure.of(outcome.hits.total())
    figures["under fire"] = history.Figure.of(outcome.fire.done)
    history.append("soak", figures)


def main() -> int:
    """Soak, print, write down."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--python", type=int, default=7500)
    parser.add_argument("--html", type=int, default=1500)
    parser.add_argument("--svg", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--kill-seconds", type=float, default=300)
    parser.add_argument("--quick", action="store_true", help="a thirtieth of it")
    wanted = parser.parse_args()
    counts = {Language.PYTHON: wanted.python, Language.HTML: wanted.html, Language.SVG: wanted.svg}
    every, kill_s = 250, wanted.kill_seconds
    if wanted.quick:
        counts = {language: count // 30 for language, count in counts.items()}
        every, kill_s = 25, kill_s / 10
    if not go_alone():
        Console().print("not run as root: files that other programs make meanwhile are counted too")
    outcome = soak(counts, wanted.jobs, every, kill_s)
    report(outcome)
    keep(outcome)
    return int(not outcome.ok)


if __name__ == "__main__":
    sys.exit(main())
