"""What pages have in common: parts joined, a policy that lets nothing else run, and a file that is whole or absent."""

import errno
import json
import secrets
from base64 import b64encode
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import IO

from derender.core import InfraError, UserError


def asset(name: str) -> str:
    """A part of pages, by its name in ``page/``."""
    return files("derender.report").joinpath("page", name).read_text(encoding="utf-8")


def style_of(names: Iterable[str]) -> str:
    """Style sheets as one."""
    return "\n".join(map(asset, names))


def script_of(names: Iterable[str]) -> str:
    """Scripts as one, that leaves no name behind."""
    return "(() => {\n'use strict';\n" + "\n".join(map(asset, names)) + "})();\n"


def policy(style: str, script: str, pictures: str = "data:") -> str:
    """What the page may do: no request, no style and script but these, pictures from where they are said to be."""
    return (
        f"default-src 'none'; base-uri 'none'; form-action 'none'; img-src {pictures}; "
        f"style-src '{_hash(style)}'; script-src '{_hash(script)}'"
    )


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def inert(data: object) -> str:
    """JSON that can stand inside a script element: no text in it can end the element or open a comment."""
    return json.dumps(data, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")


@contextmanager
def whole_or_nothing(target: Path) -> Iterator[IO[str]]:
    """A file that appears under its name when it is written to its end.

    Raises:
        UserError: it can't be written.
        InfraError: the disk is full.
    """
    if target.is_dir():
        raise UserError(f"{target}: is a folder; name the file to write")
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("x", encoding="utf-8", newline="\n") as stream:
            yield stream
        temporary.replace(target)
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise InfraError(f"{target}: the disk is full, nothing was written") from error
        raise UserError(f"{target}: can't be written ({error.strerror})") from error
    finally:
        with suppress(OSError):
            temporary.unlink()
