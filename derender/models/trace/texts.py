"""From readings to texts: lines of one picture share typefaces, sizes and colours."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

import cv2
import numpy as np

from ._arrays import Bytes, Flags
from .fonts import Face, faces
from .ink import Ink
from .letters import Placement, drawn
from .ocr import Box, Reading
from .runs import Inked, joined, split
from .scene import Color, Text
from .setting import Line, hinted_line, ink_of, resettle, set_hinted, set_smooth, smooth_line, straighten, worth
from .spellings import lookalikes

_TRUSTED = 0.80
_READABLE = 0.5
_MIXED = 0.8
_SAMPLES = 6
_CRISP = 0.955
_ROUND = "oO0°"
_CASELESS = tuple("cCoOsSvVwWxXzZ")
_MARKERS = "●○■□▲△▼◆◇★☆•·"
_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻"


def fit_lines(image: Bytes, readings: Iterable[Reading]) -> list[Line]:
    """Set every reading in the face that looks most like it; readings that look like no text are dropped."""
    inked = []
    for reading in readings:
        if reading.score < _READABLE:
            continue
        reading = straighten(image, reading)
        found = ink_of(image, reading)
        if found:
            inked.append((reading, *found))
    usual, hinted = _house_style(inked)
    lines = []
    for one in inked:
        line = _fit(one, usual, hinted=hinted)
        parts = split(line, image) if line and line.placement.match < _MIXED else []
        fitted = [part for piece in parts if (part := _fit(piece, list(faces()), hinted=False))]
        if line and len(fitted) > 1 and min(part.placement.match for part in fitted) > line.placement.match + 0.05:
            lines += joined(fitted)
        elif line:
            lines.append(line)
    if not hinted:
        lines = _agree_on_faces(lines)
    return _agree_on_sizes(_in_case([line for line in lines if _believable(line)]))


def _in_case(lines: list[Line]) -> list[Line]:
    """Lone letters whose capital looks the same, in the case whose size the other lines have."""
    sizes = [line.placement.size for line in lines if line.reading.text not in _CASELESS]
    return [_case_of(line, sizes) if line.reading.text in _CASELESS else line for line in lines]


def _case_of(line: Line, sizes: Sequence[float]) -> Line:
    other = set_smooth(line.reading.text.swapcase(), line.ink, [line.placement.face])
    if other is None or not sizes or other.match < line.placement.match - 0.05:
        return line

    def strangeness(placement: Placement) -> float:
        return min(abs(float(np.log(placement.size / size))) for size in sizes)

    if strangeness(other) > strangeness(line.placement) - 0.1:
        return line
    return replace(line, reading=replace(line.reading, text=other.text), placement=other, nominal=None)


def fit_more(image: Bytes, readings: Iterable[Reading], known: Sequence[Line]) -> list[Line]:
    """Doubtful readings, kept only where they are set as the known lines are and match them very well."""
    usual = [face for face, _ in Counter(line.placement.face for line in known).most_common(3)] or list(faces())
    sizes = [line.placement.size for line in known]
    kept = []
    for reading in readings:
        found = ink_of(image, reading)
        text = reading.text
        if found is None or reading.score < 0.6 or not text.isascii() or not any(char.isalnum() for char in text):
            continue
        line = _best_spelled(reading, found, usual, sizes)
        if line is not None and line.placement.match > (0.94 if reading.score > 0.9 else 0.97):
            kept.append(line)
    return kept


def _best_spelled(
    reading: Reading, found: tuple[Box, Ink], usual: Sequence[Face], sizes: Sequence[float]
) -> Line | None:
    """The likeliest spelling whose size some other line has too."""
    texts = lookalikes(reading.text) if len(reading.text) == 1 else [reading.text]
    best: Line | None = None
    for text in texts:
        placement = set_smooth(text, found[1], usual)
        if placement is None or (sizes and min(abs(placement.size / size - 1) for size in sizes) > 0.12):
            continue
        if best is None or placement.match > best.placement.match + 0.01:
            best = Line(replace(reading, text=text), *found, placement)
    return best


def _house_style(inked: Sequence[Inked]) -> tuple[list[Face], bool]:
    """The faces that the picture's longest lines are set in, and whether Matplotlib's hinting explains them."""
    sure = [one for one in inked if one[0].score > 0.9 and one[1].angle % 90 == 0 and one[0].text[0].isalnum()]
    longest = sorted(sure, key=lambda one: -min(len(one[0].text), 40))[:_SAMPLES]
    votes: Counter[Face] = Counter()
    gains = []
    for reading, _, ink in longest:
        smooth = set_smooth(reading.text, ink, faces())
        crisp = set_hinted(reading.text, ink, _matplotlibs())
        found = crisp if crisp and crisp.match > _CRISP else smooth
        if found and found.match > 0.75:
            votes[found.face] += len(reading.text)
        gain = (crisp.match if crisp else 0.0) - (smooth.match if smooth else 0.0)
        gains.append(gain if crisp and crisp.match > _CRISP else 0.0)
    hinted = sum(gain > 0.015 for gain in gains) >= max(1, len(gains) // 3)
    usual = [face for face, _ in votes.most_common(4)]
    return usual, hinted


def _matplotlibs() -> list[Face]:
    return [face for face in faces() if face.style.family == "DejaVu Sans"]


def _fit(inked: Inked, usual: Sequence[Face], *, hinted: bool) -> Line | None:
    line = _crisp(inked, usual) if hinted else None
    if line is None and usual:
        line = smooth_line(*inked, usual)
    if line is None or (worth(line.placement) < 0.9 and inked[0].score > 0.5):
        other = smooth_line(*inked, faces())
        if other and (line is None or worth(other.placement) > worth(line.placement) + 0.02):
            line = other
    return line


def _crisp(inked: Inked, usual: Sequence[Face]) -> Line | None:
    """As Matplotlib draws, in the picture's most usual face if that explains the ink."""
    known = [face for face in usual if face in _matplotlibs()][:1]
    line = hinted_line(*inked, known) if known else None
    return line if line and line.placement.match > _CRISP else hinted_line(*inked, _matplotlibs())


