"""Dealing programs: so many of each language, a share of them broken, each several times, well shuffled."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from random import Random

from derender.core import FailureKind, Language, Program
from derender.render import RenderOptions
from derender.render.options import Limits

from . import documents, libraries, plots
from .broken import BROKEN

OTHER_LIBRARIES = 0.3
"""Share of the charts that need more than Matplotlib."""
GENEROUS = RenderOptions(limits=Limits(wall_s=120, cpu_s=120))


@dataclass(frozen=True, slots=True)
class Card:
    """One program to run.

    Attributes:
        name: unique among different programs.
        program: what to run.
        options: how.
        kinds: the failures that are right; empty when it must draw a picture.
        hangs: whether it lasts until its deadline.
    """

    name: str
    program: Program
    options: RenderOptions = field(default=GENEROUS)
    kinds: frozenset[FailureKind] = frozenset()
    hangs: bool = False


def deck(
    counts: Mapping[Language, int], *, broken: float = 0.05, repeats: int = 10, seed: int = 0, hang_s: float = 1.0
) -> list[Card]:
    """That many programs of each language in random order.

    Args:
        counts: programs of each language, repeats included.
        broken: share of them that fail or hang.
        repeats: how often each different program comes.
        seed: other seeds give other programs.
        hang_s: the deadline of those that are broken.
    """
    rng = Random(seed)
    cards: list[Card] = []
    for language, wanted in counts.items():
        bad = round(broken * wanted)
        cards += _several(_good(language, seed), wanted - bad, repeats)
        cards += _several(_bad(language, seed, hang_s), bad, repeats)
    rng.shuffle(cards)
    return cards


def _several(fresh: Iterator[Card], wanted: int, repeats: int) -> list[Card]:
    different = [next(fresh) for _ in range(-(-wanted // repeats))]
    return (different * repeats)[:wanted]


def _good(language: Language, seed: int) -> Iterator[Card]:
    for number in count():
        name = f"{language}-{number}"
        yield Card(name, Program(_source(language, Random(f"{seed} {name}")), language))


def _source(language: Language, rng: Random) -> str:
    if language is Language.PYTHON:
        return libraries.picture(rng) if rng.random() < OTHER_LIBRARIES else plots.plot(rng)
    return documents.page(rng) if language is Language.HTML else documents.icon(rng)


def _bad(language: Language, seed: int, hang_s: float) -> Iterator[Card]:
    options = RenderOptions(limits=Limits.of_timeout(hang_s))
    kinds = BROKEN[language]
    for number in count():
        each = kinds[number % len(kinds)]
        # A failure that isn't a deadline's must not become one on a busy machine.
        chosen = options if each.hangs else GENEROUS
        source = each.program(1000 * seed + number)
        yield Card(f"{language}, {each.name} {number}", Program(source, language), chosen, each.kinds, each.hangs)
