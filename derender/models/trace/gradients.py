"""Colours that change smoothly: along a direction or away from a point."""

import numpy as np

from ._arrays import Bytes, Flags, Floats
from .scene import Color, Gradient

_FLAT = 7.0
_ERROR = 5.0
_MOST_PIXELS = 6000


def is_flat(colors: Floats) -> bool:
    """Whether colours, Nx3, are as good as one."""
    if len(colors) > 20_000:
        colors = colors[:: len(colors) // 20_000]
    low, high = np.percentile(colors, [2, 98], axis=0)
    return float((high - low).max()) <= _FLAT


def fit_gradient(pixels: Bytes, inside: Flags, offset: tuple[float, float]) -> Gradient | None:
    """The linear or radial gradient that explains the pixels inside, or None."""
    rows, columns = np.nonzero(inside)
    if len(rows) < 30:
        return None
    step = max(1, len(rows) // _MOST_PIXELS)
    rows, columns = rows[::step], columns[::step]
    colors = pixels[rows, columns].astype(np.float64)
    places = np.stack((columns + 0.5, rows + 0.5), axis=1)
    best = min((_linear(places, colors), _radial(places, colors)), key=lambda fit: fit[0])
    error, gradient = best
    if error > _ERROR or gradient is None:
        return None
    return _moved(gradient, offset)


def _moved(gradient: Gradient, offset: tuple[float, float]) -> Gradient:
    start = (round(gradient.start[0] + offset[0], 1), round(gradient.start[1] + offset[1], 1))
    end = (round(gradient.end[0] + offset[0], 1), round(gradient.end[1] + offset[1], 1))
    return Gradient(start, end, gradient.stops, gradient.radial)


def _linear(places: Floats, colors: Floats) -> tuple[float, Gradient | None]:
    middle = places.mean(axis=0)
    design = np.column_stack((places - middle, np.ones(len(places))))
    slopes, *_ = np.linalg.lstsq(design, colors, rcond=None)
    strength, directions = np.linalg.eigh(slopes[:2] @ slopes[:2].T)
    if strength[-1] < 1e-9:
        return np.inf, None
    direction = _tidy_direction(directions[:, -1])
    along = (places - middle) @ direction
    begin, end = float(along.min()) - 0.5, float(along.max()) + 0.5
    at = (along - begin) / (end - begin)
    error, stops = _stops(at, colors)
    start, finish = middle + direction * begin, middle + direction * end
    return error, Gradient((start[0], start[1]), (finish[0], finish[1]), stops)


def _tidy_direction(direction: Floats) -> Floats:
    """Level and upright when nearly so."""
    if abs(direction[0]) < 0.04:
        return np.array([0.0, 1.0])
    if abs(direction[1]) < 0.04:
        return np.array([1.0, 0.0])
    return direction


def _radial(places: Floats, colors: Floats) -> tuple[float, Gradient | None]:
    """Brightness as a paraboloid gives the centre: where its slope is nought."""
    values = colors[:, np.argmax(colors.std(axis=0))]
    scale = places.std() + 1e-9
    middle = places.mean(axis=0)
    x, y = ((places - middle) / scale).T
    design = np.column_stack((x * x + y * y, x, y, np.ones(len(x))))
    factors, *_ = np.linalg.lstsq(design, values, rcond=None)
    if abs(factors[0]) < 1e-6:
        return np.inf, None
    centre = middle - factors[1:3] / (2 * factors[0]) * scale
    reach = np.hypot(*(places - centre).T)
    radius = float(reach.max()) + 0.5
    if radius > 6 * scale:
        return np.inf, None
    error, stops = _stops(reach / radius, colors)
    return error * 1.05, Gradient((centre[0], centre[1]), (centre[0] + radius, centre[1]), stops, radial=True)


def _stops(at: Floats, colors: Floats) -> tuple[float, tuple[tuple[float, Color], ...]]:
    """As few stops as follow the mean colour along the way; the root mean square of what they miss."""
    bins = np.clip((at * 64).astype(int), 0, 63)
    counts = np.bincount(bins, minlength=64)
    filled = np.flatnonzero(counts)
    means = np.stack([np.bincount(bins, colors[:, i], 64) for i in range(3)], axis=1)[filled] / counts[filled, None]
    spots = np.bincount(bins, at, 64)[filled] / counts[filled]
    if len(filled) < 2:
        return np.inf, ()
    chosen = _simplified(spots, means, 0, len(spots) - 1)
    values = np.stack([np.interp(at, spots[chosen], means[chosen, i]) for i in range(3)], axis=1)
    error = float(np.sqrt(((values - colors) ** 2).mean()))
    return error, tuple((round(float(spots[i]), 2), _color(means[i])) for i in chosen)


def _simplified(spots: Floats, means: Floats, first: int, last: int) -> list[int]:
    share = (spots[first : last + 1] - spots[first]) / max(spots[last] - spots[first], 1e-9)
    straight = means[first] + share[:, None] * (means[last] - means[first])
    gap = np.abs(straight - means[first : last + 1]).max(axis=1)
    worst = int(gap.argmax())
    if gap[worst] < 4 or last - first < 2:
        return [first, last]
    left = _simplified(spots, means, first, first + worst)
    return left[:-1] + _simplified(spots, means, first + worst, last)


def _color(mean: Floats) -> Color:
    red, green, blue = (int(np.clip(round(float(channel)), 0, 255)) for channel in mean)
    return red, green, blue
