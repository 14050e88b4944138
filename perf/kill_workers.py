"""Programs run while something kills the engine's processes, one a second: nothing lost, nothing wrong, nobody blamed.

    python perf/kill_workers.py [--seconds 300] [--jobs 2]

Any process below the engine may be hit: bubblewrap, dispatcher, supervisor, forker, program, and all of Chromium's.
Every program is drawn in calm first; what is drawn under fire must equal that byte for byte.
"""

import argparse
import hashlib
import os
import random
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import cycle

from generators import Card, deck
from processes import Process, tree
from rich.console import Console
from rich.table import Table

from derender.core import Language, Rendering
from derender.render import Engine

ROLES = (
    "bwrap", "process 1", "dispatcher", "forker", "supervisor", "program",
    "browser worker", "browser", "GPU", "utility", "zygote", "renderer",
)  # fmt: skip
"""Who is hit; Chromium alone has more processes than all the others, so that the lot falls on roles."""


@dataclass(slots=True)
class Tally:
    """What came of many renderings, each compared with the first of the same program.

    Attributes:
        done: renderings in all.
        lost: those that failed through us, by failure.
        blamed: those whose program is said to be at fault and isn't.
        wrong: those whose bytes differ from the first's.
        told: a line for each of them.
    """

    done: int = 0
    lost: Counter[str] = field(default_factory=Counter)
    blamed: int = 0
    wrong: int = 0
    told: list[str] = field(default_factory=list)
    first: dict[str, str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, card: Card, rendering: Rendering) -> None:
        """Judge one rendering."""
        failure = rendering.failure
        with self._lock:
            self.done += 1
            if failure is not None and failure.ours and failure.kind not in card.kinds:
                self.lost[failure.kind] += 1
                self.told.append(f"lost: {card.name}: {failure.kind}: {failure.message}")
            elif (failure.kind if failure else None) not in (card.kinds or {None}):
                self.blamed += 1
                said = f"{failure.kind}: {failure.message}" if failure else "no failure"
                self.told.append(f"blamed: {card.name}: {said}; expected {sorted(card.kinds) or 'a picture'}")
            elif not card.kinds and self.first.setdefault(card.name, digest(rendering)) != digest(rendering):
                self.wrong += 1
                self.told.append(f"wrong: {card.name}: the bytes differ from the first rendering's")

    @property
    def faults(self) -> int:
        """Everything that should not have been."""
        return self.lost.total() + self.blamed + self.wrong


def digest(rendering: Rendering) -> str:
    """Equal for equal pictures."""
    return hashlib.sha256(b"".join(picture.png for picture in rendering.pictures)).hexdigest()


class Killer:
    """Kills a random process below this one every so often, while it is entered."""

    def __init__(self, every_s: float, seed: int = 0) -> None:
        self.hits: Counter[str] = Counter()
        self._every_s = every_s
        self._rng = random.Random(seed)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="killer", daemon=True)

    def __enter__(self) -> "Killer":
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(self._every_s):
            victim = self._victim()
            if victim is not None:
                self.hits[f"{victim.worker}, {victim.role}"] += shoot(victim)

    def _victim(self) -> Process | None:
        """Someone of a role drawn by lot, if one comes by soon; else anyone."""
        wanted = self._rng.choice(ROLES)
        until = time.monotonic() + self._every_s / 2
        while True:
            there = [each for each in tree(os.getpid()) if each.worker != "other" and each.state != "Z"]
            found = [each for each in there if each.role == wanted]
            if found or time.monotonic() > until:
                return self._rng.choice(found or there) if there else None


def shoot(victim: Process) -> bool:
    """Kill a process of our own tree; False when it is gone, or its number is another's now."""
    with suppress(OSError):
        fd = os.pidfd_open(victim.pid)
        try:
            if victim.pid in {each.pid for each in tree(os.getpid()) if each.state != "Z"}:
                signal.pidfd_send_signal(fd, signal.SIGKILL)
                return True
        finally:
            os.close(fd)
    return False


def run(engine: Engine, cards: Iterable[Card], tally: Tally, until: float = float("inf")) -> None:
    """Render cards, as many at once as the engine has jobs, until they or the time are used up."""
    source, lock = iter(cards), threading.Lock()

    def work() -> None:
        while time.monotonic() < until:
            with lock:
                card = next(source, None)
            if card is None:
                return
            tally.take(card, engine.render(card.program, card.options))

    with ThreadPoolExecutor(engine.jobs) as callers:
        for done in [callers.submit(work) for _ in range(engine.jobs)]:
            done.result()


def show(tally: Tally, hits: Counter[str]) -> None:
    """Who was hit how often, and what came of it."""
    table = Table(title=f"{hits.total()} processes killed")
    table.add_column("process")
    table.add_column("killed", justify="right")
    for role, count in sorted(hits.items()):
        table.add_row(role, str(count))
    console = Console()
    console.print(table)
    for line in tally.told[:30]:
        console.print(line, highlight=False)
    lost = f"{tally.lost.total()} lost {dict(tally.lost) or ''}"
    console.print(f"{tally.done} renderings: {lost}, {tally.wrong} wrong, {tally.blamed} blamed on their program")


def under_fire(engine: Engine, cards: list[Card], calm: Tally, seconds: float) -> tuple[Tally, Counter[str]]:
    """Render the cards over and over while processes are killed; calm's first renderings are what must come out."""
    tally = Tally(first=calm.first)
    with Killer(1.0) as killer:
        run(engine, cycle(cards), tally, time.monotonic() + seconds)
    return tally, killer.hits


def main() -> int:
    """Calm first, then fire."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    wanted = parser.parse_args()
    counts = {Language.PYTHON: 120, Language.HTML: 40, Language.SVG: 20}
    cards = deck(counts, repeats=1, seed=wanted.seed)
    calm = Tally()
    with Engine(jobs=wanted.jobs, cache=False) as engine:
        run(engine, cards, calm)
        tally, hits = under_fire(engine, cards, calm, wanted.seconds)
    show(calm, Counter())
    show(tally, hits)
    return int(bool(calm.faults + tally.faults))


if __name__ == "__main__":
    sys.exit(main())
