"""Structural similarity seen from five distances."""

from typing import TYPE_CHECKING

from ._facts import Facts, Unscorable, fact, grey
from ._metric import Part, Values, metric
from .ssim import WINDOW, mean_similarity

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ._facts import Bytes

    Scales = tuple[NDArray[np.float32] | Bytes, ...]

WEIGHTS = 0.0448, 0.2856, 0.3001, 0.2363, 0.1333


@fact
def scales(facts: Facts) -> "Scales":
    """The grey values and four ever smaller copies, each half as wide and high; fewer where a copy has no window.

    Each pixel is the mean of four; an odd last row or column is doubled first.
    """
    import cv2
    import numpy as np

    found: list[NDArray[np.float32] | Bytes] = [facts[grey]]
    while len(found) < len(WEIGHTS) and min(found[-1].shape) > 2 * (WINDOW - 1):
        height, width = found[-1].shape
        even = cv2.copyMakeBorder(found[-1].astype(np.float32), 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE)
        half = cv2.resize(even, (even.shape[1] // 2, even.shape[0] // 2), interpolation=cv2.INTER_AREA)
        found.append(np.asarray(half, np.float32))
    return tuple(found)


@metric(
    "ms_ssim",
    (Part("ms_ssim"),),
    needs=(grey, scales),
    source="Wang et al., Multiscale structural similarity for image quality assessment, Asilomar 2003",
    cost_ms=9.0,
    family="pixels",
    same_size=True,
    symmetric=True,
    default=False,
)
def ms_ssim(reference: Facts, candidate: Facts) -> Values:
    """Structural similarity of grey values over five scales, each half the one before, weighted as its authors did.

    Contrast and structure count at every scale, luminance at the smallest; where they are below 0, as in a negative,
    the result is 0. Pictures with a side under 161 pixels have fewer scales with a whole window of 11x11: those count,
    their weights brought to the sum of all. A side under 11 pixels is unscored.
    """
    height, width = reference[grey].shape
    if min(height, width) < WINDOW:
        raise Unscorable(f"ms_ssim needs at least {WINDOW}x{WINDOW} pixels; the reference has {width}x{height}")
    wanted = reference[scales]
    given = candidate[scales]
    weights = WEIGHTS[: len(wanted)]
    product = 1.0
    for scale, weight in enumerate(weights):
        found = mean_similarity(wanted[scale], given[scale], luminance=scale == len(weights) - 1)
        product *= max(0.0, found) ** (weight * sum(WEIGHTS) / sum(weights))
    return {"ms_ssim": min(1.0, product)}
