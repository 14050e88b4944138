"""The words, colours and numbers that made-up programs are filled with."""

from random import Random

NOUNS = ["rain", "output", "cost", "speed", "yield", "demand", "traffic", "energy"]
NOUNS += ["weight", "age", "price", "score", "noise", "depth", "growth"]
PLACES = ["north", "south", "east", "west", "Zürich", "Łódź", "São Paulo", "Ōsaka", "centre", "harbour"]
COLOURS = ["tab:blue", "tab:orange", "tab:green", "crimson", "slateblue", "#2a9d8f", "#e76f51", "goldenrod"]
HEXES = ["#2a9d8f", "#e76f51", "#264653", "#e9c46a", "#4f7cff", "#9d5cff", "#c1121f", "#669bbc"]
MAPS = ["viridis", "magma", "plasma", "coolwarm", "Blues", "terrain", "cividis"]


def title(rng: Random) -> str:
    """A heading of a few words."""
    return f"{rng.choice(NOUNS).capitalize()} by {rng.choice(NOUNS)}, {rng.choice(PLACES)} {rng.randint(1990, 2025)}"


def labels(rng: Random, count: int) -> list[str]:
    """That many different short names."""
    return rng.sample(NOUNS + PLACES, count)


def numbers(rng: Random, count: int, low: float = 0, high: float = 100) -> list[float]:
    """That many numbers, one digit after the point."""
    return [round(rng.uniform(low, high), 1) for _ in range(count)]
