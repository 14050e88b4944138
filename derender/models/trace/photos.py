"""Pictures that no one drew with flat colours: a bounded number of patches stands for them."""

import re

import cv2
import numpy as np

from derender.core import Missing

from ._arrays import Bytes, gap
from .scale import scaled_shape
from .scene import Curve, Look, Path, Point, Ring, Shape

_SIDES = (420, 320, 240, 160)
_BYTES = 26_000
_EVEN = 0.35
_COLORS = 18
_PATH = re.compile(r'<path d="([^"]+)" fill="#([0-9A-Fa-f]{6})" transform="translate\(([-\d.]+),([-\d.]+)\)"')
_STEP = re.compile(r"([MLCZ])([^MLCZ]*)")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def is_photo(image: Bytes) -> bool:
    """Whether few pixels equal the ones beside them, as in photographs and noise."""
    if min(image.shape[:2]) < 16:
        return False
    alike = (gap(image[:-1, 1:], image[:-1, :-1]) <= 2) & (gap(image[1:, :-1], image[:-1, :-1]) <= 2)
    return float(alike.mean()) < _EVEN


def patches(image: Bytes) -> list[Shape]:
    """Smooth patches of about the picture's colours, coarser until the program stays short."""
    try:
        import vtracer
    except ImportError:
        raise Missing("vtracer", "pip install 'derender[trace]'") from None
    height, width = image.shape[:2]
    svg, factor = "", 1.0
    for side in _SIDES:
        factor = min(1.0, side / max(height, width))
        size = (max(1, round(width * factor)), max(1, round(height * factor)))
        small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
        calm = _posterised(cv2.medianBlur(cv2.GaussianBlur(small, (0, 0), 1.2), 5))
        svg = vtracer.convert_raw_image_to_svg(
            _png(np.dstack((calm, np.full(calm.shape[:2], 255, np.uint8)))),
            img_format="png",
            filter_speckle=6,
            color_precision=8,
            layer_difference=0,
            length_threshold=6.0,
            splice_threshold=60,
            path_precision=0,
        )
        if len(svg) <= _BYTES:
            break
    return [scaled_shape(shape, 1 / factor) for shape in _parsed(svg)]


def _posterised(image: Bytes) -> Bytes:
    """The picture in few colours, those that fit it best."""
    pixels = image.reshape(-1, 3).astype(np.float32)
    sample = pixels[:: max(1, len(pixels) // 4000)]
    criteria = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 12, 1.0)
    cv2.setRNGSeed(1)
    _, _, palette = cv2.kmeans(sample, min(_COLORS, len(sample)), None, criteria, 1, cv2.KMEANS_PP_CENTERS)  # type: ignore[call-overload]
    distance = np.stack([((pixels - color) ** 2).sum(axis=1) for color in palette])
    chosen = cv2.medianBlur(distance.argmin(axis=0).reshape(image.shape[:2]).astype(np.uint8), 3)
    return np.asarray(np.round(palette).astype(np.uint8)[chosen])


def _png(image: Bytes) -> bytes:
    return bytes(cv2.imencode(".png", cv2.cvtColor(image, cv2.COLOR_RGBA2BGRA))[1])


def _parsed(svg: str) -> list[Shape]:
    shapes: list[Shape] = []
    room = _BYTES
    for data, color, right, down in _PATH.findall(svg):
        room -= len(data)
        if room < 0:
            continue
        red, green, blue = (int(color[i : i + 2], 16) for i in (0, 2, 4))
        shapes.append(Path(tuple(_rings(data, (float(right), float(down)))), Look(fill=(red, green, blue))))
    return shapes


def _rings(data: str, offset: Point) -> list[Ring]:
    rings: list[Ring] = []
    start: Point = offset
    curves: list[Curve] = []
    for letter, numbers in _STEP.findall(data):
        values = [float(value) for value in _NUMBER.findall(numbers)]
        points = [(values[i] + offset[0], values[i + 1] + offset[1]) for i in range(0, len(values) - 1, 2)]
        if letter == "M":
            start, curves = points[0], []
        elif letter == "L":
            curves += [Curve(point) for point in points]
        elif letter == "C":
            curves += [Curve(points[i + 2], (points[i], points[i + 1])) for i in range(0, len(points) - 2, 3)]
        elif curves:
            rings.append(Ring(start, tuple(curves)))
    return rings
