"""DesignBench's scores of edited and repaired pages: which lines were changed, which issues were seen, what compiled.

`cms` needs the page before the edit (`Facts.original`): ``observe(page, original=before)``.
"""

import difflib
import re
from collections.abc import Collection, Iterable
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from ._canvas import common_size
from ._facts import Facts, Unscorable, fact, rgb
from ._metric import Difference, Part, Values, metric

if TYPE_CHECKING:
    import numpy as np

    from ._facts import Bytes

MOST_LINES = 50_000
MOST_COMPARISONS = 30_000_000
"""Pairs of equal lines looked at; a few seconds."""
MAE_SIDE_PX = 512
MOST_ISSUES = 4


def cms(original: str, reference: str, candidate: str, *, fixed: bool = False) -> float:
    """Code match score of an edit: the overlap of the changed lines, 0 to 1, higher is better; of any language.

    As published, the numbers of changed lines in the reference are compared with those in the candidate: intersection
    over union, 1 where both are empty. Corrected, places in the original are compared.

    Raises:
        Unscorable: the texts are too long, or too much alike in themselves, to be compared in time.
    """
    changed = changed_places if fixed else changed_lines
    return _overlap(changed(original, reference), changed(original, candidate))


def changed_lines(before: str, after: str) -> frozenset[int]:
    """The numbers, from 1, of the lines of ``after`` that were put in or changed; what was taken out has none."""
    return frozenset(
        line + 1
        for tag, _, _, start, end in _changes(before, after, autojunk=True)
        if tag != "delete"
        for line in range(start, end)
    )


def changed_places(before: str, after: str) -> frozenset[tuple[str, int]]:
    """Where ``before`` was changed: its lines that were changed or taken out, and the gaps that lines were put in."""
    found: set[tuple[str, int]] = set()
    for tag, start, end, _, _ in _changes(before, after, autojunk=False):
        found |= {("gap", start)} if tag == "insert" else {("line", line) for line in range(start, end)}
    return frozenset(found)


def without_comments(code: str) -> str:
    """Code without ``/* */`` and ``<!-- -->`` and without blank lines, as React repairs are compared."""
    for opening, closing in (("/*", "*/"), ("<!--", "-->")):
        code = "".join(_outside(code, opening, closing))
    return "\n".join(line for line in code.split("\n") if line.strip())


def issue_accuracy(reference: Iterable[str], candidate: Iterable[str]) -> float:
    """Intersection over union of the issues named; 0 for none named, or five and more. 0 to 1, higher is better."""
    wanted, given = frozenset(reference), frozenset(candidate)
    return len(wanted & given) / len(wanted | given) if 0 < len(given) <= MOST_ISSUES else 0.0


class Framework(StrEnum):
    """What a page is written with."""

    VANILLA = "vanilla"
    """Plain HTML."""
    REACT = "react"
    """React, served by Next.js."""
    VUE = "vue"
    """Vue, served by Vite."""
    ANGULAR = "angular"
    """Angular, served by its own command."""


_ERROR_BETWEEN = {
    Framework.VUE: ("</span><span class=message-body part=message-body>", "</span>"),
    Framework.REACT: ("style=color:var(--color-ansi-truecolor)>×</span><span>", "╭─[</span>"),
}
_ANGULAR_ERROR = "[plugin angular-compiler]"


def compile_error(
    framework: Framework, *, page: str | None = None, log: str | None = None, blank: bool = False
) -> str | None:
    """What went wrong when a page was compiled, from what was recorded of it; None for nothing known.

    Args:
        framework: what the page is written with; plain HTML compiles always.
        page: the page as saved after it was served, one attribute's quotes left out where they may be.
        log: what the server wrote; of Angular alone, where a page that was saved means success.
        blank: whether the screenshot is white all over.
    """
    if framework is Framework.ANGULAR:
        if log is None or page is not None:
            return None
        return next((line for line in log.split("\n") if _ANGULAR_ERROR in line), "no html")
    if framework not in _ERROR_BETWEEN or page is None:
        return None
    opening, closing = _ERROR_BETWEEN[framework]
    start = page.find(opening)
    end = page.find(closing, start + len(opening)) if start >= 0 else -1
    if end >= 0:
        return page[start + len(opening) : end]
    return "blank" if blank else None


def mae(reference: "Bytes", candidate: "Bytes", noise: "np.random.Generator | None" = None) -> float:
    """Mean absolute difference of two pictures laid on canvases of one size, 0 to 255, lower is better.

    The canvases are as wide and high as the larger picture each way, then brought down or up to 512 pixels on the
    longer side by Lanczos. Where a picture doesn't reach, its canvas is noise, or white where ``noise`` is None.

    Args:
        reference: height x width x 3.
        candidate: height x width x 3, of any size.
        noise: where the noise comes from, the reference's canvas first; DesignBench's own is NumPy's global one.

    Raises:
        Unscorable: a wide and a high picture make a canvas too large to look at.
    """
    import numpy as np
    from PIL import Image

    height, width = common_size(reference, candidate)
    scale = min(MAE_SIDE_PX / width, MAE_SIDE_PX / height)
    size = max(1, int(width * scale)), max(1, int(height * scale))
    shrunk = []
    for picture in (reference, candidate):
        canvas = np.full((height, width, 3), 255, np.uint8)
        if noise is not None:
            canvas = noise.integers(0, 256, (height, width, 3), dtype=np.uint8)
        canvas[: picture.shape[0], : picture.shape[1]] = picture
        shrunk.append(np.asarray(Image.fromarray(canvas).resize(size, Image.Resampling.LANCZOS)).astype(np.int16))
    return float(np.mean(np.abs(shrunk[0] - shrunk[1])))


