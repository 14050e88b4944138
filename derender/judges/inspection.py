"""What can be said of a candidate's picture without a judge: whether it can be read, and whether it is all but empty.

Vision2Code, section on candidate inspection. `inspect` looks at the candidate alone, as there; `is_emptier` looks at
its reference too, so that a molecule in thin lines on white is not taken for an empty picture.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from derender.core import BadPicture, UserError, read_picture

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_SMALLEST_SIDE = 32
_LEAST_VARIANCE = 4.0
_LEAST_RANGE = 10
_EMPTY = 0.985
_WHITE = 250
_BLACK = 5

FAIR_SHARE = 0.25
"""How much of its reference's ink, or of its variance, a candidate needs so as not to be called blank beside it."""

MISSING = "missing_candidate_image"


@dataclass(frozen=True, slots=True)
class Inspection:
    """What a picture looks like from afar, in grey levels 0–255.

    Attributes:
        readable: whether there is a picture at all; without one the numbers are None.
        checks: what is wrong with it: ``too_small``, ``near_zero_variance``, ``near_monochrome``,
            ``mostly_empty_canvas``, ``missing_candidate_image``, ``unreadable_image:…``.
        width: in pixels.
        height: in pixels.
        mean: of the grey levels, to 4 decimals.
        variance: likewise.
        near_white: the share of pixels of at least 250, to 6 decimals.
        near_black: the share of pixels of at most 5, likewise.
    """

    readable: bool
    checks: tuple[str, ...] = ()
    width: int | None = None
    height: int | None = None
    mean: float | None = None
    variance: float | None = None
    near_white: float | None = None
    near_black: float | None = None

    @property
    def blank(self) -> bool:
        """Whether any check fired: what the paper calls blank or degenerate."""
        return bool(self.checks)

    @property
    def ink(self) -> float:
        """The share of pixels that are not of the white, or black, that most of it is."""
        return 1.0 - max(self.near_white or 0.0, self.near_black or 0.0)

    def record(self) -> dict[str, Any]:
        """The published form: the fields of ``candidate_inspection``."""
        numbers = {name: getattr(self, own) for name, own in _FIELDS.items() if getattr(self, own) is not None}
        return {
            "candidate_readable": self.readable,
            "is_blank_or_degenerate": self.blank,
            "checks_triggered": list(self.checks),
            **numbers,
        }

    @classmethod
    def of_record(cls, record: Mapping[str, Any]) -> "Inspection":
        """An inspection out of its published form.

        Raises:
            UserError: a field is missing or of the wrong kind; one sentence.
        """
        readable, checks = record.get("candidate_readable"), record.get("checks_triggered")
        if not isinstance(readable, bool) or not isinstance(checks, list):
            raise UserError("an inspection needs candidate_readable (true or false) and checks_triggered (a list)")
        numbers = {own: record.get(name) for name, own in _FIELDS.items()}
        wrong = [name for name, own in _FIELDS.items() if readable and not _is_number(numbers[own])]
        if wrong:
            raise UserError(f"an inspection of a readable picture needs a number for {', '.join(wrong)}")
        return cls(readable, tuple(map(str, checks)), **(numbers if readable else {}))


_FIELDS = {
    "width": "width",
    "height": "height",
    "grayscale_mean": "mean",
    "grayscale_variance": "variance",
    "near_white_ratio": "near_white",
    "near_black_ratio": "near_black",
}


def inspect(picture: "str | Path | bytes | None") -> Inspection:
    """Look at a picture file, or its bytes; None, or a path where nothing is, is a missing one. Never raises for it."""
    if picture is None or (not isinstance(picture, bytes) and not Path(picture).exists()):
        return Inspection(readable=False, checks=(MISSING,))
    try:
        pixels = read_picture(picture)
    except BadPicture as error:
        # The paper's record holds the name of what the decoder raised.
        cause = type(error.__context__).__name__ if error.__context__ else "UnidentifiedImageError"
        return Inspection(readable=False, checks=(f"unreadable_image:{cause}",))
    return inspect_pixels(pixels)


def inspect_pixels(pixels: "npt.NDArray[np.uint8]") -> Inspection:
    """Look at pixels: height × width × 3 or 4, transparency left out of account as there."""
    import numpy as np
    from PIL import Image

    grey = Image.fromarray(np.ascontiguousarray(pixels[:, :, :3])).convert("L")
    width, height = grey.size
    # Out of the 256 counts, so that the numbers are exact and the picture is gone through once.
    counts = np.array(grey.histogram())
    levels, total = np.arange(256), width * height
    mean = float(counts @ levels) / total
    variance = max(float(counts @ levels**2) / total - mean * mean, 0.0)
    white, black = int(counts[_WHITE:].sum()) / total, int(counts[: _BLACK + 1].sum()) / total
    there = np.flatnonzero(counts)
    fired = {
        "too_small": min(width, height) < _SMALLEST_SIDE,
        "near_zero_variance": variance < _LEAST_VARIANCE,
        "near_monochrome": int(there[-1] - there[0]) < _LEAST_RANGE,
        "mostly_empty_canvas": white > _EMPTY or black > _EMPTY,
    }
    checks = tuple(name for name, fires in fired.items() if fires)
    numbers = round(mean, 4), round(variance, 4), round(white, 6), round(black, 6)
    return Inspection(True, checks, width, height, *numbers)


def is_emptier(candidate: Inspection, reference: Inspection) -> bool:
    """Whether a candidate is blank or degenerate beside its reference: the ``fixed`` form of `Inspection.blank`.

    A check counts only where the reference does not explain it: a small candidate of a small reference is none, and
    one that is nearly all white has to have less than `FAIR_SHARE` of the reference's ink, one of hardly any variance
    less than that of the reference's variance. Beside a reference that can't be read every check counts.
    """
    if not (candidate.readable and reference.readable):
        return candidate.blank
    explained = {
        "too_small": "too_small" in reference.checks,
        "near_zero_variance": _fair(candidate.variance, reference.variance),
        "near_monochrome": _fair(candidate.variance, reference.variance),
        "mostly_empty_canvas": _fair(candidate.ink, reference.ink),
    }
    return any(not explained.get(check, False) for check in candidate.checks)


def _fair(candidate: float | None, reference: float | None) -> bool:
    return (candidate or 0.0) >= FAIR_SHARE * (reference or 0.0)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
