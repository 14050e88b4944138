"""Metrics of the pixels themselves: how far off, in which colours, and as seen from afar."""

import math
from typing import TYPE_CHECKING

from ._facts import Facts, fact, grey, resize, rgb
from ._metric import Difference, Part, Values, metric

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ._facts import Bytes

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
    return {"mse": _squared_error(reference[rgb], candidate[rgb])}


def squared_error_of_ink(a: "Bytes", b: "Bytes") -> float:
    """Squared difference in 0..1 where both pictures (height x width x 3, one size) have ink, over all pixels.

    Ink is what is not pure white in some channel.
    """
    import cv2

    both = cv2.bitwise_and(_ink(a), _ink(b))
    return min(1.0, cv2.norm(a, b, cv2.NORM_L2SQR, both) / (a.size * 255.0**2))


def _masked_mse_of_any_ink(reference: Facts, candidate: Facts) -> Values:
    import cv2

    wanted, given = reference[rgb], candidate[rgb]
    area = cv2.countNonZero(cv2.bitwise_or(_ink(wanted), _ink(given)))
    # Outside of this area both are white: no difference lies there.
    squares = cv2.norm(wanted, given, cv2.NORM_L2SQR)
    return {"masked_mse": min(1.0, squares / (area * 3 * 255.0**2)) if area else 0.0}


@metric(
    "masked_mse",
    (Part("masked_mse", higher_is_better=False),),
    needs=(rgb,),
    source="StarVector, metrics: masked L2, product of the masks of what is not white",
    cost_ms=1.0,
    family="pixels",
    same_size=True,
    symmetric=True,
    default=False,
    fixed=_masked_mse_of_any_ink,
    differences=(
        Difference(
            "ink",
            official="differences count only where both pictures have ink, as a share of all pixels",
            fixed="differences count wherever either has ink, as a share of those pixels",
            example="a black square and a blank page: 0, the best value, as published; 1 corrected",
        ),
    ),
)
def masked_mse(reference: Facts, candidate: Facts) -> Values:
    """Mean squared difference of RGB values in 0..1 where neither picture is white.

    Pictures whose ink nowhere meets get 0, which is the best: a blank page does so against anything.
    """
    return {"masked_mse": squared_error_of_ink(reference[rgb], candidate[rgb])}


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
    return {"psnr": _decibels(_squared_error(reference[rgb], candidate[rgb]))}


def _true_psnr(reference: Facts, candidate: Facts) -> Values:
    return {"psnr": _decibels(_squared_error(reference[rgb], candidate[rgb]))}


@metric(
    "psnr_unisvg",
    (Part("psnr", high=math.inf, unit="dB"),),
    needs=(rgb,),
    source="UniSVG, evaluation.py: squares of bytes that wrap around at 256",
    cost_ms=1.0,
    family="pixels",
    same_size=True,
    symmetric=True,
    default=False,
    fixed=_true_psnr,
    differences=(
        Difference(
            "wrap-around",
            official="differences and their squares are taken modulo 256",
            fixed="they are whole numbers, and the ratio is at most 100 dB, as in `psnr`",
            example="all white and all black: 255 squares to 1, so 48.1 dB as published; 0 dB corrected",
        ),
    ),
)
def psnr_unisvg(reference: Facts, candidate: Facts) -> Values:
    """Peak signal-to-noise ratio as UniSVG reports it: of bytes whose squares wrap around at 256.

    It doesn't follow the difference of the pictures: differences of 16 count as none. None where nothing differs so,
    the ratio being infinite; equal pictures are among these.
    """
    import cv2
    import numpy as np

    apart = cv2.absdiff(reference[rgb], candidate[rgb])
    wrapped = np.asarray(np.multiply(apart, apart, dtype=np.uint8)).mean(dtype=np.float64)
    return {"psnr": 10 * math.log10(255**2 / wrapped) if wrapped else None}


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


@fact
def gradient_bits(facts: Facts) -> "NDArray[np.bool_]":
    """The 64-bit difference hash: of 9x8 grey values, which are lighter than the one to their left."""
    import numpy as np

    small = resize(facts[grey], (9, 8))
    return np.asarray(small[:, 1:] > small[:, :-1]).ravel()


@metric(
    "dhash",
    (Part("similarity"),),
    needs=(gradient_bits,),
    source="Krawetz, Kind of like that, 2013: difference hash",
    cost_ms=2.0,
    family="pixels",
    symmetric=True,
    default=False,
)
def dhash(reference: Facts, candidate: Facts) -> Values:
    """Share of equal bits of the 64-bit difference hashes; large plain areas are alike in any two pictures."""
    return {"similarity": float((reference[gradient_bits] == candidate[gradient_bits]).mean())}


def _squared_error(a: "Bytes", b: "Bytes") -> float:
    import cv2

    return min(1.0, cv2.norm(a, b, cv2.NORM_L2SQR) / (a.size * 255.0**2))


def _decibels(error: float) -> float:
    return min(PSNR_CAP_DB, 10 * math.log10(1 / error)) if error else PSNR_CAP_DB


def _ink(pixels: "Bytes") -> "Bytes":
    """255 where a picture is not white, else 0; height x width."""
    import cv2
    import numpy as np

    return np.asarray(cv2.bitwise_not(cv2.inRange(pixels, (255, 255, 255), (255, 255, 255))), np.uint8)
