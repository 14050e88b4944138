"""The least number of insertions, deletions and replacements that make one sequence of another."""

from collections.abc import Hashable, Sequence


def levenshtein(one: Sequence[Hashable], other: Sequence[Hashable]) -> int:
    """The edit distance of two sequences, each edit costing 1; 0 for equal ones.

    Takes as many steps as the longer has items, each on as many bits as the shorter has: 0.5 s for 20,000 items each.

    Source:
        Hyyrö, A bit-vector algorithm for computing Levenshtein and Damerau edit distances, 2003.
    """
    short, long = sorted((one, other), key=len)
    if not short:
        return len(long)
    where: dict[Hashable, int] = {}
    for index, item in enumerate(short):
        where[item] = where.get(item, 0) | 1 << index
    whole = (1 << len(short)) - 1
    last = 1 << len(short) - 1
    # A column of the table of distances, as the signs of its steps downwards: bits of `rising` and of `falling`.
    rising, falling, distance = whole, 0, len(short)
    for item in long:
        same = where.get(item, 0)
        level = (((same & rising) + rising) ^ rising) | same | falling
        right_up = falling | (whole & ~(level | rising))
        right_down = rising & level
        distance += bool(right_up & last) - bool(right_down & last)
        right_up = right_up << 1 | 1
        rising = whole & (right_down << 1 | ~(level | right_up))
        falling = whole & right_up & level
    return distance
