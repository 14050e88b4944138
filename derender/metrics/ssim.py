"""Structural similarity."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from ._facts import Facts, Unscorable, grey
from ._metric import Part, Values, metric

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ._facts import Bytes

    Floats = NDArray[np.float32]

WINDOW = 11
REACH = WINDOW // 2
SIGMA = 1.5
C1, C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
TILE = 128, 512
"""Rows and columns worked on at once: few enough for their buffers to stay in the processor's cache."""


@metric(
    "ssim",
    (Part("ssim", low=-1.0),),
    needs=(grey,),
    source="Wang et al., Image quality assessment, IEEE TIP 2004",
    cost_ms=6.0,
    same_size=True,
    symmetric=True,
)
def ssim(reference: Facts, candidate: Facts) -> Values:
    """Structural similarity of grey values, Gaussian window of 11x11 and sigma 1.5, K1 0.01, K2 0.03.

    The mean over the windows that lie inside the picture, borders left out, with population variances: the original
    definition, and scikit-image's with ``gaussian_weights=True, sigma=1.5, use_sample_covariance=False``.
    Worked out in 32-bit floats: within 2e-6 of that as a rule, 1e-4 at worst, for two plain pictures far apart.
    Pictures with a side under 11 pixels hold no window and are unscored. What is equal costs next to nothing.
    """
    wanted, given = reference[grey], candidate[grey]
    height, width = wanted.shape
    if min(height, width) < WINDOW:
        raise Unscorable(f"ssim needs at least {WINDOW}x{WINDOW} pixels; the reference has {width}x{height}")
    return {"ssim": max(-1.0, min(1.0, mean_similarity(wanted, given)))}


def mean_similarity(a: "Bytes | Floats", b: "Bytes | Floats", *, luminance: bool = True) -> float:
    """The mean over all windows inside two pictures (height x width, 0..255) of one size, at least 11x11; -1 to 1.

    Args:
        a: one picture.
        b: the other.
        luminance: whether the means of the windows are compared too; without, contrast and structure alone.
    """
    import cv2
    import numpy as np

    height, width = a.shape
    buffers = np.empty((6, TILE[0] * TILE[1]), np.float32)
    kernel = cast("Floats", cv2.getGaussianKernel(WINDOW, SIGMA, cv2.CV_32F))
    total: float = 0.0
    for tile in tiles(height, width, 2 * REACH, TILE):
        one, other = a[tile], b[tile]
        if np.array_equal(one, other):
            total += (one.shape[0] - 2 * REACH) * (one.shape[1] - 2 * REACH)
        else:
            tile_buffers = [buffer[: one.size].reshape(one.shape) for buffer in buffers]
            total += _similarity_of_tile(one, other, tile_buffers, kernel, luminance)
    windows: int = (height - 2 * REACH) * (width - 2 * REACH)
    return total / windows


def tiles(height: int, width: int, overlap: int, tile: tuple[int, int]) -> Iterator[tuple[slice, slice]]:
    """Tiles of at most so many rows and columns, whose windows are all the picture's windows, each once.

    Args:
        height: the picture's, in pixels.
        width: likewise.
        overlap: the window's side less one.
        tile: rows and columns of a tile.
    """
    for top in range(0, height - overlap, tile[0] - overlap):
        for left in range(0, width - overlap, tile[1] - overlap):
            yield slice(top, min(top + tile[0], height)), slice(left, min(left + tile[1], width))


def _similarity_of_tile(
    a: "Bytes | Floats", b: "Bytes | Floats", buffers: list["Floats"], kernel: "Floats", luminance: bool
) -> float:
    """Sum of the similarity over the windows inside a tile.

    In terms of the sum and the difference of the pictures it takes four blurs instead of five, and where the pictures
    are equal it is 1 exactly: with P, Q the squared means of sum and difference and V, W their variances it is
    (P - Q + 2 C1)(V - W + 2 C2) / ((P + Q + 2 C1)(V + W + 2 C2)).
    """
    import cv2
    import numpy as np

    plus, minus, plus_blurred, minus_blurred, plus_spread, minus_spread = buffers
    np.copyto(plus_spread, a)
    np.copyto(minus_spread, b)
    # Centred on 0, or the variance of light areas would drown in the rounding of 32-bit floats.
    cv2.addWeighted(plus_spread, 1, minus_spread, 1, -255, dst=plus)
    cv2.subtract(plus_spread, minus_spread, dst=minus)
    plus_mean, plus_square, plus_variance = _moments(plus, plus_blurred, plus_spread, kernel)
    above, minus_square, minus_variance = _moments(minus, minus_blurred, minus_spread, kernel)
    below = plus_mean
    cv2.addWeighted(plus_square, 1, plus_mean, 510, 255**2, dst=plus_square)
    cv2.addWeighted(plus_square, 1, minus_square, -1, 2 * C1, dst=above)
    cv2.addWeighted(plus_square, 1, minus_square, 1, 2 * C1, dst=below)
    cv2.addWeighted(plus_variance, 1, minus_variance, -1, 2 * C2, dst=plus_square)
    cv2.addWeighted(plus_variance, 1, minus_variance, 1, 2 * C2, dst=minus_square)
    if luminance:
        cv2.multiply(above, plus_square, dst=above)
        cv2.multiply(below, minus_square, dst=below)
    else:
        above, below = plus_square, minus_square
    cv2.divide(above, below, dst=above)
    return float(cv2.sumElems(above)[0])


def _moments(
    values: "Floats", blurred: "Floats", spread: "Floats", kernel: "Floats"
) -> tuple["Floats", "Floats", "Floats"]:
    """Mean, squared mean and variance of every window inside, in the memory of the arguments."""
    import cv2

    cv2.sepFilter2D(values, -1, kernel, kernel, dst=blurred)
    cv2.multiply(values, values, dst=values)
    cv2.sepFilter2D(values, -1, kernel, kernel, dst=spread)
    mean, square, variance = _inside(blurred), _inside(values), _inside(spread)
    cv2.multiply(mean, mean, dst=square)
    cv2.subtract(variance, square, dst=variance)
    return mean, square, variance


def _inside(values: "Floats") -> "Floats":
    return values[REACH:-REACH, REACH:-REACH]
