"""Reading the words of a picture, offline: rapidocr with the models inside its package (extra ``trace``)."""

import math
import os
import threading
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from derender.core import Missing

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

THREADS = 2
SMALLEST_PX = 8
"""Pictures with a shorter side hold no letter that could be read."""
ENOUGH_PIXELS = 500_000
LARGEST_SIDE_PX = 2000
"""Pictures are brought between these two, enlarged threefold at most: small letters need it, time grows with pixels."""

Box: TypeAlias = tuple[float, float, float, float]
"""Left, top, right and bottom in pixels from the top left."""

_one_at_a_time = threading.Lock()


def installed() -> bool:
    """Whether words can be read on this machine; imports nothing."""
    return find_spec("rapidocr") is not None and find_spec("onnxruntime") is not None


def read_words(rgb: "NDArray[np.uint8]") -> tuple[str, ...]:
    """The words of a picture (height x width x 3, RGB), line by line as they were found; see `read_lines`.

    Raises:
        Missing: rapidocr or its models are absent.
    """
    return tuple(word for line, _ in read_lines(rgb) for word in line.split())


def read_lines(rgb: "NDArray[np.uint8]") -> tuple[tuple[str, Box], ...]:
    """The lines of text in a picture (height x width x 3, RGB), each with its box, in the order they were found.

    One picture is read at a time in a process, on two threads; the models are loaded by the first call, in about a
    second, and never downloaded. Half a second to two a picture, by its size and its lines; more on a busy machine.

    Raises:
        Missing: rapidocr or its models are absent.
    """
    if min(rgb.shape[:2]) < SMALLEST_PX:
        return ()
    enlarged = _enlarged(rgb)
    with _one_at_a_time:
        found = _engine(os.getpid())(enlarged[:, :, ::-1])
    scale = enlarged.shape[1] / rgb.shape[1], enlarged.shape[0] / rgb.shape[0]
    return tuple(
        (line, _around(corners, scale))
        for line, corners in zip(found.txts or (), [] if found.boxes is None else found.boxes, strict=True)
    )


def _around(corners: "NDArray[np.float32]", scale: tuple[float, float]) -> Box:
    (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
    return float(left) / scale[0], float(top) / scale[1], float(right) / scale[0], float(bottom) / scale[1]


@cache
def _engine(pid: int) -> Any:  # noqa: ANN401  rapidocr has no types
    """The engine of this process; threads of a parent's engine don't live on in a forked child."""
    if not installed():
        raise Missing("rapidocr (OCR)", "pip install 'derender[trace]'")
    import rapidocr

    models = Path(rapidocr.__file__).parent / "models"
    return rapidocr.RapidOCR(
        params={
            "Global.log_level": "critical",
            "EngineConfig.onnxruntime.intra_op_num_threads": THREADS,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            # By default the shorter side grows to 736 pixels, which makes a banner or an icon cost many seconds.
            "Global.max_side_len": LARGEST_SIDE_PX,
            "Det.limit_type": "max",
            "Det.limit_side_len": LARGEST_SIDE_PX,
            # Named by path: for models it looks up itself, rapidocr goes to the network when their sum is not right.
            "Det.model_path": _model(models, "det"),
            "Cls.model_path": _model(models, "cls"),
            "Rec.model_path": _model(models, "rec"),
        }
    )


def _enlarged(rgb: "NDArray[np.uint8]") -> "NDArray[np.uint8]":
    import cv2

    height, width = rgb.shape[:2]
    scale = min(3.0, math.sqrt(ENOUGH_PIXELS / (height * width)), LARGEST_SIDE_PX / max(height, width))
    if scale <= 1:
        return rgb
    return cast("NDArray[np.uint8]", cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC))


def _model(folder: Path, task: str) -> str:
    found = sorted(folder.glob(f"*_{task}_*.onnx"))
    if not found:
        raise Missing(f"rapidocr's model {task!r}", "pip install --force-reinstall rapidocr")
    return str(found[0])
