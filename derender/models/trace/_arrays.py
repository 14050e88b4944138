"""Names of the array types that pass between the steps, and the distance of two pictures."""

from typing import Any, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

# OpenCV's stubs promise no element type, so these say what is meant rather than what is checked.
Bytes: TypeAlias = npt.NDArray[Any]
Floats: TypeAlias = npt.NDArray[Any]
Flags: TypeAlias = npt.NDArray[Any]
Labels: TypeAlias = npt.NDArray[Any]


def gap(first: Bytes, second: Bytes) -> Bytes:
    """The largest difference of any channel, per pixel."""
    apart = cv2.absdiff(np.ascontiguousarray(first), np.ascontiguousarray(second))
    if apart.ndim == 2:
        return apart
    largest = apart[:, :, 0]
    for channel in range(1, apart.shape[2]):
        largest = np.maximum(largest, apart[:, :, channel])
    return largest