@fact(of_program=True)
def edit(facts: Facts) -> tuple[str | None, str]:
    """The source before the edit, where it is known, and after it."""
    return facts.original, facts.source


def _cms_of(reference: Facts, candidate: Facts, *, fixed: bool) -> Values:
    (before, wanted), (other, given) = reference[edit], candidate[edit]
    original = before if before is not None else other
    if original is None:
        raise Unscorable("cms compares two edits of one program, and the program before the edit was not given")
    return {"cms": cms(original, wanted, given, fixed=fixed)}


@metric(
    "cms",
    (Part("cms"),),
    needs=(edit,),
    source="DesignBench (Xiao et al. 2025), metric.py: difflib over lines, Jaccard index of line numbers",
    cost_ms=1.5,
    family="pages",
    symmetric=True,
    default=False,
    fixed=lambda reference, candidate: _cms_of(reference, candidate, fixed=True),
    differences=(
        Difference(
            "lines that shift",
            official="numbers of changed lines in one new file are compared with those in another new file, so that one"
            " line put in early shifts all that follow; lines taken out count nothing",
            fixed="lines of the original that were changed or taken out, and gaps in it that were filled, are compared",
            example="a,b,c edited to a,b,C and to a,x,b,C: official 0 (line 3 against 2 and 4), fixed 1/2",
        ),
        Difference(
            "autojunk",
            official="in files of 200 lines and more, lines that make up over 1 % are not matched",
            fixed="every line is matched",
            example="100 times a line of its own and '</div>'; the reference renames the former, the candidate the"
            " latter: official 0.5, for nothing is matched in the reference, fixed 0",
        ),
    ),
)
def cms_metric(reference: Facts, candidate: Facts) -> Values:
    """Overlap of the lines that two edits of the same program changed, as DesignBench's.

    Needs the program before the edit, as the original of either side.
    """
    return _cms_of(reference, candidate, fixed=False)


@metric(
    "mae_designbench",
    (Part("mae", high=255.0, higher_is_better=False),),
    needs=(rgb,),
    source="DesignBench (Xiao et al. 2025), metric.py: Pillow, 512 pixels, canvases padded with noise",
    cost_ms=40.0,
    family="pages",
    default=False,
    fixed=lambda reference, candidate: {"mae": mae(reference[rgb], candidate[rgb])},
    differences=(
        Difference(
            "noise around a smaller picture",
            official="what a smaller picture leaves free of the common canvas is random noise (here always the same)",
            fixed="it is white",
            example="a white 100x100 page against a white 100x200 one: official about 64, fixed 0",
        ),
    ),
)
def mae_designbench(reference: Facts, candidate: Facts) -> Values:
    """Mean absolute difference of RGB values at 512 pixels, as DesignBench's; pictures are laid on noise, not scaled.

    The noise there differs from run to run; here it is the same for every pair, so that scores can be repeated. Where
    both pictures have one size there is none, and the two agree.
    """
    import numpy as np

    return {"mae": mae(reference[rgb], candidate[rgb], np.random.default_rng(0))}


class _Change(NamedTuple):
    tag: str
    before_start: int
    before_end: int
    after_start: int
    after_end: int


def _changes(before: str, after: str, *, autojunk: bool) -> list[_Change]:
    matcher = _Matcher(_lines(before), _lines(after), autojunk)
    return [_Change(*each) for each in matcher.get_opcodes() if each[0] != "equal"]


class _Matcher(difflib.SequenceMatcher[str]):
    """The standard library's, which takes cubic time on lines that repeat; this one gives up in time."""

    def __init__(self, before: list[str], after: list[str], autojunk: bool) -> None:
        longest = max(len(before), len(after))
        if longest > MOST_LINES:
            raise Unscorable(f"a program has {longest} lines; up to {MOST_LINES} are compared")
        super().__init__(None, before, after, autojunk)
        self.a: list[str]
        self.b2j: dict[str, list[int]]
        self._left = MOST_COMPARISONS
        self._upto = [0]
        for line in before:
            self._upto.append(self._upto[-1] + 1 + len(self.b2j.get(line, ())))

    def find_longest_match(
        self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None
    ) -> difflib.Match:
        self._left -= self._upto[len(self.a) if ahi is None else ahi] - self._upto[alo]
        if self._left < 0:
            raise Unscorable("the programs repeat the same lines too often to be compared line by line")
        return super().find_longest_match(alo, ahi, blo, bhi)


def _lines(text: str) -> list[str]:
    """Lines as a text file has them, whatever ends them."""
    lines = re.sub("\r\n?", "\n", text).split("\n")
    return lines if lines[-1] else lines[:-1]


def _outside(code: str, opening: str, closing: str) -> list[str]:
    kept, place = [], 0
    while (start := code.find(opening, place)) >= 0:
        end = code.find(closing, start + len(opening))
        if end < 0:
            break
        kept.append(code[place:start])
        place = end + len(closing)
    return [*kept, code[place:]]


def _overlap(one: Collection[object], other: Collection[object]) -> float:
    union = set(one) | set(other)
    return len(set(one) & set(other)) / len(union) if union else 1.0
