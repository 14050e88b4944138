"""Sets for self-training, as the paper selects them: five rules over R1 and R2, all brought to the same size.

Candidates are sorted by name and identifier, shuffled by Python's generator seeded with ``<seed>:<variant>``, and the
first taken; which of these are for development is drawn by one seeded with ``<seed>:<variant>:dev``.
"""

import random
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from derender.benchmarks.vision2code.data import read_manifest, sha256_of
from derender.core import UserError

from .training_pairs import Pair

_OF_TEST = re.compile(r"_test_\d{6}_[0-9a-f]{12}$")


class Variant(StrEnum):
    """Which pairs a set is made of, by the official names; alpha is a threshold of R1."""

    ALL_VALID = "all_valid"
    """All."""
    NOT_LOST = "r1_ge_alpha_r2_ge_r1"
    """R1 is at least alpha, and R2 at least R1."""
    LOST = "r1_ge_alpha_r2_lt_r1"
    """R1 is at least alpha, and R2 is less: the model draws better than it reads what it drew. The paper's best."""
    LOW = "r1_lt_alpha"
    """R1 is less than alpha."""
    HIGH = "r1_ge_alpha"
    """R1 is at least alpha."""

    @classmethod
    def parse(cls, name: str) -> "Variant":
        """A variant by the name in code or that of the paper's tables, ``si4_self_drop``.

        Raises:
            UserError: there is none of that name.
        """
        for variant in cls:
            if name in {variant.value, variant.paper}:
                return variant
        raise UserError(f"unknown variant {name!r}: use one of {', '.join(cls)}")

    @property
    def paper(self) -> str:
        """Its name in the published tables."""
        return _PAPER[self]

    def takes(self, pair: Pair, alpha: float) -> bool:
        """Whether a pair may be in it."""
        high, kept = pair.r1 >= alpha, pair.r2 >= pair.r1
        rules = {self.ALL_VALID: True, self.NOT_LOST: high and kept, self.LOST: high and not kept}
        return (rules | {self.LOW: not high, self.HIGH: high})[self]


_PAPER = {
    Variant.ALL_VALID: "si4_uniform",
    Variant.NOT_LOST: "si4_self_ok",
    Variant.LOST: "si4_self_drop",
    Variant.LOW: "si4_low_r1",
    Variant.HIGH: "si4_high_r1",
}


@dataclass(frozen=True, slots=True)
class Selection:
    """How sets are selected.

    Attributes:
        variants: which.
        alpha: the least R1 of a high one.
        size: of each set: 0 for all candidates; None for as many as the smallest of the variants has.
        dev_ratio: share of a set that is for development.
        seed: of the shuffles.

    Raises:
        UserError: a number is out of range, or no variant is wanted.
    """

    variants: tuple[Variant, ...] = tuple(Variant)
    alpha: float = 4.0
    size: int | None = None
    dev_ratio: float = 0.1
    seed: int = 42

    def __post_init__(self) -> None:
        if not self.variants:
            raise UserError("no variant is wanted")
        if not 0 <= self.alpha <= 5:
            raise UserError(f"alpha is a rating from 0 to 5, not {self.alpha:g}")
        if self.size is not None and self.size < 0:
            raise UserError(f"a set has 0 pairs for all there are, or more, not {self.size}")
        if not 0 <= self.dev_ratio < 1:
            raise UserError(f"the share for development is from 0 to less than 1, not {self.dev_ratio:g}")


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """One variant's set.

    Attributes:
        variant: which.
        candidates: how many pairs it was taken from.
        pairs: in the order they were drawn.
        dev: places of those for development.
    """

    variant: Variant
    candidates: int
    pairs: tuple[Pair, ...]
    dev: frozenset[int]

    def part(self, *, dev: bool) -> list[Pair]:
        """The pairs to train on, or those for development."""
        return [pair for place, pair in enumerate(self.pairs) if (place in self.dev) == dev]

    def by_dataset(self, *, dev: bool | None = None) -> dict[str, int]:
        """Dataset → how many pairs, of the whole set or of a part."""
        pairs = self.pairs if dev is None else self.part(dev=dev)
        return dict(sorted(Counter(pair.dataset for pair in pairs).items()))


