"""Whether the words of a picture are found in the other, and where they should stand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from derender.core import Language

from . import ocr
from ._agreement import agreement, share
from ._drawn import first_figure, traced
from ._facts import Fact, Facts, rgb, size
from ._metric import Part, Value, Values, metric
from ._pairing import most_pairs
from .words import normalised

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from derender.core import Rendering

NEAR = 0.03
"""How far apart the middles of two boxes may lie for the same place: this share of the picture's width and height."""
OVERLAP = 0.5
"""The intersection over union from which on two boxes are the same place however far their middles lie apart."""
MAX_WORDS = 3_000
"""Words of one side that are compared; what follows in reading order of the source is left out."""
MAX_LETTERS = 10_000
"""Of one text; what follows is left out."""
_FARTHEST_PX = 1e6
_ROWS = 200
PARTS = tuple(
    Part(name) for name in ("box_f1", "box_precision", "box_recall", "word_f1", "word_precision", "word_recall")
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word and its box: left, top, right and bottom as shares of the picture's width and height."""

    text: str
    box: ocr.Box


def _text_boxes(facts: Facts) -> tuple[Word, ...]:
    known = _of_program(facts) if facts.program is not None else None
    return facts[ocr_boxes] if known is None else known


def _ocr_boxes(facts: Facts) -> tuple[Word, ...]:
    lines = ocr.read_lines(facts[rgb])
    words = (word for text, box in lines for word in split(text, box, 90 if _stands(text, box) else 0, facts[size]))
    return tuple(islice(words, MAX_WORDS))


def _stands(text: str, box: ocr.Box) -> bool:
    """Whether a line runs upwards: it is higher than wide, and more than a letter."""
    return len(text) > 1 and box[3] - box[1] > 1.5 * (box[2] - box[0])


ocr_boxes = Fact("ocr_boxes", _ocr_boxes, at_hand=lambda _: ocr.installed(), tools=("rapidocr",))
"""The words that OCR reads in the picture, with their boxes."""

text_boxes = Fact(
    "text_boxes", _text_boxes, at_hand=lambda facts: facts.program is not None or ocr.installed(), tools=("rapidocr",)
)
"""The words with their boxes: as the renderer drew them where it tells (Matplotlib, pages, SVG), by OCR otherwise."""


@metric(
    "text_boxes",
    PARTS,
    needs=(text_boxes,),
    source="word spotting as in the ICDAR robust reading competitions, places with a tolerance; see `compare_words`",
    cost_ms=1000.0,
    family="text",
    default=False,
)
def text_agreement(reference: Facts, candidate: Facts) -> Values:
    """Share of the words found in the other picture at their place, and anywhere.

    The renderer's own words where it tells them, OCR's otherwise; programs are rendered once more to be told. Costs a
    rendering for a program, a second or so for a picture.
    """
    wanted, given = reference[text_boxes], candidate[text_boxes]
    return compare_words(wanted, given)


@metric(
    "ocr_words",
    PARTS,
    needs=(ocr_boxes,),
    source="as text_boxes, both pictures read by OCR",
    cost_ms=1000.0,
    family="text",
    default=False,
)
def ocr_agreement(reference: Facts, candidate: Facts) -> Values:
    """Share of the words that OCR reads found in the other picture at their place, and anywhere.

    Both sides are read, also where the renderer knows the words: equal pictures get 1 whatever OCR makes of them.
    """
    wanted, given = reference[ocr_boxes], candidate[ocr_boxes]
    return compare_words(wanted, given)


def compare_words(reference: Sequence[Word], candidate: Sequence[Word]) -> Values:
    """The parts of `text_boxes` for two lists of words.

    Words are the same if they are after `normalised`, case included. ``word_recall`` is the share of the reference's
    words found in the candidate, each as often as it occurs in both; ``word_precision`` that of the candidate's; F1
    their harmonic mean. ``box_…`` count only pairs of the same word at the same place: boxes, as shares of each
    picture's own width and height, with middles no further apart than `NEAR` in either direction or with an
    intersection over union of `OVERLAP`; one to one, as many pairs as there can be.

    A side without words has no share of its own: None, and F1 is 0.

    Raises:
        Unscorable: neither side has a word.
    """
    by_text: list[dict[str, list[ocr.Box]]] = [defaultdict(list), defaultdict(list)]
    for words, boxes in zip((reference, candidate), by_text, strict=True):
        for word in words:
            boxes[word.text].append(word.box)
    wanted, given = by_text
    shared = wanted.keys() & given.keys()
    found = sum(min(len(wanted[text]), len(given[text])) for text in shared)
    placed = sum(_placed(wanted[text], given[text]) for text in shared)
    values: dict[str, Value] = {}
    for name, matched in (("box", placed), ("word", found)):
        shares = share(matched, len(candidate)), share(matched, len(reference))
        values |= {f"{name}_{part}": value for part, value in agreement(*shares, "a word").items()}
    return values


def _placed(wanted: list[ocr.Box], given: list[ocr.Box]) -> int:
    """The most pairs of boxes at the same place, each box in one pair."""
    import numpy as np

    a, b = np.array(wanted), np.array(given)
    same = np.concatenate([_same_place(a[row : row + _ROWS], b) for row in range(0, len(a), _ROWS)])
    if 1 in same.shape:
        return int(same.any())
    return most_pairs(same)


def _same_place(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.bool_]:
    import numpy as np

    a, b = a[:, None], b[None]
    middle = np.abs((a[..., :2] + a[..., 2:]) / 2 - (b[..., :2] + b[..., 2:]) / 2).max(axis=2)
    shared = np.clip(np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2]), 0, None).prod(axis=2)
    areas = (a[..., 2:] - a[..., :2]).prod(axis=2) + (b[..., 2:] - b[..., :2]).prod(axis=2)
    return np.asarray((middle <= NEAR) | (shared >= OVERLAP * (areas - shared)) & (shared > 0))


