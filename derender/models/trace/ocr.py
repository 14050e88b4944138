"""Reading: where words stand in a picture and what they say.

Detection and recognition networks come inside the `rapidocr` package and run by onnxruntime; nothing is downloaded.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from derender.core import Missing

from ._arrays import Bytes, Floats
from .spellings import tidied

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

_DETECTOR = "PP-OCRv6_det_small.onnx"
_RECOGNISER = "PP-OCRv6_rec_small.onnx"
_DETECTION_PIXELS = 520_000
_LINE_HEIGHT = 48
_BATCH = 8


@dataclass(frozen=True, slots=True)
class Box:
    """A turned rectangle around a line of text.

    Attributes:
        x: centre.
        y: centre.
        width: along the reading direction.
        height: across it.
        angle: of the reading direction in degrees, clockwise on the screen; 0 reads to the right, -90 upwards.
    """

    x: float
    y: float
    width: float
    height: float
    angle: float = 0.0

    def grown(self, margin: float) -> "Box":
        """The box with a margin on every side."""
        return replace(self, width=self.width + 2 * margin, height=self.height + 2 * margin)

    def corners(self) -> Floats:
        """The four corners, 4x2."""
        return cv2.boxPoints(((self.x, self.y), (self.width, self.height), self.angle)).astype(np.float64)

    def upright(self, image: Bytes, scale: float = 1.0) -> Bytes:
        """The box's pixels turned so that the text reads to the right, enlarged by `scale`."""
        size = (max(1, round(self.width * scale)), max(1, round(self.height * scale)))
        return cv2.warpAffine(image, self.matrix(scale), size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)

    def matrix(self, scale: float = 1.0) -> Floats:
        """The 2x3 map from picture pixels to pixels of `upright`, in OpenCV's pixel-centre convention."""
        turn = np.deg2rad(self.angle)
        cos, sin = np.cos(turn) * scale, np.sin(turn) * scale
        out_x, out_y = self.width * scale / 2 - 0.5, self.height * scale / 2 - 0.5
        centre_x, centre_y = self.x - 0.5, self.y - 0.5
        return np.array(
            [
                [cos, sin, out_x - cos * centre_x - sin * centre_y],
                [-sin, cos, out_y + sin * centre_x - cos * centre_y],
            ]
        )


@dataclass(frozen=True, slots=True)
class Reading:
    """A line of text found in the picture.

    Attributes:
        text: what it says.
        box: where.
        score: the recogniser's mean confidence, 0 to 1.
    """

    text: str
    box: Box
    score: float


