"""The fonts of this machine, as one digest: they decide where every glyph lies."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
"""Where fonts are taken from; fonts in a user's home are left out so that two users get the same picture."""
SETTINGS = (Path("/etc/fonts"),)
"""Where it is written which font stands in for which."""

_HEAD = 16 << 10
"""Bytes read of a font. An OpenType file, or collection of such, begins with a checksum of each of its tables."""


@cache
def fonts_fingerprint() -> str:
    """How many font files there are, and a digest of all of them and of the settings that choose among them."""
    return digest_of(FOLDERS, SETTINGS)


def digest_of(fonts: Sequence[Path], settings: Sequence[Path]) -> str:
    """The same for some folders; where they lie, and when their files were written, makes no difference."""
    found = sorted(f"{name} {size} {head}" for name, size, head in _fonts(fonts))
    text = "\n".join([*found, *sorted(_contents(settings))])
    return f"{len(found)} files {hashlib.sha256(text.encode()).hexdigest()[:16]}"


def _fonts(folders: Sequence[Path]) -> Iterator[tuple[str, int, str]]:
    for path in _files(folders):
        if path.lower().endswith((".ttf", ".otf", ".ttc", ".otc", ".pfb", ".afm")):
            with open(path, "rb", buffering=0) as file:
                head = hashlib.sha256(file.read(_HEAD)).hexdigest()
                yield os.path.basename(path), os.fstat(file.fileno()).st_size, head


def _contents(folders: Sequence[Path]) -> Iterator[str]:
    for path in _files(folders):
        if path.endswith((".conf", ".xml", ".dtd")):
            yield f"{os.path.basename(path)} {hashlib.sha256(Path(path).read_bytes()).hexdigest()}"


def _files(folders: Sequence[Path]) -> Iterator[str]:
    for folder in folders:
        for parent, _, names in os.walk(folder, followlinks=True):
            # A link may lead to nothing.
            yield from (path for name in names if os.path.isfile(path := os.path.join(parent, name)))
