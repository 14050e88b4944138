"""Setting one line of text: which typeface, size and spelling, chosen by drawing each and comparing."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ._arrays import Bytes
from .fonts import Face, faces
from .ink import Ink, find_ink, ink_box, trim_side
from .letters import Placement, settle
from .ocr import Box, Reading
from .spellings import dash_sides, respelled, spaced

_TRIED = 5
_PALE = 0.8
_POINT = 100 / 72
_CERTAIN = 0.975
_SURE = 0.988
_LEVEL = 2.5


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text on the picture, fitted.

    Attributes:
        reading: what was read and where.
        box: the crop the ink lies in.
        ink: its ink.
        placement: how it is set in the crop, unhinted.
        nominal: font size before hinting made it look another, pixels; None when not hinted.
    """

    reading: Reading
    box: Box
    ink: Ink
    placement: Placement
    nominal: float | None = None


def ink_of(image: Bytes, reading: Reading, margin: float | None = None) -> tuple[Box, Ink] | None:
    """The upright crop of a reading and the ink in it."""
    box = reading.box
    if reading.text[:1] in "-–—−":
        # A minus at the rim is easily cut.
        box = replace(box, width=box.width + 0.7 * box.height)
    box = _aligned(box)
    ink = find_ink(box.upright(image), 0.18 * reading.box.height if margin is None else margin)
    return (box, ink) if ink else None


def straighten(image: Bytes, reading: Reading) -> Reading:
    """The reading with its slant corrected, where it is neither level nor upright."""
    box = reading.box
    if _off_level(box) < _LEVEL:
        return reading
    usual = [face for face in faces() if face.style.family == "DejaVu Sans"][:1] or faces()[:1]
    slants = [box.angle + turn for turn in (0, -2, 2, -4, 4)]
    if _off_level(box) < 10:
        slants.append(float(round(box.angle / 90) * 90))
    scored = []
    for slant in slants:
        turned = replace(reading, box=replace(box, angle=slant))
        found = ink_of(image, turned)
        placement = set_smooth(reading.text, found[1], usual) if found else None
        scored.append((placement.match if placement else 0.0, turned))
    return max(scored, key=lambda one: one[0])[1]


def _off_level(box: Box) -> float:
    return min(box.angle % 90, 90 - box.angle % 90)


def set_smooth(text: str, ink: Ink, candidates: Iterable[Face], tried: int = _TRIED) -> Placement | None:
    """The best unhinted setting among candidate faces."""
    settled = []
    for start in _first_guesses(text, ink, candidates)[:tried]:
        settled.append(settle(ink.coverage, start))
        if worth(settled[-1]) > _SURE:
            break
    return max(settled, key=worth, default=None)


def set_hinted(text: str, ink: Ink, candidates: Iterable[Face]) -> Placement | None:
    """The best setting as Matplotlib draws, in whole and half points, at 100 dots per inch."""
    starts = []
    for guess in _first_guesses(text, ink, candidates):
        low, high = round(guess.size / _POINT * 1.7), round(guess.size / _POINT * 2.36)
        for half_points in range(max(8, low), min(90, high) + 1):
            if not _near_ink(guess, half_points * _POINT / 2, ink):
                continue
            misfit, start = _hinted_start(guess, half_points * _POINT / 2, ink)
            if misfit < 3.5:
                starts.append((misfit, start))
    starts.sort(key=lambda one: one[0])
    settled = []
    for _, start in starts[:5]:
        settled.append(settle(ink.coverage, start))
        if settled[-1].match > _CERTAIN:
            break
    return max(settled, key=worth, default=None)


def _near_ink(guess: Placement, size: float, ink: Ink) -> bool:
    """Whether the string at this size could be as wide and high as the ink, hinted or not."""
    extent = guess.face.extent(guess.text)
    wide, tall = ink.box[2] - ink.box[0], ink.box[3] - ink.box[1]
    return abs(extent.width * size - wide) < 0.09 * wide + 2 and abs(extent.height * size - tall) < 2.2


def _hinted_start(guess: Placement, size: float, ink: Ink) -> tuple[float, Placement]:
    """The string laid with the middle of its ink on the picture's, and by how many pixels the boxes differ."""
    drawn, pen_left, pen_top = guess.face.hinted_ink(guess.text, size)
    left, top, right, bottom = ink_box(drawn)
    misfit = abs(right - left - (ink.box[2] - ink.box[0])) + abs(bottom - top - (ink.box[3] - ink.box[1]))
    x = (ink.box[0] + ink.box[2]) / 2 - (left + right) / 2 - pen_left
    y = (ink.box[1] + ink.box[3]) / 2 - (top + bottom) / 2 - pen_top
    return misfit, replace(guess, size=size, x=x, y=y, hinted=True)


def worth(placement: Placement) -> float:
    """The match, less where bold letters would need paler ink than the picture's darkest."""
    return placement.match - 0.3 * max(0.0, _PALE - placement.strength)