def split(text: str, box: ocr.Box, rotation: float, picture: tuple[float, float]) -> list[Word]:
    """The words of a text that fills a box in pixels, each with its part of the box as share of the picture.

    Lines share the box evenly, words share a line by their letters, as if all were of one width.

    Args:
        text: lines under each other.
        box: around all of it.
        rotation: degrees counter-clockwise that the text is turned by.
        picture: width and height in pixels.
    """
    lines = [line for line in text[:MAX_LETTERS].splitlines() if line.strip()]
    words = []
    for index, line in enumerate(lines):
        down = index / len(lines), (index + 1) / len(lines)
        length = len(line)
        at = 0
        for piece in line.split():
            at = line.index(piece, at)
            across = at / length, (at + len(piece)) / length
            at += len(piece)
            part = _part(box, across, down, rotation % 360)
            shares = tuple(value / picture[each % 2] for each, value in enumerate(part))
            words += [Word(word, (shares[0], shares[1], shares[2], shares[3])) for word in normalised(piece)]
    return words


def _part(
    box: ocr.Box, across: tuple[float, float], down: tuple[float, float], rotation: float
) -> tuple[float, float, float, float]:
    """Part of a box, given along and across the lines of the turned text in it."""
    backward = (1 - across[1], 1 - across[0]), (1 - down[1], 1 - down[0])
    turns = round(rotation / 90) % 4
    x, y = ((across, down), (down, backward[0]), backward, (backward[1], across))[turns]
    if rotation % 90 > 10 and rotation % 90 < 80:
        # Aslant the box of a line is far larger than the line, which runs from corner to corner.
        rising = rotation < 90 or 180 < rotation < 270
        along = across if rotation < 90 or rotation > 270 else backward[0]
        x, y = along, (1 - along[1], 1 - along[0]) if rising else along
    left, top, right, bottom = box
    width, height = right - left, bottom - top
    return left + x[0] * width, top + y[0] * height, left + x[1] * width, top + y[1] * height


def _of_program(facts: Facts) -> tuple[Word, ...] | None:
    """What the renderer tells of the words it drew; None where it does not."""
    from derender.render import RenderOptions

    language = facts.program.language if facts.program else None
    if language is Language.PYTHON:
        return _of_figure(facts[traced])
    if facts.program is None or language not in (Language.HTML, Language.SVG):
        return None
    return _of_page(facts.render(facts.program, RenderOptions(trace="texts")))


def _of_figure(rendering: Rendering) -> tuple[Word, ...] | None:
    figure = first_figure(rendering) if rendering.ok else None
    if figure is None or rendering.picture is None:
        return None
    picture = rendering.picture.width, rendering.picture.height
    return tuple(islice(words_of(figure, picture), MAX_WORDS))


def words_of(figure: Mapping[str, Any], picture: tuple[float, float]) -> Iterable[Word]:
    """The words of a traced figure of that many pixels; what is malformed in it is left out."""
    texts = figure.get("texts")
    for entry in texts if isinstance(texts, list) else ():
        text, box, turned = (
            entry.get(name) if isinstance(entry, dict) else None for name in ("text", "box", "rotation")
        )
        corners = _box(box)
        if isinstance(text, str) and corners and isinstance(turned, int | float) and abs(turned) < _FARTHEST_PX:
            yield from split(text, corners, turned, picture)


def _of_page(rendering: Rendering) -> tuple[Word, ...] | None:
    texts, picture = (rendering.trace or {}).get("texts"), rendering.picture
    if not rendering.ok or not isinstance(texts, list) or picture is None:
        return None
    words: list[Word] = []
    for entry in texts[:MAX_WORDS]:
        if isinstance(entry, list) and len(entry) == 5 and isinstance(entry[0], str):
            corners = _box(entry[1:])
            if corners:
                left, top, width, height = corners
                words += split(entry[0], (left, top, left + width, top + height), 0, (picture.width, picture.height))
    return tuple(words[:MAX_WORDS])


def _box(values: object) -> ocr.Box | None:
    """Four finite numbers; None where they are not."""
    if not isinstance(values, list) or len(values) != 4:
        return None
    if not all(isinstance(each, int | float) and abs(each) < _FARTHEST_PX for each in values):
        return None
    return float(values[0]), float(values[1]), float(values[2]), float(values[3])
