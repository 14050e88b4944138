"""Names of the files a command writes, no two items sharing one, and of the folder they go to."""

import errno
import os
import re
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from derender.core import UserError

_LONGEST = 120
_UNWELCOME = re.compile(r"[^\w.+@=-]+")


class Names:
    """Hands out file stems, each once; a second ``plot`` becomes ``plot-2``.

    Args:
        taken: stems that must stay free, such as those of inputs that lie in the output folder.
    """

    def __init__(self, taken: Iterable[str] = ()) -> None:
        # Some file systems hold a.png and A.png for the same file.
        self._taken = {stem.casefold() for stem in taken}

    def claim(self, wanted: str) -> str:
        """A free stem as close as possible to the wanted one, fit for any file system."""
        base = stem = _clean(wanted)
        number = 1
        while stem.casefold() in self._taken:
            number += 1
            stem = f"{base}-{number}"
        self._taken.add(stem.casefold())
        return stem


def picture_stems(stem: str, names: Iterable[str]) -> list[str]:
    """Stems for the pictures of one item: its own for a single one, else with each picture's name behind it."""
    names = list(names)
    if len(names) == 1:
        return [stem]
    own = Names()
    return [f"{stem}-{own.claim(PurePosixPath(name).stem)}" for name in names]


def make_folder(folder: Path) -> Path:
    """Make the folder that results go to, and give its absolute path.

    Raises:
        UserError: it is a file, or may not be made or written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise UserError(f"{folder}: is a file, and results need a folder") from None
    except OSError as error:
        raise UserError(f"{folder}: the folder can't be made ({reason(error)})") from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UserError(f"{folder}: no permission to write there")
    return folder.resolve()


def reason(error: OSError) -> str:
    """Why the system refused, in its own words or better ones."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return "the disk is full"
    return (error.strerror or type(error).__name__).lower()


def shown(path: Path) -> str:
    """A path as a person wants to read it: relative when it lies below the working folder."""
    try:
        return str(path.relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(path)


def _clean(name: str) -> str:
    text = _UNWELCOME.sub("-", name).strip("-.")
    cut = text.encode("utf-8", "ignore")[:_LONGEST].decode("utf-8", "ignore")
    return cut or "item"