def resettle(line: Line, size: float) -> Line:
    """The line at another size, its place found again."""
    return replace(line, placement=settle(line.ink.coverage, _resized(line.placement, size), free_size=False))


def hinted_line(reading: Reading, box: Box, ink: Ink, candidates: Sequence[Face]) -> Line | None:
    """The line as Matplotlib would have drawn it, respelled where that explains the ink; None if it did not."""
    best = set_hinted(reading.text, ink, candidates)
    best_ink = ink
    for text, other_ink in _alternatives(reading, ink, 0.0 if best is None else best.match):
        placement = set_hinted(text, other_ink, candidates)
        gain = 0.03 if other_ink is not ink else 0.004
        if placement and (best is None or placement.match > best.match + gain):
            best, best_ink = placement, other_ink
        if best and best.match > _SURE:
            break
    if best is None or best.match < 0.92:
        return None
    smooth = set_smooth(best.text, best_ink, [best.face])
    if smooth is None:
        return None
    # Colour is told by the drawing that explains every pixel.
    smooth = replace(smooth, strength=best.strength, match=best.match)
    return Line(replace(reading, text=best.text), box, best_ink, smooth, best.size)


def smooth_line(reading: Reading, box: Box, ink: Ink, candidates: Sequence[Face]) -> Line | None:
    """The line in smooth outlines, respelled where that looks clearly more like the ink."""
    placement = set_smooth(reading.text, ink, candidates)
    if placement is None:
        return None
    best = Line(reading, box, ink, placement)
    for text, other_ink in _alternatives(reading, ink, placement.match):
        other = set_smooth(text, other_ink, [best.placement.face])
        if other and other.match > best.placement.match + _gain_needed(reading, text):
            best = Line(replace(reading, text=text), box, other_ink, other)
    return best


def _gain_needed(reading: Reading, text: str) -> float:
    if text.replace(" ", "") == reading.text.replace(" ", ""):
        return 0.003
    return 0.008 if reading.score < 0.97 else 0.025


def _alternatives(reading: Reading, ink: Ink, match: float) -> list[tuple[str, Ink]]:
    """Other spellings worth a try: the more, the less the reading convinces."""
    found = [(text, ink) for text in spaced(reading.text)] if len(reading.text) <= 24 and match < 0.99 else []
    dashed = reading.text[:1] in "-–—" or reading.text[-1:] in "-–—"
    if match > _CERTAIN and not dashed:
        return found
    # A tick beside the words may be in the ink, in the reading, in both or in neither.
    inks = [ink, *(trimmed for left in (True, False) if (trimmed := trim_side(ink, left=left)))]
    texts = [reading.text, *(text for text, _ in dash_sides(reading.text) if text)]
    if reading.text[:1] in "-–—":
        texts.append("−" + reading.text[1:].strip())
    if dashed or match < 0.93:
        found += [(text, one) for one in inks for text in texts if text != reading.text or one is not ink]
    if reading.score < 0.97 or len(reading.text) < 3:
        found += [(text, ink) for text in respelled(reading.text)]
    return found


def _aligned(box: Box) -> Box:
    """The box with whole-pixel corners if its sides are level, so that cropping changes no pixel."""
    right_angled = _off_level(box) < _LEVEL
    width, height = math.ceil(box.width) + 2, math.ceil(box.height) + 2
    if not right_angled:
        return replace(box, width=width, height=height)
    angle = float(round(box.angle / 90) * 90)
    across, down = (width, height) if angle % 180 == 0 else (height, width)
    left, top = round(box.x - across / 2), round(box.y - down / 2)
    return Box(left + across / 2, top + down / 2, width, height, angle)


def _first_guesses(text: str, ink: Ink, candidates: Iterable[Face]) -> list[Placement]:
    """A guess per face, likeliest first: a face is likely when width and height of the ink ask for the same size."""
    left, top, right, bottom = ink.box
    guesses = []
    for face in candidates:
        if not face.covers(text):
            continue
        extent = face.extent(text)
        if extent.width <= 0 or extent.height <= 0:
            continue
        by_width, by_height = (right - left) / extent.width, (bottom - top) / extent.height
        size = by_width if extent.width > 2 * extent.height else (by_width * by_height) ** 0.5
        if not 4 <= size <= 400:
            continue
        x = (left + right) / 2 - (extent.left + extent.right) / 2 * size
        y = (top + bottom) / 2 - (extent.top + extent.bottom) / 2 * size
        guesses.append((abs(math.log(by_width / by_height)), Placement(text, face, x, y, size)))
    guesses.sort(key=lambda guess: guess[0])
    return [placement for _, placement in guesses]


def _resized(before: Placement, size: float) -> Placement:
    """The same string at another size around the middle of its ink."""
    extent = before.face.extent(before.text)
    middle_x, middle_y = (extent.left + extent.right) / 2, (extent.top + extent.bottom) / 2
    grown = before.size - size
    return replace(before, size=size, x=before.x + middle_x * grown, y=before.y + middle_y * grown, match=0.0)
