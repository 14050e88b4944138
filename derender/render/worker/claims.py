"""Reading what a program's process claims, trusting nothing: types, sizes, names and pixels are all checked."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from . import journal
from .folders import Disk
from .png import BadStream, Packed

MAX_JOURNAL = 16 << 20
MAX_CLAIMS = 20_000
MAX_DEFERRED = 64 << 20
MAX_TRACE = 16 << 20
"""Bytes of what a tracer saw."""
MAX_LETTERS = 400_000
"""Characters of text in all pictures together: an answer's header must not outgrow what the engine takes."""
TIMES_PIXELS = 4
"""How many of the largest pictures allowed one program's may make up together; each takes a second to check."""
ROW_PIXELS = 16
"""How many pixels a row counts as, beside its own."""
MAX_PICTURES = 200
MAX_WARNINGS = 50
_KINDS = frozenset({"syntax", "missing_dependency", "runtime", "memory", "output_too_large", "no_picture", "policy"})
"""The failures a program may have said to it; all others are the supervisor's to find."""
_MEDIA = frozenset({"plotly", "vegalite", "svg"})
_SAVED = frozenset({"file", "buffer"})
_RANKS = _SAVED | {"shown", "open"}
_KEPT = frozenset({"type", "rank", "file", "name", "at", "width", "height", "channels", "texts", "media", "scale"})


@dataclass(frozen=True, slots=True)
class Shown:
    """One picture that survived the checks: its entry in the answer, and its content."""

    entry: dict[str, Any]
    content: bytes


@dataclass(slots=True)
class Report:
    """What is left of the claims.

    Attributes:
        pictures: in the order they count.
        warnings: one sentence each.
        failure: why the program failed, as it is claimed.
        oversize: what was too large, in words.
        ended: whether the program came to its end.
        trace: what a tracer saw, as it was written; None where none was asked for, or it is too much.
    """

    pictures: list[Shown] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    failure: dict[str, Any] | None = None
    oversize: str | None = None
    ended: bool = False
    trace: bytes | None = None


class _Refused(ValueError):
    """A claim that is not what it should be."""


@dataclass(slots=True)
class _Budget:
    """What reading the claims of one program may still take, however often they name the same file."""

    content: int
    pixels: int
    letters: int = MAX_LETTERS

    def take_content(self, size: int) -> None:
        self.content -= size
        if self.content < 0:
            raise _Refused("all pictures together are larger than what the program may write")

    def take_pixels(self, pixels: int) -> None:
        self.pixels -= pixels
        if self.pixels < 0:
            raise _Refused("all pictures together have too many pixels")

    def take_texts(self, texts: list[str]) -> list[str]:
        taken = []
        for text in texts:
            self.letters -= len(text)
            if self.letters < 0:
                break
            taken.append(text)
        return taken


def collect(disk: Disk, max_pixels: int) -> Report:
    """Read the journal on a disk whose program is dead."""
    report = Report()
    found: dict[str, dict[str, Any]] = {}
    trace = ""
    for entry in _claims(disk):
        try:
            _take_in(entry, report, found)
            trace = _text(entry, "file", 100) if entry.get("type") == "trace" else trace
        except _Refused:
            continue
    if trace:
        report.trace = disk.read(trace, MAX_TRACE)
    reader = _Reader(disk, max_pixels, _Budget(disk.size, int((TIMES_PIXELS + 0.25) * max_pixels)))
    for entry in _chosen(list(found.values())):
        try:
            report.pictures.append(reader.picture(entry))
        except _TooLarge as error:
            report.oversize = str(error)
        except (_Refused, BadStream) as error:
            report.warnings.append(f"a picture was dropped: {error}")
    return report


def _claims(disk: Disk) -> Iterator[dict[str, Any]]:
    raw = disk.read(journal.NAME, MAX_JOURNAL) or b""
    return journal.parse(islice(io.BytesIO(raw), MAX_CLAIMS))


class _TooLarge(ValueError):
    """A picture past its limit."""


def _take_in(entry: dict[str, Any], report: Report, found: dict[str, dict[str, Any]]) -> None:
    kind = entry.get("type")
    if kind in ("picture", "deferred"):
        key = _text(entry, "key", 4096)
        found.pop(key, None)
        found[key] = {name: entry[name] for name in entry.keys() & _KEPT}
    elif kind == "rename":
        renamed = found.get(_text(entry, "key", 4096))
        if renamed:
            renamed.update(name=_text(entry, "name", 4096), at=entry.get("at"))
    elif kind == "warning" and len(report.warnings) < MAX_WARNINGS:
        report.warnings.append(_text(entry, "text", 1000))
    elif kind == "failure":
        report.failure = _failure(entry)
    elif kind == "oversize":
        size = f"{_number(entry, 'width', 1 << 40)}x{_number(entry, 'height', 1 << 40)}"
        report.oversize = f"a picture of {size} pixels"
    elif kind == "end":
        report.ended = True