@dataclass(frozen=True, slots=True)
class Sifted:
    """Pairs without those that must not be trained on.

    Attributes:
        pairs: what is left.
        of_test: left out because the source or the picture is one of a benchmark's own.
        repeated: left out because another pair has the same program or the same picture.
        unchecked: kept though their source is not there to be compared.
    """

    pairs: tuple[Pair, ...]
    of_test: int
    repeated: int
    unchecked: int


def sift(
    pairs: Iterable[Pair], forbidden: Collection[str] = (), *, keep_test: bool = False, unique: bool = False
) -> Sifted:
    """Leave out a benchmark's own pictures, and if wanted all but one of equal pairs.

    Args:
        pairs: of a pool.
        forbidden: SHA-256 of pictures that must not be trained on.
        keep_test: keep those that are named as samples of the test split.
        unique: of pairs with the same program or picture keep the first by name.
    """
    kept: list[Pair] = []
    seen: set[str] = set()
    of_test = repeated = unchecked = 0
    for pair in sorted(pairs, key=_place):
        own = {pair.picture_sha256} | ({sha256_of(pair.source)} if pair.source and forbidden else set())
        if (not keep_test and _OF_TEST.search(pair.question_folder)) or own & set(forbidden):
            of_test += 1
            continue
        facts = {pair.picture_sha256, pair.code_sha256}
        if unique and seen & facts:
            repeated += 1
            continue
        seen |= facts
        unchecked += bool(forbidden) and pair.source is None
        kept.append(pair)
    return Sifted(tuple(kept), of_test, repeated, unchecked)


def pictures_of(manifests: Iterable[Path]) -> frozenset[str]:
    """SHA-256 of all pictures that packages of the benchmark name.

    Args:
        manifests: packages' folders, or their ``manifest.csv``.

    Raises:
        UserError: there is no such manifest, or it names no picture by its hash.
    """
    found: set[str] = set()
    for path in manifests:
        folder = path if path.is_dir() else path.parent
        own = {sample.image_sha256 for sample in read_manifest(folder) if sample.image_sha256}
        if not own:
            raise UserError(f"{path}: names no picture by its SHA-256, so that none can be left out")
        found |= own
    return frozenset(found)


def select(pairs: Sequence[Pair], how: Selection | None = None) -> list[TrainingSet]:
    """The sets of all wanted variants.

    Raises:
        UserError: a variant has fewer pairs than are wanted of it, or none at all.
    """
    how = how or Selection()
    candidates = {variant: [pair for pair in pairs if variant.takes(pair, how.alpha)] for variant in how.variants}
    size = min(map(len, candidates.values())) if how.size is None else how.size
    for variant, own in candidates.items():
        if not own:
            raise UserError(f"{variant} has no pairs: leave it out of the variants, or take another alpha")
        if len(own) < size:
            raise UserError(f"{variant} has {len(own)} pairs, and {size} are wanted")
    return [_drawn(variant, own, size, how) for variant, own in candidates.items()]


def _drawn(variant: Variant, candidates: list[Pair], size: int, how: Selection) -> TrainingSet:
    ordered = sorted(candidates, key=_place)
    _random(f"{how.seed}:{variant}").shuffle(ordered)
    chosen = ordered[:size] if size else ordered
    places = list(range(len(chosen)))
    _random(f"{how.seed}:{variant}:dev").shuffle(places)
    # At least one on either side, where there are two.
    dev = max(1, min(round(len(chosen) * how.dev_ratio), len(chosen) - 1)) if len(chosen) > 1 and how.dev_ratio else 0
    return TrainingSet(variant, len(candidates), tuple(chosen), frozenset(places[:dev]))


def _place(pair: Pair) -> tuple[str, str]:
    return pair.question_folder, pair.uid()


def _random(seed: str) -> random.Random:
    return random.Random(seed)
