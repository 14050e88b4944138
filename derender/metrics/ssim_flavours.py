"""Structural similarity as papers on vector graphics and pages compute it: in colour, each with a window of its own.

All three follow scikit-image's ``structural_similarity`` with ``channel_axis=2, data_range=255``, to 1e-7; they differ
in the window, in what they do with other sizes, and from `ssim`, which looks at grey values. Where pictures are equal
they cost next to nothing.
"""

import math
from typing import TYPE_CHECKING, Any

from ._facts import Facts, Unscorable, rgb
from ._metric import Part, Values, metric
from .ssim import C1, C2, SIGMA, tiles

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import DTypeLike, NDArray

    from ._facts import Bytes

UNISVG_WINDOW, STARVECTOR_WINDOW = 7, 11
GAUSSIAN_REACH = 5
"""Of a window cut off at 3.5 times its sigma."""
TILE = 160, 160
"""Rows and columns worked on at once: few enough for their sums to stay in the processor's cache."""


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
    return {"ssim": uniform(wanted, given, min(UNISVG_WINDOW, side - 1 + side % 2))}


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
    return {"ssim": uniform(wanted, given, STARVECTOR_WINDOW)}


@metric(
    "ssim_webcode2m",
    (Part("ssim", low=-1.0),),
    needs=(rgb,),
    source="WebCode2M, evaluator: scikit-image, RGB, Gaussian window of sigma 1.5",
    cost_ms=25.0,
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


class _Scratch:
    """Arrays whose memory is used again for every tile: fresh pages cost more than the sums put into them."""

    def __init__(self) -> None:
        self._kept: dict[str, Bytes] = {}

    def __call__(self, name: str, shape: tuple[int, ...], dtype: "DTypeLike") -> "NDArray[Any]":
        """An array of any content; the one of this name given before is no longer to be used."""
        import numpy as np

        needed = math.prod(shape) * np.dtype(dtype).itemsize
        if name not in self._kept or self._kept[name].nbytes < needed:
            self._kept[name] = np.empty(needed, np.uint8)
        return self._kept[name][:needed].view(dtype).reshape(shape)


def uniform(a: "Bytes", b: "Bytes", window: int) -> float:
    """SSIM of two pictures (height x width x channels) of one size, -1 to 1: uniform windows, sample variances."""
    scratch = _Scratch()
    return _mean(a, b, window, lambda one, other: _uniform_of_tile(one, other, window, scratch))


def _gaussian(a: "Bytes", b: "Bytes") -> float:
    """The same by Gaussian windows, with population variances."""
    import numpy as np

    taps = np.arange(-GAUSSIAN_REACH, GAUSSIAN_REACH + 1)
    kernel = np.exp(-0.5 * (taps / SIGMA) ** 2)
    kernel /= kernel.sum()
    scratch = _Scratch()
    return _mean(a, b, len(taps), lambda one, other: _gaussian_of_tile(one, other, kernel, scratch))


def _mean(a: "Bytes", b: "Bytes", window: int, similarity: "Callable[[Bytes, Bytes], float]") -> float:
    """The mean over windows and channels of what ``similarity`` sums over a tile's."""
    import numpy as np

    height, width, channels = a.shape
    total: float = 0.0
    for tile in tiles(height, width, window - 1, TILE):
        one, other = a[tile], b[tile]
        if np.array_equal(one, other):
            total += (one.shape[0] - window + 1) * (one.shape[1] - window + 1) * channels
        else:
            total += similarity(one, other)
    mean: float = total / ((height - window + 1) * (width - window + 1) * channels)
    return max(-1.0, min(1.0, mean))


def _uniform_of_tile(a: "Bytes", b: "Bytes", window: int, scratch: _Scratch) -> float:
    """Sum of the similarity over windows and channels.

    All sums of pixels are whole numbers and exact; they fit 32 bits, windows being 11x11 at most. Sums stand in the
    place of means, and n * (sum of squares) - (square of sum) in that of n * (n - 1) variances. What a window of the
    first differs from one of the second is added below the line, which is therefore 1 exactly where they are equal.
    """
    import cv2
    import numpy as np

    area = window * window
    rows, columns = a.shape[0] - window + 1, a.shape[1] - window + 1

    def sums(name: str, values: "NDArray[Any]") -> "NDArray[np.int32]":
        found = scratch(name, a.shape, np.int32)
        cv2.boxFilter(values, cv2.CV_32S, (window, window), found, (0, 0), normalize=False)
        return found[:rows]

    pixels = scratch("pixels", a.shape, np.uint16)
    x, y = sums("x", a), sums("y", b)
    covariance = sums("product", np.multiply(a, b, out=pixels, dtype=np.uint16))
    apart = cv2.absdiff(a, b, scratch("apart", a.shape, np.uint8))
    variance_apart = sums("square", np.multiply(apart, apart, out=pixels, dtype=np.uint16))
    means = np.multiply(x, y, out=scratch("means", x.shape, np.int32))
    means_apart = np.square(np.subtract(x, y, out=x), out=x)
    np.subtract(np.multiply(covariance, area, out=covariance), means, out=covariance)
    np.subtract(np.multiply(variance_apart, area, out=variance_apart), means_apart, out=variance_apart)
    luminance = np.multiply(means, 2.0, out=scratch("luminance", x.shape, np.float64))
    structure = np.multiply(covariance, 2.0, out=scratch("structure", x.shape, np.float64))
    luminance += C1 * area**2
    structure += C2 * area * (area - 1)
    above = np.multiply(luminance, structure, out=scratch("above", x.shape, np.float64))
    luminance += means_apart
    structure += variance_apart
    luminance *= structure
    above /= luminance
    return float(above[:, :columns].sum())


def _gaussian_of_tile(a: "Bytes", b: "Bytes", kernel: "NDArray[np.float64]", scratch: _Scratch) -> float:
    """Sum of the similarity over windows and channels.

    In double precision, for variances of light areas are small differences of large numbers. The filter brings the
    factors and constants of the formula with it: x and y are the means times the root of 2, ``both`` is 2 E[xy] + C2
    and ``power`` 2 E[x^2 + y^2] + 2 C2. So above the line stands a quarter of what should.
    """
    import cv2
    import numpy as np

    inside = slice(GAUSSIAN_REACH, -GAUSSIAN_REACH)

    def blurred(name: str, values: "NDArray[Any]", factor: float, constant: float = 0.0) -> "NDArray[np.float64]":
        found = scratch(name, a.shape, np.float64)
        cv2.sepFilter2D(values, cv2.CV_64F, factor * kernel, kernel, found, delta=constant)
        return found[inside]

    squares = scratch("squares", a.shape, np.float32)
    squares.fill(0)
    cv2.accumulateSquare(a, squares)
    cv2.accumulateSquare(b, squares)
    product = np.multiply(a, b, out=scratch("product", a.shape, np.uint16), dtype=np.uint16)
    x, y = blurred("x", a, math.sqrt(2)), blurred("y", b, math.sqrt(2))
    both, power = blurred("both", product, 2, C2), blurred("power", squares, 2, 2 * C2)
    means = np.multiply(x, y, out=scratch("means", x.shape, np.float64))
    both -= means
    means += C1
    means *= both
    x *= x
    y *= y
    x += y
    power -= x
    x += 2 * C1
    x *= power
    means /= x
    return float(4 * means[:, inside].sum())
