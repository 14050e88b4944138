"""Several judges of the same things: what they say together, and how far they agree."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from derender.models.chat import Usage

if TYPE_CHECKING:
    from derender.models.ledger import Price

    from .judge import Verdict


class Level(StrEnum):
    """What a difference between two ratings means."""

    NOMINAL = "nominal"
    """They are equal or they are not: passed, failed."""
    ORDINAL = "ordinal"
    """One is higher than the other, by so many ranks."""
    INTERVAL = "interval"
    """Their distance counts, squared."""


def mean_rating(verdicts: "Iterable[Verdict]") -> float | None:
    """The mean of the ratings after caps of those that scored; None where none did."""
    ratings = [each.rating.final for each in verdicts if each.rating]
    return sum(ratings) / len(ratings) if ratings else None


def majority(verdicts: "Iterable[Verdict]") -> bool | None:
    """Whether more judges pass it than don't; None for a tie, or where nobody says."""
    votes = [each.rating.passed for each in verdicts if each.rating and each.rating.passed is not None]
    passed = sum(votes)
    return None if 2 * passed == len(votes) else 2 * passed > len(votes)


def krippendorff_alpha(ratings: Sequence[Sequence[float | None]], level: Level | str = Level.INTERVAL) -> float | None:
    """Krippendorff's alpha: 1 is agreement, 0 what chance gives, less is worse than chance.

    Args:
        ratings: a row per judge, a column per item; None where a judge said nothing.
        level: what differences mean.

    Returns:
        None where it is not defined: no item with two ratings, or all ratings equal.

    Raises:
        ValueError: the rows are not equally long.
    """
    units = [[value for value in column if value is not None] for column in zip(*ratings, strict=True)]
    units = [unit for unit in units if len(unit) > 1]
    values = sorted({value for unit in units for value in unit})
    place = {value: index for index, value in enumerate(values)}
    together = [[0.0] * len(values) for _ in values]
    for unit in units:
        for first, one in enumerate(unit):
            for second, other in enumerate(unit):
                if first != second:
                    together[place[one]][place[other]] += 1 / (len(unit) - 1)
    counts = [sum(row) for row in together]
    distance = _distances(values, counts, Level(level))
    pairs = [(one, other) for one in range(len(values)) for other in range(len(values))]
    seen = sum(together[one][other] * distance[one][other] for one, other in pairs)
    expected = sum(counts[one] * counts[other] * distance[one][other] for one, other in pairs)
    return None if expected == 0 else 1 - (sum(counts) - 1) * seen / expected


def _distances(values: Sequence[float], counts: Sequence[float], level: Level) -> list[list[float]]:
    def between(one: int, other: int) -> float:
        if level is Level.NOMINAL:
            return float(one != other)
        if level is Level.INTERVAL:
            return (values[one] - values[other]) ** 2
        low, high = min(one, other), max(one, other)
        return (sum(counts[low : high + 1]) - (counts[low] + counts[high]) / 2) ** 2

    return [[between(one, other) for other in range(len(values))] for one in range(len(values))]


@dataclass(frozen=True, slots=True)
class Flips:
    """What the order of the two pictures changes.

    Attributes:
        cases: those scored in both orders.
        flipped: those of them whose verdict changed.
        shift: mean rating with the candidate first, less that with the reference first; None where no case is scored.
        spread: mean size of the change; likewise.
    """

    cases: int
    flipped: int
    shift: float | None
    spread: float | None

    @property
    def rate(self) -> float | None:
        """The share of cases whose verdict changed; None where no case is scored."""
        return self.flipped / self.cases if self.cases else None


def flips(pairs: "Iterable[tuple[Verdict, Verdict]]", *, tolerance: float = 0.0) -> Flips:
    """How often a verdict hangs on the order of the pictures.

    Args:
        pairs: the verdict with the reference first, and that with the candidate first.
        tolerance: how far two ratings may lie apart and be the same verdict, where the rubric has no threshold; where
            it has one, a verdict is passing or not.
    """
    both = [(one.rating, other.rating) for one, other in pairs if one.rating and other.rating]
    changes = [other.final - one.final for one, other in both]
    flipped = [
        abs(change) > tolerance + 1e-9 if one.passed is None else one.passed is not other.passed
        for (one, other), change in zip(both, changes, strict=True)
    ]
    if not both:
        return Flips(0, 0, None, None)
    return Flips(len(both), sum(flipped), sum(changes) / len(both), sum(map(abs, changes)) / len(both))


def cost_per_thousand(verdicts: "Sequence[Verdict]", price: "Price") -> float | None:
    """What a thousand such verdicts cost by a model's price, tokens that a cache saved included as if they were spent.

    None where there are no verdicts, or an endpoint did not say its tokens, now or when the cache was filled.
    """
    if not verdicts or any(each.usage is None for each in verdicts):
        return None
    spent = [each.saved + (each.usage or Usage()) for each in verdicts]
    # No reply was ever had for no tokens.
    if any(each.replies and tokens == Usage() for each, tokens in zip(verdicts, spent, strict=True)):
        return None
    return 1000 * price.of(sum(spent, Usage())) / len(verdicts)