def _failure(entry: dict[str, Any]) -> dict[str, Any]:
    kind = _text(entry, "kind", 40)
    line = entry.get("line")
    if kind not in _KINDS:
        raise _Refused("a failure that is not the program's to claim")
    return {
        "kind": kind,
        "message": _text(entry, "message", 1000),
        "line": line if type(line) is int and 0 < line < 1 << 31 else None,
        "detail": _text(entry, "detail", 8000),
    }


def _chosen(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What counts: what was saved, in order, where anything was; else what was shown or left open."""
    ranked = [entry for entry in found if isinstance(entry.get("rank"), str) and entry["rank"] in _RANKS]
    saved = [entry for entry in ranked if entry["rank"] in _SAVED]
    if not saved:
        return ranked[:MAX_PICTURES]
    return sorted(saved, key=_saved_at)[:MAX_PICTURES]


def _saved_at(entry: dict[str, Any]) -> int:
    at = entry.get("at")
    return at if type(at) is int else 0


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the pictures that claims name, as long as the budget lasts."""

    disk: Disk
    max_pixels: int
    budget: _Budget

    def picture(self, entry: dict[str, Any]) -> Shown:
        """The picture a claim stands for.

        Raises:
            _Refused: there is none.
            _TooLarge: it is too large.
            BadStream: it holds no picture.
        """
        if entry["type"] == "deferred":
            return self._deferred(entry)
        width, height = _number(entry, "width", 1 << 20), _number(entry, "height", 1 << 20)
        channels = _number(entry, "channels", 4)
        if channels not in (3, 4) or not width or not height:
            raise _Refused("a picture without a size")
        if width * height > self.max_pixels:
            raise _TooLarge(f"a picture of {width}x{height} pixels")
        # A row takes time of its own to look at.
        self.budget.take_pixels((width + ROW_PIXELS) * height)
        packed = Packed(self._content(entry, width * height * 5 + 4096), width, height, channels)
        about = {"name": _name(entry), "media": "png", "width": width, "height": height}
        blank, texts = packed.is_blank(), _texts(entry)
        if texts is not None:
            texts = self.budget.take_texts(texts)
        return Shown({**about, "blank": blank, "texts": texts}, packed.png())

    def _deferred(self, entry: dict[str, Any]) -> Shown:
        media = _text(entry, "media", 20)
        if media not in _MEDIA:
            raise _Refused("a medium nobody draws")
        width, height = (_number(entry, side, 1 << 20) if entry.get(side) else None for side in ("width", "height"))
        scale = entry.get("scale", 1.0)
        if type(scale) not in (int, float) or not 0.01 <= scale <= 20:
            scale = 1.0
        about = {"name": _name(entry), "media": media, "width": width, "height": height, "scale": float(scale)}
        return Shown({**about, "blank": None, "texts": None}, self._content(entry, MAX_DEFERRED))

    def _content(self, entry: dict[str, Any], limit: int) -> bytes:
        content = self.disk.read(_text(entry, "file", 100), limit)
        if content is None:
            raise _Refused("its file is no regular file of a fitting size")
        self.budget.take_content(len(content))
        return content


def _name(entry: dict[str, Any]) -> str:
    name = _text(entry, "name", 4096).replace("\\", "/").rpartition("/")[2]
    name = "".join(letter for letter in name if letter.isprintable())[-120:].strip()
    return name if name.strip(".") else "picture.png"


def _texts(entry: dict[str, Any]) -> list[str] | None:
    texts = entry.get("texts")
    if texts is None:
        return None
    if not isinstance(texts, list):
        raise _Refused("texts that are no list")
    return [_whole(text[:2000]) for text in texts[: journal.MAX_TEXTS] if isinstance(text, str)]


def _text(entry: dict[str, Any], key: str, limit: int) -> str:
    value = entry.get(key, "")
    if not isinstance(value, str):
        raise _Refused(f"{key} is no text")
    return _whole(value[:limit])


def _whole(text: str) -> str:
    # Half a surrogate pair is a str to Python and nothing to anyone else.
    return text.encode("utf-8", "replace").decode("utf-8")


def _number(entry: dict[str, Any], key: str, limit: int) -> int:
    value = entry.get(key)
    if type(value) is not int or not 0 <= value <= limit:
        raise _Refused(f"{key} is no number in its range")
    return value
