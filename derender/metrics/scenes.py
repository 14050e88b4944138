"""Three-dimensional scenes: BlenderGym's and BlenderBench's losses, and what VIGA's scripts make of them.

The photometric loss is a metric of pictures. Everything else is over numbers had elsewhere: CLIP embeddings (ViT-B/32
in these benches), the losses of rounds, a judge's replies. "Negative CLIP" (n-CLIP) is these benches' name for one
minus the cosine: a loss.

Gu et al., BlenderGym, CVPR 2025; VIGA, arXiv 2601.11109. The official mode follows VIGA's scripts.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from derender.core import BadPicture, UserError

from ._facts import Facts, Unscorable, rgb, size
from ._metric import Difference, Mode, Part, Values, metric

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Bytes = NDArray[np.uint8]
    Vector = NDArray[Any]

MISSING_N_CLIP, MISSING_PHOTOMETRIC, MISSING_GRADE = 1.0, 0.8, 0.0
"""What a task without any result counts as."""
ROUNDS = 10
BEST_GRADE = 5

DIFFERENCES = (
    Difference(
        "equal pictures below zero",
        "n-CLIP is not clipped: rounding can make it slightly negative",
        "it is at least 0",
        "a float32 embedding against itself: official may give -1.2e-07, fixed 0",
    ),
    Difference(
        "missing tasks by family",
        "a task without a result costs a tenth in blendshape and placement, half in BlenderBench's level 2",
        "it costs the same in every family",
        "placement, 20 of 40 tasks with n-CLIP 0.1: official 0.1, fixed 0.55",
    ),
    Difference(
        "more results than the table has tasks",
        "the surplus counts as negative missing tasks, and the final loss may fall below 0",
        "the mean over all results",
        "lighting, 40 results of 0.02 where the table says 35: official -0.12, fixed 0.02",
    ),
    Difference(
        "the last round",
        "the greatest name in the order of text, so that round 9 comes after round 10",
        "the greatest number",
        "rounds 1..10: official takes round 9, fixed round 10",
    ),
    Difference(
        "a judge's grade",
        "whatever number stands before the first full stop, a negative or a huge one too; 0 where there is none",
        "the first number of the reply if it is in 0..5; a reply without one is dropped",
        '"Score: 4. Good": official 0, fixed 4; "-3. Bad": official -3, fixed dropped; "4.5. Fine": 4 and 4.5',
    ),
)


def photometric_loss(one: Bytes, other: Bytes) -> float:
    """Mean squared difference of RGB values in 0..1, in single precision as published; 0 is best.

    Args:
        one: height x width x 3 or 4 bytes; only the first three channels count, whatever the opacity.
        other: the same.

    Raises:
        BadPicture: the sizes differ, or one is no picture in colour.
    """
    import numpy as np

    if one.shape[:2] != other.shape[:2] or any(each.ndim != 3 or each.shape[2] < 3 for each in (one, other)):
        raise BadPicture(f"arrays of shapes {one.shape} and {other.shape} have no photometric loss")
    first, second = (each[..., :3].astype(np.float32) / 255.0 for each in (one, other))
    return float(np.square(first - second).mean())


def _photometric_at_the_references_size(reference: Facts, candidate: Facts) -> Values:
    return {"photometric": photometric_loss(candidate.at(reference[size])[rgb], reference[rgb])}


@metric(
    "photometric",
    (Part("photometric", higher_is_better=False),),
    needs=(rgb,),
    source="BlenderGym's and VIGA's photometric loss",
    cost_ms=8.0,
    family="scenes",
    default=False,
    fixed=_photometric_at_the_references_size,
    differences=(
        Difference(
            "pictures of two sizes",
            "the goal is brought to the candidate's size, by Pillow's bicubic filter",
            "the candidate is brought to the goal's, by area where it shrinks",
            "one grey pixel against black and white stripes: official 0, since the goal shrinks to it; fixed 0.25",
        ),
    ),
)
def photometric(reference: Facts, candidate: Facts) -> Values:
    """Mean squared difference of RGB values in 0..1; mind the noise floor of a renderer that samples."""
    import numpy as np
    from PIL import Image

    wanted, given = reference[rgb], candidate[rgb]
    if wanted.shape != given.shape:
        wanted = np.asarray(Image.fromarray(wanted).resize(candidate[size]))
    return {"photometric": photometric_loss(given, wanted)}


@dataclass(frozen=True, slots=True)
class NoiseFloor:
    """How far renderings of one scene are apart by the renderer's randomness alone, as photometric loss.

    Attributes:
        mean: over all pairs of renderings.
        highest: of any pair; a difference of losses no greater than this says nothing.
        pairs: how many pairs there were.
    """

    mean: float
    highest: float
    pairs: int

    def tells_apart(self, before: float, after: float) -> bool:
        """Whether two losses differ by more than noise."""
        return abs(before - after) > self.highest


def noise_floor(renderings: Sequence[Bytes]) -> NoiseFloor:
    """The noise floor shown by renderings of one scene with different seeds.

    Raises:
        Unscorable: there are fewer than two.
        BadPicture: they differ in size.
    """
    if len(renderings) < 2:
        raise Unscorable("a noise floor takes two renderings of one scene at least")
    losses = [photometric_loss(one, other) for one, other in combinations(renderings, 2)]
    return NoiseFloor(math.fsum(losses) / len(losses), max(losses), len(losses))


def recovered(loss: float, at_start: float, floor: float = 0.0) -> float:
    """How much of the way from the start to the goal was gone: n-photometric of a photometric loss, likewise of n-CLIP.

    1 - (loss - floor) / (at_start - floor): 1 where the goal is reached up to the noise floor, 0 where nothing was won,
    below 0 where the candidate is further from the goal than the start is; such a loss of ground stays negative.

    Raises:
        Unscorable: the start is no further from the goal than noise.
    """
    if at_start <= floor:
        raise Unscorable(
            f"the start is as near to the goal as noise: its loss is {at_start:.3g}, the floor {floor:.3g}"
        )
    return 1 - (max(loss, floor) - floor) / (at_start - floor)


def n_clip(one: Vector, other: Vector, mode: Mode | str = Mode.OFFICIAL) -> float:
    """One minus the cosine of two embeddings of pictures: 0 is best, 2 worst; see `DIFFERENCES`.

    Raises:
        Unscorable: an embedding has no direction.
    """
    loss = 1 - _cosine(one, other)
    return loss if Mode(mode) is Mode.OFFICIAL else min(2.0, max(0.0, loss))


def clip_direction(start: Vector, goal: Vector, candidate: Vector) -> float:
    """Cosine between the change wanted and the change made, by embeddings; in -1..1, 1 is best.

    (goal - start) against (candidate - start), whatever their lengths; a candidate equal to the start gets 0.
    Gal et al., StyleGAN-NADA, 2022, for texts; Brooks et al., InstructPix2Pix, 2023, as a measure of edits.

    Raises:
        Unscorable: the goal is where the start is.
    """
    import numpy as np

    made = np.asarray(candidate, np.float64) - np.asarray(start, np.float64)
    wanted = np.asarray(goal, np.float64) - np.asarray(start, np.float64)
    if not made.any() and wanted.any():
        return 0.0
    return max(-1.0, min(1.0, _cosine(wanted, made)))


def _cosine(one: Vector, other: Vector) -> float:
    import numpy as np

    first, second = np.ravel(one), np.ravel(other)
    if first.shape != second.shape:
        raise UserError(f"embeddings of {first.size} and {second.size} numbers can't be compared")
    with np.errstate(over="ignore", invalid="ignore"):
        lengths = float(np.linalg.norm(first)) * float(np.linalg.norm(second))
        product = float(first @ second)
    if not (lengths > 0 and math.isfinite(lengths) and math.isfinite(product)):
        raise Unscorable("an embedding has no direction")
    return product / lengths


@dataclass(frozen=True, slots=True)
class Round:
    """The losses of one round of an agent, averaged over the views of its scene."""

    n_clip: float
    photometric: float


def best_round(rounds: Mapping[str, Round]) -> str:
    """The round with the least n-CLIP, the first of equals: an oracle's choice, since it looks at the goal.

    VIGA reports the photometric loss of this same round, and a judge's grade of it.

    Raises:
        Unscorable: there are no rounds.
    """
    if not rounds:
        raise Unscorable("no round gave a picture")
    return min(rounds, key=lambda name: rounds[name].n_clip)


def last_round(rounds: Mapping[str, Round], mode: Mode | str = Mode.OFFICIAL) -> str:
    """The last round by its name, a number; see `DIFFERENCES`.

    Raises:
        Unscorable: there are no rounds.
        UserError: a name is no number.
    """
    if not rounds:
        raise Unscorable("no round gave a picture")
    if not all(name.isdecimal() for name in rounds):
        raise UserError(f"rounds are named by numbers, not {', '.join(rounds)}")
    return max(rounds) if Mode(mode) is Mode.OFFICIAL else max(rounds, key=int)


def with_missing_rounds(rounds: Mapping[int, Round], most: int = ROUNDS) -> dict[int, Round]:
    """BlenderBench's rounds with those filled in that gave no picture, for means by round.

    A missing round before the last one there is takes the losses of the next, times a factor that falls evenly from 2
    in round 1 to 1 in round `most`. What comes after the last is not filled.
    """
    filled = dict(rounds)
    for number in range(1, max(rounds, default=0)):
        if number not in rounds and number <= most:
            following = rounds[min(each for each in rounds if each > number)]
            factor = 2 - (number - 1) / max(1, most - 1)
            filled[number] = Round(following.n_clip * factor, following.photometric * factor)
    return dict(sorted(filled.items()))


@dataclass(frozen=True, slots=True)
class TaskFamily:
    """Tasks that are averaged together.

    Attributes:
        tasks: how many there are.
        missing_weight: what a task without a result counts, officially.
    """

    tasks: int
    missing_weight: float = 1.0


BLENDER_GYM: Mapping[str, TaskFamily] = MappingProxyType(
    {
        "geometry": TaskFamily(50),
        "material": TaskFamily(40),
        "blendshape": TaskFamily(75, 0.1),
        "placement": TaskFamily(40, 0.1),
        "lighting": TaskFamily(35),
    }
)
"""BlenderGym as VIGA counts it. The bench itself has 45 tasks of geometry and 40 of lighting."""
BLENDER_BENCH: Mapping[str, TaskFamily] = MappingProxyType(
    {"level1": TaskFamily(9), "level2": TaskFamily(9, 0.5), "level3": TaskFamily(9)}
)


@dataclass(frozen=True, slots=True)
class FinalScore:
    """A mean over the tasks of a family.

    Attributes:
        value: of losses the lower the better, of grades the higher.
        results: how many tasks gave one.
        missing: how many did not; each counts as the worst there is, see `MISSING_N_CLIP` and its like.
    """

    value: float
    results: int
    missing: int


def final_score(
    results: Sequence[float], family: TaskFamily, *, missing: float, mode: Mode | str = Mode.OFFICIAL
) -> FinalScore:
    """The mean of what tasks got, those without a result counting as `missing`; see `DIFFERENCES`.

    Raises:
        Unscorable: no task has a result; officially such a family has no score.
    """
    if not results:
        raise Unscorable("no task of the family has a result")
    absent, total = family.tasks - len(results), math.fsum(results)
    if Mode(mode) is Mode.OFFICIAL:
        return FinalScore((total + missing * absent * family.missing_weight) / family.tasks, len(results), absent)
    absent = max(0, absent)
    return FinalScore((total + missing * absent) / (len(results) + absent), len(results), absent)


_LEADING_GRADE = re.compile(r"[\s*_#\"'`]*(?:score[\s*_:=]*)?(-?\d{1,9}(?:\.\d{1,9})?)", re.IGNORECASE)


def grade(reply: str, mode: Mode | str = Mode.OFFICIAL) -> float | None:
    """The grade in 0..5 at the start of a judge's reply, such as ``4. The cabinet is in place.``

    Official: see `DIFFERENCES`; never None. Fixed: None where there is none in the range.
    """
    if Mode(mode) is Mode.OFFICIAL:
        number, stop, _ = reply.strip().partition(".")
        try:
            value = float(number) if stop else 0.0
        except ValueError:
            return 0.0
        return value if math.isfinite(value) else 0.0
    found = _LEADING_GRADE.match(reply)
    value = float(found[1]) if found else math.nan
    return value if 0 <= value <= BEST_GRADE else None
