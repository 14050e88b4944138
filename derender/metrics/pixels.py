"""Metrics of the pixels themselves: how far off, in which colours, and as seen from afar."""

import math
from typing import TYPE_CHECKING

from ._facts import Facts, fact, grey, resize, rgb
from ._metric import Part, Values, metric

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PSNR_CAP_DB = 100.0


@metric(
    "mse",
    (Part("mse", higher_is_better=False),),
    needs=(rgb,),
    source="mean squared error over pixels and RGB channels in 0..1",
    cost_ms=0.3,
    same_size=True,
    symmetric=True,
)
def mse(reference: Facts, candidate: Facts) -> Values:
    """Mean squared difference of RGB values in 0..1."""
    return {"mse": _squared_error(reference, candidate)}


@metric(
    "psnr",
    (Part("psnr", high=PSNR_CAP_DB, unit="dB"),),
    needs=(rgb,),
    source="10 log10(1 / mse); equal pictures, and any above, get 100 dB",
    cost_ms=0.3,
    same_size=True,
    symmetric=True,
)
def psnr(reference: Facts, candidate: Facts) -> Values:
    """Peak signal-to-noise ratio, at most 100 dB."""
    error = _squared_error(reference, candidate)
    return {"psnr": min(PSNR_CAP_DB, 10 * math.log10(1 / error)) if error else PSNR_CAP_DB}


@fact
def color_shares(facts: Facts) -> "NDArray[np.float64]":
    """Share of the pixels in each of 8x8x8 equal cells of the RGB cube; sums to 1."""
    import cv2
    import numpy as np

    pixels = facts[rgb]
    counts = cv2.calcHist([pixels], [0, 1, 2], None, [8, 8, 8], [0, 256] * 3)
    shares: NDArray[np.float64] = counts.astype(np.float64) / pixels[..., 0].size
    return shares


@metric(
    "color_histogram",
    (Part("intersection"),),
    needs=(color_shares,),
    source="Swain and Ballard, Color indexing, IJCV 1991: intersection of RGB histograms of 8x8x8 cells",
    cost_ms=2.3,
    symmetric=True,
)
def color_histogram(reference: Facts, candidate: Facts) -> Values:
    """Share of the pixels whose colours both pictures have, wherever they lie.

    A large background dominates it: a blank page shares most of its colours with a chart on white.
    """
    import numpy as np

    shared = np.minimum(reference[color_shares], candidate[color_shares]).sum()
    return {"intersection": min(1.0, float(shared))}


@fact
def dct_bits(facts: Facts) -> "NDArray[np.bool_]":
    """The 64-bit perceptual hash.

    The picture as 32x32 grey values, its DCT-II, the 8x8 lowest frequencies: which of them are above their median.
    """
    import cv2
    import numpy as np

    waves = cv2.dct(resize(facts[grey], (32, 32)).astype(np.float32))[:8, :8]
    # Whole numbers, or the bits of a plain picture would be those of rounding noise.
    whole = np.rint(waves)
    return np.asarray(whole > np.median(whole)).ravel()


@metric(
    "phash",
    (Part("similarity"),),
    needs=(dct_bits,),
    source="Zauner, Implementation and benchmarking of perceptual image hash functions, 2010: DCT hash",
    cost_ms=1.0,
    symmetric=True,
)
def phash(reference: Facts, candidate: Facts) -> Values:
    """Share of equal bits of the 64-bit DCT hashes; unrelated pictures get about 0.5."""
    return {"similarity": float((reference[dct_bits] == candidate[dct_bits]).mean())}


def _squared_error(reference: Facts, candidate: Facts) -> float:
    import cv2

    wanted, given = reference[rgb], candidate[rgb]
    return min(1.0, cv2.norm(wanted, given, cv2.NORM_L2SQR) / (wanted.size * 255.0**2))