def _believable(line: Line) -> bool:
    """Whether the ink looks like the string, the more so the less sure the reader was."""
    match, score, text = line.placement.match, line.reading.score, line.reading.text
    if not any(char.isalnum() for char in text):
        return match > 0.93 and score > 0.9 and text not in _MARKERS
    if len(text) == 1:
        if match > 0.97 and score > 0.5:
            return True
        return match > (0.9 if text in _ROUND else 0.7) and score > (0.9 if text in _ROUND else _TRUSTED)
    if any(char in _RAISED for char in text):
        return match > 0.4 and score > 0.6
    return (match > 0.9 and score > 0.5) or (match > 0.55 and score > _TRUSTED)


def _agree_on_faces(lines: list[Line]) -> list[Line]:
    """Give short lines, whose face can't be told, the face that the picture's other lines have."""
    votes: Counter[Face] = Counter()
    for line in lines:
        if line.placement.match > 0.8:
            votes[line.placement.face] += len(line.reading.text) ** 2
    return [_with_common_face(line, votes) for line in lines]


def _with_common_face(line: Line, votes: Counter[Face]) -> Line:
    common = [face for face, _ in votes.most_common(3) if face is not line.placement.face]
    total = sum(votes.values()) + 1
    trust = 0.25 / max(1, len(line.reading.text)) + 0.01
    if line.placement.match > 0.97 or not common:
        return line

    def trusted(placement: Placement) -> float:
        return worth(placement) + trust * votes[placement.face] / total

    settled = [set_smooth(line.reading.text, line.ink, [face]) for face in common]
    return replace(line, placement=max([line.placement, *(one for one in settled if one)], key=trusted))


def _agree_on_sizes(lines: list[Line]) -> list[Line]:
    """Lines of one face and nearly one size get the same size, weighed by how exactly each tells it."""
    groups: dict[tuple[Face, float | None], list[Line]] = defaultdict(list)
    for line in lines:
        groups[line.placement.face, line.nominal].append(line)
    agreed: dict[int, Line] = {}
    for (_, nominal), members in groups.items():
        for cluster in _clusters(members):
            size = _weighted_size(cluster)
            size = round(size, 1) if nominal else _tidy(size)
            agreed |= {id(line): _at_common_size(line, size) for line in cluster}
    return [agreed[id(line)] for line in lines]


