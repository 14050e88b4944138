"""Pictures that no hook saw: files a program wrote by other means and left on its disk."""

import errno
import io
import os
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

from .capture import Board, Target
from .capture_pillow import has_contrast, pixels_of
from .journal import entries

if TYPE_CHECKING:
    from PIL import Image

_MOST_FILES = 1000
_MOST_BYTES = 256 << 20
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "AVIF")
_RASTER = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*", b"P4", b"P5", b"P6")
_CHANGED_NS = 50_000_000
_FRAMES_TRIED = 50


@dataclass(frozen=True, slots=True)
class _Found:
    path: str
    size: int
    at: int
    media: str


class Leftovers:
    """Looks through a program's folders once it has ended."""

    def __init__(self, board: Board, given: frozenset[str]) -> None:
        """Files named in ``given``, relative to the current folder, were there before the program."""
        self._board = board
        # The program may go where its own folder can't be told from.
        self._folder = os.path.dirname(os.getcwd())
        self._given = {os.path.abspath(name) for name in given}

    def finish(self) -> None:
        """Catch what was left behind, in the order it was written."""
        found = sorted(self._strangers(), key=lambda each: each.at)
        if not found:
            return
        self._learn_contents({each.path for each in found})
        for each in found:
            self._catch(each)

    def know_past(self, out: str) -> None:
        """Take over what an earlier process of the same program caught already."""
        for entry in entries(out):
            path = str(entry.get("key", "")).partition(":")[2].partition(":")[2]
            if path:
                self._board.files[path] = int(entry.get("at", 0))

    def _strangers(self) -> Iterator[_Found]:
        for path in _files(self._folder):
            known = self._board.files.get(path)
            if path in self._given:
                continue
            try:
                status = os.lstat(path)
                media = _media(path) if 0 < status.st_size <= _MOST_BYTES else None
            except OSError:
                continue
            if media and (known is None or (media == "raster" and status.st_mtime_ns > known + _CHANGED_NS)):
                yield _Found(path, status.st_size, status.st_mtime_ns, media)

    def _learn_contents(self, found: set[str]) -> None:
        """Know the files that hooks saw being written, so that copies of them are recognised."""
        for path in self._board.files.keys() - found:
            try:
                self._board.contents.setdefault(_mark(_content(path)), Target.of_file(path).key)
            except OSError:
                continue

    def _catch(self, found: _Found) -> None:
        target = Target.of_file(found.path)
        try:
            content = _content(found.path)
        except OSError as error:  # a thread that outlives the program may change its files while they are looked at
            self._board.journal.warning(f"{target.name} was left behind but can't be read: {error}")
            return
        known = self._board.contents.get(_mark(content))
        if known is not None and known.startswith("buffer:"):
            self._board.journal.rename(known, target.name, found.at)
            self._board.contents[_mark(content)] = target.key
        elif known is None and found.media == "svg":
            self._board.deferred(target, content, {"media": "svg", "at": found.at})
        elif known is None:
            self._decode(target, content, found.at)

    def _decode(self, target: Target, content: bytes, at: int) -> None:
        from PIL import Image

        limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
        try:
            with self._board.quiet(), Image.open(io.BytesIO(content), formats=_FORMATS) as image:
                if image.width * image.height > self._board.max_pixels:
                    self._board.journal.oversize(target.name, image.width, image.height)
                    return
                pixels = pixels_of(_telling_frame(image))
        except (OSError, ValueError, SyntaxError, EOFError) as error:
            self._board.journal.warning(f"{target.name} was left behind but can't be read: {error}")
            return
        finally:
            Image.MAX_IMAGE_PIXELS = limit
        self._board.picture(target, pixels, None, at=at)


def _files(top: str) -> Iterator[str]:
    """All files beneath the program's folder and beside it, hidden folders left out."""
    count = 0
    disk = os.stat(top).st_dev
    for folder, folders, names in os.walk(top):
        # An interpreter may be mounted in the midst of the program's disk.
        folders[:] = [name for name in folders if not name.startswith(".") and _device(folder, name) == disk]
        for name in names:
            count += 1
            if count > _MOST_FILES:
                return
            yield os.path.join(folder, name)


def _device(folder: str, name: str) -> int | None:
    try:
        return os.lstat(os.path.join(folder, name)).st_dev
    except OSError:
        return None


def _media(path: str) -> str | None:
    with _opened(path) as file:
        start = file.read(512)
    if start.startswith(_RASTER) or (start[:4] == b"RIFF" and start[8:12] == b"WEBP") or start[4:12] == b"ftypavif":
        return "raster"
    is_svg = path.lower().endswith(".svg") and (
        b"<svg" in start or start.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<")
    )
    return "svg" if is_svg else None


def _opened(path: str) -> BinaryIO:
    # Opening could wait forever on a pipe that the program made.
    return open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW), "rb")


def _content(path: str) -> bytes:
    """All of a file; an OSError if it is gone, no file, or too large to look at."""
    with _opened(path) as file:
        content = file.read(_MOST_BYTES + 1) or b""  # nothing of a pipe that no one has written to
    if len(content) > _MOST_BYTES:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
    return content


def _mark(content: bytes) -> tuple[int, int]:
    return len(content), zlib.crc32(content)


def _telling_frame(image: "Image.Image") -> "Image.Image":
    """Of an animation, the first frame that shows something."""
    for number in range(min(getattr(image, "n_frames", 1), _FRAMES_TRIED)):
        image.seek(number)
        if has_contrast(image):
            return image
    image.seek(0)
    return image


def main_values() -> list[Any]:
    """What the program's own names stand for at its end, each once."""
    main = sys.modules.get("__main__")
    values = list(vars(main).values()) if main else []
    return list({id(value): value for value in values}.values())
