"""Unseeded randomness, made the same in every run: the program's own seeds are left alone."""

import random
import sys

SEED = 0


def settle_randomness() -> None:
    """Seed the generators that programs use without seeding them."""
    random.seed(SEED)
    numpy = sys.modules.get("numpy")
    if numpy is None:
        return
    numpy.random.seed(SEED)
    # Every generator made without a seed asks this name for entropy: default_rng(), RandomState(), SeedSequence().
    source = random.Random(SEED)
    sys.modules["numpy.random.bit_generator"].randbits = source.getrandbits  # type: ignore[attr-defined]
