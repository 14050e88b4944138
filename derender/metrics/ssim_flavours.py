"""Structural similarity as papers on vector graphics and pages compute it: in colour, each with a window of its own.

All three follow scikit-image's ``structural_similarity`` with ``channel_axis=2, data_range=255``, to 1e-7; they differ
in the window, in what they do with other sizes, and from `ssim`, which looks at grey values.
"""

from typing import TYPE_CHECKING

from ._facts import Facts, Unscorable, rgb
from ._metric import Part, Values, metric
from .ssim import C1, C2, SIGMA

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ._facts import Bytes

    Floats = NDArray[np.float64]

UNISVG_WINDOW, STARVECTOR_WINDOW = 7, 11
GAUSSIAN_REACH = 5
"""Of a window cut off at 3.5 times its sigma."""
STRIP = 48
"""Rows worked on at once: few enough for their sums to stay in the processor's cache."""


@metric(
    "ssim_unisvg",
    (Part("ssim", low=-1.0),),
    needs=(rgb,),
    source="UniSVG, evaluation.py: scikit-image, RGB, uniform window of 7",
    cost_ms=14.0,
    symmetric=True,
    default=False,
)
def ssim_unisvg(reference: Facts, candidate: Facts) -> Values:
    """Structural similarity of RGB values, uniform window of 7x7, sample variances, as UniSVG's.

    Pictures of different sizes get 0, as there. Where a side is shorter than the window this takes the largest odd one
    that fits; under 3 pixels there is none.
    """
    wanted, given = reference[rgb], candidate[rgb]
    if wanted.shape != given.shape:
        return {"ssim": 0.0}
    side = min(wanted.shape[:2])
    if side < 3:
        raise Unscorable(f"ssim_unisvg needs at least 3x3 pixels; the pictures have {_size(wanted)}")
    return {"ssim": _uniform(wanted, given, min(UNISVG_WINDOW, side - 1 + side % 2))}


@metric(
    "ssim_starvector",
    (Part("ssim", low=-1.0),),
    needs=(rgb,),
    source="StarVector, metrics: scikit-image, RGB, uniform window of 11",
    cost_ms=14.0,
    symmetric=True,
    default=False,
)
def ssim_starvector(reference: Facts, candidate: Facts) -> Values:
    """Structural similarity of RGB values, uniform window of 11x11, sample variances, as StarVector's.

    The sigma given there has no effect, for Gaussian weights are off. Pictures that can't be compared so are left out
    there, and unscored here.
    """
    wanted, given = reference[rgb], candidate[rgb]
    if wanted.shape != given.shape:
        sizes = f"{_size(wanted)} and {_size(given)}"
        raise Unscorable(f"ssim_starvector compares pictures of one size; these have {sizes}")
    if min(wanted.shape[:2]) < STARVECTOR_WINDOW:
        raise Unscorable(f"ssim_starvector needs at least 11x11 pixels; the pictures have {_size(wanted)}")
    return {"ssim": _uniform(wanted, given, STARVECTOR_WINDOW)}


@metric(
    "ssim_webcode2m",
    (Part("ssim", low=-1.0),),
    needs=(rgb,),
    source="WebCode2M, evaluator: scikit-image, RGB, Gaussian window of sigma 1.5",
    cost_ms=45.0,
    symmetric=True,
    default=False,
)
def ssim_webcode2m(reference: Facts, candidate: Facts) -> Values:
    """Structural similarity of RGB values, Gaussian window of sigma 1.5, population variances, as WebCode2M's.

    Where the sizes differ the reference is brought to the candidate's by Lanczos interpolation over 8x8 pixels.
    """
    import cv2
    import numpy as np

    wanted, given = reference[rgb], candidate[rgb]
    if min(given.shape[:2]) < 2 * GAUSSIAN_REACH + 1:
        raise Unscorable(f"ssim_webcode2m needs at least 11x11 pixels; the candidate has {_size(given)}")
    if wanted.shape != given.shape:
        height, width = given.shape[:2]
        wanted = np.asarray(cv2.resize(wanted, (width, height), interpolation=cv2.INTER_LANCZOS4), np.uint8)
    return {"ssim": _gaussian(wanted, given)}


def _size(pixels: "Bytes") -> str:
    return f"{pixels.shape[1]}x{pixels.shape[0]}"


def _uniform(a: "Bytes", b: "Bytes", window: int) -> float:
    """The mean over all windows inside, sums and products of sums exact: bytes and windows are small."""
    import cv2
    import numpy as np

    height, width = a.shape[:2]
    area = window * window
    # With sums in the place of means, and n * (sum of squares) - (square of sum) in that of n * (n - 1) variances.
    c1, c2 = C1 * area**2, C2 * area * (area - 1)
    total = 0.0
    inside = height - window + 1, width - window + 1
    for top in range(0, inside[0], STRIP):
        rows = slice(top, min(top + STRIP, inside[0]) + window - 1)

        def sums(values: "NDArray[np.uint16] | Bytes") -> "NDArray[np.int32]":
            whole = cv2.boxFilter(values, cv2.CV_32S, (window, window), normalize=False, anchor=(0, 0))
            return np.asarray(whole, np.int32)[: values.shape[0] - window + 1, : inside[1]]

        one, other = a[rows].astype(np.uint16), b[rows].astype(np.uint16)
        x, y = sums(a[rows]), sums(b[rows])
        squares = sums(one * one), sums(other * other)
        both, power = x * y, x * x + y * y
        covariance = area * sums(one * other) - both
        variances = area * (squares[0] + squares[1]) - power
        above = (2.0 * both + c1) * (2.0 * covariance + c2)
        below = (power + c1) * (variances + c2)
        total += float(np.divide(above, below, out=above).sum())
    return _within(total / (inside[0] * inside[1] * a.shape[2]))


def _gaussian(a: "Bytes", b: "Bytes") -> float:
    import cv2
    import numpy as np

    taps = np.arange(-GAUSSIAN_REACH, GAUSSIAN_REACH + 1)
    kernel = np.exp(-0.5 * (taps / SIGMA) ** 2)
    kernel /= kernel.sum()
    height, width = a.shape[0] - 2 * GAUSSIAN_REACH, a.shape[1] - 2 * GAUSSIAN_REACH

    def blurred(values: "Floats") -> "Floats":
        reach = slice(GAUSSIAN_REACH, -GAUSSIAN_REACH)
        return np.asarray(cv2.sepFilter2D(values, -1, kernel, kernel), np.float64)[reach, reach]

    total = 0.0
    for top in range(0, height, STRIP):
        rows = slice(top, min(top + STRIP, height) + 2 * GAUSSIAN_REACH)
        x, y = a[rows].astype(np.float64), b[rows].astype(np.float64)
        # The sum's and the difference's moments say all that those of the two and their product say, in four blurs.
        plus, minus = x + y, x - y
        plus_mean, minus_mean = blurred(plus), blurred(minus)
        plus_power, minus_power = plus_mean * plus_mean, minus_mean * minus_mean
        plus_variance = blurred(plus * plus) - plus_power
        minus_variance = blurred(minus * minus) - minus_power
        above = (plus_power - minus_power + 2 * C1) * (plus_variance - minus_variance + 2 * C2)
        below = (plus_power + minus_power + 2 * C1) * (plus_variance + minus_variance + 2 * C2)
        total += float(np.divide(above, below, out=above).sum())
    return _within(total / (height * width * a.shape[2]))


def _within(value: float) -> float:
    return max(-1.0, min(1.0, value))
