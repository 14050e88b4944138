"""Laying a string's ink over a picture's ink: where exactly, how large, how well it fits."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from ._arrays import Floats
from .fonts import Face

_STEPS = 4
_HOPELESS = 0.5


@dataclass(frozen=True, slots=True)
class Placement:
    """A string set in a face on an upright crop.

    Attributes:
        text: the string.
        face: its typeface.
        x: pen position in the crop, pixels.
        y: baseline in the crop, pixels.
        size: font size, pixels.
        hinted: whether glyphs are fitted to the pixel grid first, as Matplotlib does.
        strength: the picture's ink over full coverage; 1 is perfect, less is paler than assumed.
        match: normalised correlation with the picture's ink, at most 1.
    """

    text: str
    face: Face
    x: float
    y: float
    size: float
    hinted: bool = False
    strength: float = 1.0
    match: float = 0.0


class Stamp:
    """A string's ink, ready to be laid down at any place and size near the one it was made for."""

    def __init__(self, placement: Placement) -> None:
        self._size = placement.size
        if placement.hinted:
            self._zoom = 1
            ink, left, top = placement.face.hinted_ink(placement.text, placement.size)
        else:
            self._zoom = 4 if placement.size < 28 else 2
            ink, left, top = placement.face.ink(placement.text, placement.size * self._zoom)
        edge = self._zoom + 1
        padded = cv2.copyMakeBorder(ink, edge, edge, edge, edge, cv2.BORDER_CONSTANT, value=0)
        # The kernel starts at each sample: a pixel covers the samples after its corner.
        self._blurred = cv2.blur(padded, (self._zoom, self._zoom), anchor=(0, 0))
        self._left, self._top = left - edge, top - edge

    def at(self, x: float, y: float, size: float, shape: tuple[int, ...]) -> Floats:
        """Coverage on a crop of the given height and width, pen at (x, y)."""
        zoom = self._zoom * self._size / size
        matrix = np.array([[zoom, 0, -x * zoom - self._left], [0, zoom, -y * zoom - self._top]])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return cv2.warpAffine(self._blurred, matrix, (shape[1], shape[0]), flags=flags)


def drawn(placement: Placement, shape: tuple[int, ...]) -> Floats:
    """Coverage of a placed string on a crop."""
    return Stamp(placement).at(placement.x, placement.y, placement.size, shape)


def settle(ink: Floats, start: Placement, *, free_size: bool = True) -> Placement:
    """Move (and scale) a string until its ink lies on the picture's, by Gauss-Newton steps.

    Args:
        ink: coverage of an upright crop, 0..1.
        start: a first guess, at most about two pixels off.
        free_size: whether the size may change; never when hinted.
    """
    stamp = Stamp(start)
    free_size = free_size and not start.hinted
    x, y, size = start.x, start.y, start.size
    best = start
    for _ in range(_STEPS):
        laid = stamp.at(x, y, size, ink.shape)
        match, strength = _agreement(laid, ink)
        if match > best.match + 5e-4:
            best = replace(start, x=x, y=y, size=size, strength=strength, match=match)
        elif best.match > 0:
            break
        if match < _HOPELESS:
            break
        step = _step(laid, ink, (x, y), free_size)
        x, y = x + float(np.clip(step[0], -1.2, 1.2)), y + float(np.clip(step[1], -1.2, 1.2))
        size *= 1 + float(np.clip(step[2], -0.04, 0.04))
    return best


def _agreement(laid: Floats, ink: Floats) -> tuple[float, float]:
    power = float(cv2.norm(laid, cv2.NORM_L2SQR))
    if power <= 0:
        return 0.0, 0.0
    common = float((laid * ink).sum())
    return common / (power * float(cv2.norm(ink, cv2.NORM_L2SQR)) + 1e-9) ** 0.5, common / power


def _step(laid: Floats, ink: Floats, pen: tuple[float, float], free_size: bool) -> Floats:
    """Least-squares change of x, y and log size that explains what is left over."""
    slope_x = cv2.Sobel(laid, cv2.CV_32F, 1, 0, ksize=3, scale=1 / 8)
    slope_y = cv2.Sobel(laid, cv2.CV_32F, 0, 1, ksize=3, scale=1 / 8)
    columns = [-slope_x, -slope_y, laid]
    if free_size:
        across = np.arange(laid.shape[1], dtype=np.float32) + 0.5 - pen[0]
        down = (np.arange(laid.shape[0], dtype=np.float32) + 0.5 - pen[1])[:, None]
        columns.append(-(slope_x * across + slope_y * down))
    design = np.stack([column.ravel() for column in columns])
    gram = design @ design.T + np.eye(len(columns), dtype=np.float32) * 1e-3
    step = np.linalg.solve(gram, design @ (ink - laid).ravel())
    return np.array([step[0], step[1], step[3] if free_size else 0.0])
