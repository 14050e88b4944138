"""The leaderboard as files: its page, the pictures that are too many for it, and its figures."""

import re
import shutil
import tempfile
from base64 import b64decode
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import IO

from derender.core import UserError
from derender.core.pictures import write_whole
from derender.report.document import whole_or_nothing
from derender.report.pictures import embed_pictures

from .board import Board
from .page import WIDE, figures_of, page_halves
from .samples import blocks_of, index_of, ordered, pictures_of

TITLE = "Vision2Code leaderboard"
MAX_EMBEDDED = 24_000_000
"""Characters of pictures that the page itself holds; with more, all of them lie in a folder beside it."""
_WIDEST = 640
_BLOCK = re.compile(r'<script type="text/plain" id="p\d+">([^<]*)</script>\n')
_OURS = re.compile(r"[0-9a-f]{20}\.webp")


def write_leaderboard(board: Board, out: str | Path, *, title: str | None = None, most: int = MAX_EMBEDDED) -> Path:
    """Write a leaderboard as one HTML file and return its path.

    Args:
        board: what it shows.
        out: the file; it appears whole or not at all.
        title: the page's heading; the benchmark's name by default.
        most: characters of pictures that the file may hold; with more they lie in ``NAME.pictures`` beside it.

    Raises:
        UserError: the file or the folder can't be written.
        InfraError: the disk is full.
    """
    target = Path(out)
    beside = _beside(target)
    before = _ours(beside)
    try:
        with whole_or_nothing(target) as page:
            used = _write_page(board, title or TITLE, most, beside, page)
    except BaseException:
        # The page before, if there is one, keeps its own.
        _remove(beside, _ours(beside) - before)
        raise
    _remove(beside, before - used)
    return target


def write_figures(board: Board, folder: str | Path) -> list[Path]:
    """Write every figure as an SVG file of its own, for light paper, and return their paths.

    Raises:
        UserError: the folder can't be made.
        InfraError: a file can't be written.
    """
    home = Path(folder)
    _make(home)
    paths = []
    for figure in figures_of(board, WIDE):
        path = home / f"{figure.name}.svg"
        write_whole(path, figure.file().encode())
        paths.append(path)
    return paths


def _write_page(board: Board, title: str, most: int, beside: Path, page: IO[str]) -> set[str]:
    """Write the page, and the pictures beside it where they are too many; gives those files' names."""
    cards = ordered(board)
    with tempfile.TemporaryFile("w+", encoding="utf-8", dir=Path(page.name).parent) as blocks:
        album = embed_pictures(pictures_of(cards), blocks, _WIDEST, thumbnails=False)
        index = index_of(cards, album, board.mode)
        files: list[str] = []
        if blocks.tell() > most:
            blocks.seek(0)
            files = list(_put_beside(blocks, beside))
            index |= {"beside": beside.name, "files": _by_number(files, album.entries)}
            blocks.seek(0)
            blocks.truncate()
        blocks.writelines(blocks_of(cards))
        blocks.seek(0)
        head, tail = page_halves(title, board, index)
        page.write(head)
        shutil.copyfileobj(blocks, page, 1 << 20)
        page.write(tail)
    return set(files)


def _beside(target: Path) -> Path:
    return target.parent / f"{target.stem}.pictures"


def _put_beside(blocks: IO[str], folder: Path) -> Iterator[str]:
    """Write every block's picture as a file, and give its name, which follows from what it holds."""
    _make(folder)
    for block in blocks:
        found = _BLOCK.fullmatch(block)
        if found:
            content = b64decode(found[1])
            name = f"{sha256(content).hexdigest()[:20]}.webp"
            if not (folder / name).is_file():
                write_whole(folder / name, content)
            yield name


def _by_number(files: list[str], entries: tuple[list[float] | str, ...]) -> list[str | None]:
    """The file of each picture of an album; those that can't be shown have none."""
    names = iter(files)
    return [None if isinstance(entry, str) else next(names) for entry in entries]


def _ours(folder: Path) -> set[str]:
    """Names of the pictures that pages have put into a folder."""
    with suppress(OSError):
        return {path.name for path in folder.iterdir() if _OURS.fullmatch(path.name)}
    return set()


def _remove(folder: Path, names: set[str]) -> None:
    """Remove pictures that no page shows, and the folder where nothing is left in it."""
    with suppress(OSError):
        for name in names:
            (folder / name).unlink()
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise UserError(f"{folder}: is a file, and a folder is needed") from None
    except OSError as error:
        raise UserError(f"{folder}: can't be made ({error.strerror})") from None
