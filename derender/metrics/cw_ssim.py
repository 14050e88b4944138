"""Structural similarity of wavelets: it forgives small shifts, turns and stretches.

The complex steerable pyramid is Portilla and Simoncelli's (IJCV 2000), built in the frequency domain. Its band at one
level depends on the middle of the spectrum alone, so that is all that is computed here.
"""

import math
from functools import lru_cache
from typing import TYPE_CHECKING

from ._facts import Facts, Unscorable, fact, grey
from ._metric import Part, Values, metric

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ._facts import Bytes

    Bands = NDArray[np.complex64]
    Floats = NDArray[np.float32]

LEVELS, ORIENTATIONS, WINDOW = 4, 8, 7
K = 0.01
"""In squared grey levels: enough to make plain areas alike, too little to show elsewhere."""
MOST_PIXELS = 1 << 19
"""Of a band, eight of which are kept: as many as a picture of 33 million pixels has at the fourth level."""


@fact
def coarse_bands(facts: Facts) -> "Bands":
    """`coarsest_bands` of the grey values, from the coarsest of four levels that holds a window of 7x7."""
    values = facts[grey]
    height, width = values.shape
    if min(height, width) < WINDOW:
        raise Unscorable(f"cw_ssim needs at least {WINDOW}x{WINDOW} pixels; a picture has {width}x{height}")
    level = max(level for level in range(1, LEVELS + 1) if math.ceil(min(height, width) / 2 ** (level - 1)) >= WINDOW)
    if height * width > MOST_PIXELS * 4 ** (level - 1):
        raise Unscorable(
            f"cw_ssim takes {MOST_PIXELS * 4 ** (level - 1)} pixels at most here; a picture has {width}x{height}"
        )
    return coarsest_bands(values, level)


@metric(
    "cw_ssim",
    (Part("cw_ssim"),),
    needs=(coarse_bands,),
    source="Sampat et al., Complex wavelet structural similarity, IEEE TIP 2009",
    cost_ms=7.0,
    family="pixels",
    same_size=True,
    symmetric=True,
    default=False,
)
def cw_ssim(reference: Facts, candidate: Facts) -> Values:
    """Structural similarity of the phases of grey values' waves, which small shifts and turns hardly change.

    Of a complex steerable pyramid of four levels and eight orientations the coarsest level counts, by windows of 7x7
    and K 0.01: the mean over windows and orientations. Its waves are 16 to 64 pixels long, so it does not see fine
    detail. Sides under 56 pixels have fewer levels; one under 7 is unscored.
    """
    return {"cw_ssim": _similarity(reference[coarse_bands], candidate[coarse_bands])}


def coarsest_bands(values: "Bytes", level: int) -> "Bands":
    """The coarsest level of a complex steerable pyramid: 8 orientations x height x width, in grey levels.

    Args:
        values: grey values, height x width; they are taken to repeat beyond their borders.
        level: 1 is the finest. Each further one halves height and width, rounding up.
    """
    import numpy as np

    height, width = values.shape
    rows, columns = _kept(height, level), _kept(width, level)
    across = np.abs(columns)
    waves = np.fft.rfft(values.astype(np.float32), axis=1)[:, : across.max() + 1]
    half = np.fft.fft(waves, axis=0)
    # The transform is a real picture's: what lies at opposite frequencies is conjugate.
    straight, opposite = half[np.ix_(rows % height, across)], half[np.ix_(-rows % height, across)]
    spectrum = np.where(columns >= 0, straight, np.conj(opposite)) * _filters(height, width, level)
    return np.asarray(np.fft.ifft2(spectrum, norm="forward") / values.size, np.complex64)


@lru_cache(maxsize=4)
def _filters(height: int, width: int, level: int) -> "Floats":
    """The frequency response of each orientation at the frequencies kept of a level; orientation x height x width."""
    import numpy as np

    down = _kept(height, level)[:, None] / (height / 2)
    across = _kept(width, level)[None, :] / (width / 2)
    with np.errstate(divide="ignore"):
        octaves = np.log2(np.hypot(down, across)) + level
    # From an octave below the level's middle frequency to one above: a rising and a falling quarter of a cosine.
    rising = np.cos(np.pi / 2 * np.clip(octaves, -1, 0))
    falling = np.sin(-np.pi / 2 * np.clip(octaves - 1, -1, 0))
    order = ORIENTATIONS - 1
    gain = 2 ** (order + 1) * math.factorial(order) / math.sqrt(ORIENTATIONS * math.factorial(2 * order))
    angles = np.arctan2(down, across) - np.pi * np.arange(ORIENTATIONS)[:, None, None] / ORIENTATIONS
    return np.asarray(rising * falling * gain * np.maximum(np.cos(angles), 0) ** order, np.float32)


def _kept(side: int, level: int) -> "NDArray[np.intp]":
    """The frequencies kept of a side at a level, in whole waves, in the order of a transform."""
    import numpy as np

    count = math.ceil(side / 2 ** (level - 1))
    return np.asarray(np.rint(np.fft.fftfreq(count) * count), np.intp)


def _similarity(a: "Bands", b: "Bands") -> float:
    import numpy as np

    total = 0.0
    for one, other in zip(a, b, strict=True):
        # By real parts, so that the sides may be swapped to the last bit.
        straight = _window_means(one.real * other.real + one.imag * other.imag)
        turned = _window_means(one.imag * other.real - one.real * other.imag)
        power = _window_means((one.real**2 + one.imag**2) + (other.real**2 + other.imag**2))
        total += float(((2 * np.hypot(straight, turned) + K) / (power + K)).mean(dtype=np.float64))
    return min(1.0, total / len(a))


def _window_means(values: "Floats") -> "Floats":
    """The mean of every window inside."""
    import cv2
    import numpy as np

    whole = cv2.boxFilter(np.ascontiguousarray(values), -1, (WINDOW, WINDOW), anchor=(0, 0))
    return np.asarray(whole, np.float32)[: values.shape[0] - WINDOW + 1, : values.shape[1] - WINDOW + 1]