def _at_common_size(line: Line, size: float) -> Line:
    # Hinting stretches each long line by its own amount.
    if line.nominal and abs(line.placement.size - size) * _precision(line) / line.placement.size > 1.0:
        size = round(line.placement.size, 1)
    before = line.placement
    after = resettle(line, size)
    return replace(after, placement=replace(after.placement, strength=before.strength, match=before.match))


def _precision(line: Line) -> float:
    extent = line.placement.face.extent(line.placement.text)
    return max(extent.width, extent.height) * line.placement.size


def _clusters(lines: list[Line]) -> Iterable[list[Line]]:
    """Lines around the most precise ones, within what their own extent leaves open."""
    left = sorted(lines, key=_precision, reverse=True)
    while left:
        head = left[0].placement.size
        near = [line for line in left if abs(line.placement.size / head - 1) < 0.012 + 0.8 / _precision(line)]
        yield near
        taken = {id(line) for line in near}
        left = [line for line in left if id(line) not in taken]


def _weighted_size(lines: Sequence[Line]) -> float:
    weights = np.array([_precision(line) ** 2 for line in lines])
    return float(np.average([line.placement.size for line in lines], weights=weights))


def _tidy(size: float) -> float:
    """The size a person would have written, if one is close: whole pixels, whole or half points at 100 dpi."""
    for unit in (1.0, 100 / 72, 50 / 72, 4 / 3):
        rounded = round(size / unit) * unit
        if abs(rounded - size) < 0.006 * size:
            return round(rounded, 2)
    return round(size, 1)


def text_of(line: Line) -> Text:
    """The line as an element of the scene, in picture coordinates."""
    placement, box = line.placement, line.box
    back = cv2.invertAffineTransform(box.matrix())
    x, y = back @ np.array([placement.x - 0.5, placement.y - 0.5, 1.0]) + 0.5
    style = placement.face.style
    return Text(
        text=placement.text,
        x=round(float(x), 1),
        y=round(float(y), 1),
        size=placement.size,
        color=ink_color(line),
        family=style.family,
        generic=style.generic,
        bold=style.bold,
        italic=style.italic,
        angle=round(box.angle, 1),
        width=round(placement.face.extent(placement.text).advance * placement.size, 2),
        nominal=round(line.nominal, 3) if line.nominal else None,
    )


def ink_color(line: Line) -> Color:
    """The colour which, drawn at the fitted coverage, gives what the picture shows."""
    ink, strength = line.ink, float(np.clip(line.placement.strength, 0.8, 1.35))
    color = np.clip(ink.paper + (ink.color - ink.paper) * strength, 0, 255)
    if color.max() < 22:
        color[:] = 0
    if color.min() > 236:
        color[:] = 255
    red, green, blue = (round(float(channel)) for channel in color)
    return red, green, blue


def cover(mask: Flags, line: Line) -> None:
    """Mark the pixels of the picture that hold the line's ink, soft edges included."""
    laid = drawn(line.placement, line.ink.coverage.shape)
    near = cv2.dilate((laid > 0.04).astype(np.uint8), np.ones((3, 3), np.uint8))
    wider = cv2.dilate(near, np.ones((5, 5), np.uint8))
    inked = cv2.dilate((line.ink.coverage > 0.04).astype(np.uint8), np.ones((3, 3), np.uint8))
    inked_near = ((near > 0) | ((inked > 0) & (wider > 0))).astype(np.float32)
    corners = line.box.corners()
    left, top = np.maximum(np.floor(corners.min(axis=0)).astype(int) - 1, 0)
    right, bottom = np.ceil(corners.max(axis=0)).astype(int) + 1
    window = mask[top:bottom, left:right]
    back = cv2.invertAffineTransform(line.box.matrix())
    back[:, 2] -= left, top
    if window.size:
        window |= cv2.warpAffine(inked_near, back, (window.shape[1], window.shape[0])) > 0.2


def erase(image: Bytes, mask: Flags) -> Bytes:
    """The picture with masked pixels taken from the nearest pixel outside the mask."""
    if not mask.any() or mask.all():
        return image
    _, labels = cv2.distanceTransformWithLabels(mask.astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    sources = np.zeros((int(labels.max()) + 1, 3), np.uint8)
    outside = ~mask
    sources[labels[outside]] = image[outside]
    cleaned = image.copy()
    cleaned[mask] = sources[labels[mask]]
    return cleaned