class Reader:
    """Finds and reads lines of text; loads its two networks at first use."""

    def __init__(self, threads: int = 2) -> None:
        self._threads = threads

    def find(self, image: Bytes) -> list[Box]:
        """Boxes around everything that looks like text, in picture pixels."""
        height, width = image.shape[:2]
        zoom = min(2.0, (_DETECTION_PIXELS / (height * width)) ** 0.5)
        size = (max(32, round(width * zoom / 32) * 32), max(32, round(height * zoom / 32) * 32))
        resized = cv2.resize(image, size, interpolation=cv2.INTER_AREA if zoom < 1 else cv2.INTER_CUBIC)
        tensor = (resized[:, :, ::-1].astype(np.float32) / 127.5 - 1).transpose(2, 0, 1)[None]
        heat = self._detector.run(None, {"x": np.ascontiguousarray(tensor)})[0][0, 0]
        return _joined(_boxes_of(heat, (width / size[0], height / size[1])))

    def read(self, image: Bytes, boxes: Sequence[Box]) -> list[Reading]:
        """What stands in each box; texts that can't be read are left out."""
        boxes = [part for box in boxes for part in _unstacked(image, box)]
        owners = [(index, turned) for index, box in enumerate(boxes) for turned in _ways_to_read(box)]
        crops = [_line_image(image, box) for _, box in owners]
        best: dict[int, Reading] = {}
        for (index, box), (text, score) in zip(owners, self._recognise(crops), strict=True):
            if text.strip() and (index not in best or score > best[index].score + 0.02):
                best[index] = Reading(text, box, score)
        return [best[index] for index in sorted(best)]

    def _recognise(self, crops: Sequence[Bytes]) -> list[tuple[str, float]]:
        order = sorted(range(len(crops)), key=lambda i: crops[i].shape[1])
        results: dict[int, tuple[str, float]] = {}
        for start in range(0, len(order), _BATCH):
            batch = order[start : start + _BATCH]
            widest = max(64, max(crops[i].shape[1] for i in batch))
            tensor = np.zeros((len(batch), 3, _LINE_HEIGHT, min(widest, 2400)), np.float32)
            for row, index in enumerate(batch):
                crop = crops[index][:_LINE_HEIGHT, : tensor.shape[3]]
                tensor[row, :, : crop.shape[0], : crop.shape[1]] = (crop[:, :, ::-1] / 127.5 - 1).transpose(2, 0, 1)
            likelihood = self._recogniser.run(None, {"x": tensor})[0]
            for row, index in enumerate(batch):
                results[index] = self._decode(likelihood[row])
        return [results[i] for i in range(len(crops))]

    def _decode(self, likelihood: Floats) -> tuple[str, float]:
        """Best path through the network's columns: repeated symbols fall together, then blanks are dropped."""
        best = likelihood.argmax(axis=1)
        keep = (best != 0) & np.concatenate(([True], best[1:] != best[:-1]))
        if not keep.any():
            return "", 0.0
        text = "".join(self._alphabet[i] for i in best[keep])
        return tidied(text), float(likelihood.max(axis=1)[keep].mean())

    @cached_property
    def _detector(self) -> "InferenceSession":
        return self._session(_DETECTOR)

    @cached_property
    def _recogniser(self) -> "InferenceSession":
        return self._session(_RECOGNISER)

    @cached_property
    def _alphabet(self) -> list[str]:
        listed = self._recogniser.get_modelmeta().custom_metadata_map["character"]
        return ["", *listed.split("\n"), " "]

    def _session(self, name: str) -> "InferenceSession":
        from importlib.util import find_spec

        spec = find_spec("rapidocr")
        if spec is None or spec.origin is None or find_spec("onnxruntime") is None:
            raise Missing("rapidocr", "pip install 'derender[trace]'")
        path = Path(spec.origin).parent / "models" / name
        if not path.is_file():
            raise Missing(f"the model {name} of rapidocr", "pip install 'rapidocr>=3.10'")
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.log_severity_level = 3
        # Waiting threads that spin would take the cores from everything else.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _line_image(image: Bytes, box: Box) -> Bytes:
    """The box at the recogniser's height; cut out at the picture's own size first, as the network learnt it."""
    whole = replace(box, width=max(1.0, float(round(box.width))), height=max(1.0, float(round(box.height))))
    crop = whole.upright(image)
    width = max(1, round(crop.shape[1] * _LINE_HEIGHT / crop.shape[0]))
    return cv2.resize(crop, (width, _LINE_HEIGHT))


def _boxes_of(heat: Floats, ratio: tuple[float, float]) -> list[Box]:
    mask = cv2.dilate((heat > 0.3).astype(np.uint8), np.ones((2, 2), np.uint8))
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    boxes = [_box_of(contour, heat, ratio) for contour in contours[:600]]
    return [box for box in boxes if box is not None]


