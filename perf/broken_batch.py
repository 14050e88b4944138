"""What broken programs cost the others: `python perf/broken_batch.py`.

A clean batch, and the same with 5 % of its programs failing and 2 % hanging until a deadline of two seconds, in
alternating rounds. What a hanging program takes until its limit is its own: a slot for two seconds if it sleeps, for as
long as it takes to use up two processor seconds if it loops. So that the rest compares,

    kept = clean wall / (wall with the broken - time held / slots)

All else is the engine's doing and counts: the failing programs themselves, killing a tree, clearing its disk, starting
again what is to be started again. Both batches draw the same clean programs. Where others use the machine, the ratio of
processor times, without what hanging programs ran, says more than the wall does.
"""

import argparse
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import history
from generators import Card, deck
from generators.broken import BROKEN
from generators.cards import GENEROUS
from kill_workers import Tally, run
from rich.console import Console
from timing import timed

from derender.core import FailureKind, Language, Program, Rendering
from derender.render import Engine, RenderOptions
from derender.render.options import Limits

HANG_S = 2.0
FAILING, HANGING = 0.05, 0.02
MOST_LOST = 0.10
"""How much of the clean batch's throughput may be lost."""
COUNTS = {Language.PYTHON: 75, Language.HTML: 15, Language.SVG: 10}


def with_broken(cards: Sequence[Card]) -> list[Card]:
    """The cards with as many broken ones among them that these are 5 % and 2 % of the whole."""
    whole = len(cards) / (1 - FAILING - HANGING)
    failing = [each for each in BROKEN[Language.PYTHON] if not each.hangs and each.name != "fills its disk"]
    hanging = [each for each in BROKEN[Language.PYTHON] if each.hangs]
    chosen = [failing[n % len(failing)] for n in range(round(FAILING * whole))]
    chosen += [hanging[n % len(hanging)] for n in range(max(len(hanging), round(HANGING * whole)))]
    short = RenderOptions(limits=Limits.of_timeout(HANG_S))
    broken = [
        Card(
            f"{each.name} {number}",
            Program(each.program(number), Language.PYTHON),
            short if each.hangs else GENEROUS,
            each.kinds,
            each.hangs,
        )
        for number, each in enumerate(chosen)
    ]
    mixed = [*cards, *broken]
    Random(1).shuffle(mixed)
    # One that hangs at the very end would leave the other slots with nothing to do.
    hangs = [card for card in mixed if card.hangs]
    calm = [card for card in mixed if not card.hangs]
    for number, card in enumerate(hangs):
        calm.insert((number + 1) * len(calm) // (2 * len(hangs)), card)
    return calm


@dataclass(slots=True)
class Slots(Tally):
    """Adds up how long hanging programs held a slot, and how long they ran."""

    held_s: float = 0.0
    ran_s: float = 0.0

    def take(self, card: Card, rendering: Rendering) -> None:
        """Judge one rendering."""
        Tally.take(self, card, rendering)
        if card.hangs:
            sleeps = rendering.failure is not None and rendering.failure.kind is FailureKind.DEADLINE
            self.held_s += HANG_S if sleeps else rendering.elapsed_s
            self.ran_s += rendering.cpu_s


@dataclass(frozen=True, slots=True)
class Round:
    """Seconds that one batch took, and of these, seconds that hanging programs took up.

    Attributes:
        wall_s: in all.
        held_s: in which hanging programs held slots.
        cpu_s: processor seconds of the engine and all its programs but those that hang.
    """

    wall_s: float
    held_s: float
    cpu_s: float

    @property
    def rest_s(self) -> float:
        """Seconds for all else."""
        return self.wall_s - self.held_s


def measure(engine: Engine, cards: Sequence[Card], tally: Slots) -> Round:
    """Run a batch."""
    tally.held_s = tally.ran_s = 0.0
    took = timed(lambda: run(engine, cards, tally))
    return Round(took.wall, tally.held_s / engine.jobs, took.cpu - tally.ran_s)


def main() -> int:
    """Measure in alternating rounds, print, write down."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--batch", type=int, default=1, help="how many times a hundred clean programs")
    wanted = parser.parse_args()
    clean = deck({language: wanted.batch * count for language, count in COUNTS.items()}, broken=0, repeats=1)
    mixed = with_broken(clean)
    tally, console = Slots(), Console()
    rounds: list[tuple[Round, Round]] = []
    with Engine(jobs=wanted.jobs, cache=False) as engine:
        measure(engine, mixed, tally)
        for _ in range(wanted.rounds):
            one, other = measure(engine, clean, tally), measure(engine, mixed, tally)
            rounds.append((one, other))
            console.print(
                f"clean {one.wall_s:.2f} s; with broken {other.wall_s:.2f} s, {other.held_s:.2f} s of it held"
            )
    dearer = [other.cpu_s / one.cpu_s for one, other in rounds]
    console.print(f"{statistics.median(dearer):.2f} × the processor time ({min(dearer):.2f} – {max(dearer):.2f})")
    kept = [one.wall_s / other.rest_s for one, other in rounds]
    middle = 1 - statistics.median(kept)
    console.print(
        f"{middle:.1%} of the throughput lost ({1 - max(kept):.1%} – {1 - min(kept):.1%}), at most {MOST_LOST:.0%}"
    )
    for line in tally.told:
        console.print(line, highlight=False)
    rates = [len(clean) / one.wall_s for one, _ in rounds]
    figures = {
        "throughput kept": history.Figure.of(kept, better="higher", ratio=True),
        "processor time, broken to clean": history.Figure.of(dearer, better="lower", ratio=True),
    }
    history.append("broken_batch", {**figures, "clean programs/s": history.Figure.of(rates, better="higher")})
    return int(middle > MOST_LOST or bool(tally.faults))


if __name__ == "__main__":
    sys.exit(main())