def _box_of(contour: Floats, heat: Floats, ratio: tuple[float, float]) -> Box | None:
    (x, y), (width, height), angle = cv2.minAreaRect(contour)
    if min(width, height) < 3:
        return None
    left, top, right, bottom = _bounds(contour)
    filled = np.zeros((bottom - top, right - left), np.uint8)
    cv2.fillPoly(filled, [contour - (left, top)], 1)
    if float(heat[top:bottom, left:right][filled > 0].mean()) < 0.5:
        return None
    if max(width, height) < 1.6 * min(width, height) or min(angle % 90, 90 - angle % 90) < 3:
        width, height, angle = right - left, bottom - top, 0.0
        x, y = (left + right) / 2, (top + bottom) / 2
    grow = width * height * 1.6 / (2 * (width + height))
    width, height = width + 2 * grow, height + 2 * grow
    if height > 1.3 * width:
        width, height, angle = height, width, angle - 90
    angle = (angle + 90) % 180 - 90
    mean = (ratio[0] + ratio[1]) / 2
    return Box(x * ratio[0], y * ratio[1], width * mean, height * mean, angle)


def _ways_to_read(box: Box) -> list[Box]:
    """The box as it is and, where it is too square to tell which side is up, turned."""
    if abs(box.angle) < 8 and box.width > 1.2 * box.height:
        return [box]
    ways = [box]
    if box.width < 2.2 * box.height and box.angle:
        other = replace(box, width=box.height, height=box.width, angle=(box.angle + 180) % 180 - 90)
        ways.append(other)
        if min(box.angle % 90, 90 - box.angle % 90) > 8:
            return ways
    if abs(box.angle) > 80:
        ways.append(replace(box, angle=90.0 if box.angle < 0 else -90.0))
    return ways


def _unstacked(image: Bytes, box: Box) -> list[Box]:
    """The lines of a tall box that holds short words one above the other instead of one turned line."""
    if abs(box.angle) < 80 or box.width < 2.2 * box.height:
        return [box]
    upright = Box(box.x, box.y, box.height, box.width)
    crop = upright.upright(image).astype(np.int16)
    ground = np.median(crop.reshape(-1, 3), axis=0)
    inner = slice(crop.shape[1] // 8, -(crop.shape[1] // 8) or None)
    inked = (np.abs(crop - ground).max(axis=2)[:, inner] > 60).any(axis=1)
    edges = np.flatnonzero(np.diff(np.pad(inked.astype(np.int8), 1)))
    begins, ends = edges[::2], edges[1::2]
    if len(begins) < 2:
        return [box]
    tall, gaps = ends - begins, begins[1:] - ends[:-1]
    if gaps.min() < 0.3 * np.median(tall) or tall.min() < 6 or tall.max() > 1.5 * tall.min():
        return [box]
    top = box.y - box.width / 2
    return [
        Box(box.x, top + (begin + end) / 2, box.height, (end - begin) * 1.7)
        for begin, end in zip(begins, ends, strict=True)
    ]


def _joined(boxes: list[Box]) -> list[Box]:
    """Boxes of one line that overlap end to end become one."""
    left = list(boxes)
    result: list[Box] = []
    while left:
        box = left.pop()
        partner = next((other for other in left if _continue(box, other)), None)
        if partner is None:
            result.append(box)
            continue
        left.remove(partner)
        points = np.concatenate((box.corners(), partner.corners()))
        low, high = points.min(axis=0), points.max(axis=0)
        width, height = (high - low) if box.angle == 0 else (high - low)[::-1]
        middle = (low + high) / 2
        left.append(Box(float(middle[0]), float(middle[1]), float(width), float(height), box.angle))
    return result


def _continue(one: Box, other: Box) -> bool:
    if one.angle != other.angle or one.angle not in (0.0, -90.0):
        return False
    if not 0.6 < one.height / other.height < 1.7:
        return False
    along, across = abs(one.x - other.x), abs(one.y - other.y)
    if one.angle:
        along, across = across, along
    reach = (one.width + other.width) / 2
    return across < 0.25 * max(one.height, other.height) and reach * 0.5 < along < reach


def _bounds(contour: Floats) -> tuple[int, int, int, int]:
    left, top, width, height = cv2.boundingRect(contour)
    return left, top, left + width, top + height
