"""Where the references of an SVG may lead: into the document itself, to data it carries, to files beside it."""

import base64
import binascii
from collections.abc import Callable
from urllib.parse import unquote, unquote_to_bytes

from .svg_failure import CannotDraw

MAX_NESTING = 3
"""How deep SVGs may lie in each other as images."""
_SILENT = frozenset({"a", "script"})
"""Elements whose reference draws nothing."""
_PICTURES = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
    b"RIFF": "image/webp",
}


class References:
    """The references of one document."""

    def __init__(
        self,
        file: Callable[[str], bytes | None],
        warn: Callable[[str], None],
        check: Callable[[bytes], str],
        depth: int,
    ) -> None:
        self._file = file
        self._warn = warn
        self._check = check
        self._depth = depth

    def target(self, element: str, value: str) -> str | None:
        """What an element may refer to instead of ``value``; None to leave the reference out."""
        value = value.strip()
        if value.startswith("#"):
            return value
        if element in _SILENT or not value:
            return None
        if element not in {"image", "feImage"}:
            self.refuse(value)
            return None
        content = _content(value) if value[:5].lower() == "data:" else self._beside(value)
        inlined = None if content is None else self._inlined(content)
        if inlined is None:
            self.refuse(value)
        return inlined

    def refuse(self, value: str) -> None:
        """Take note of a reference that is left out."""
        self._warn(f"refused reference: {value if len(value) <= 120 else value[:117] + '...'}")

    def _beside(self, value: str) -> bytes | None:
        if "://" in value or value.startswith(("/", "\\")):
            return None
        return self._file(unquote(value).removeprefix("./"))

    def _inlined(self, content: bytes) -> str | None:
        media = next((media for magic, media in _PICTURES.items() if content.startswith(magic)), None)
        if media is None:
            if b"<svg" not in content or self._depth >= MAX_NESTING:
                return None
            try:
                content = self._check(content).encode()
            except CannotDraw as failure:
                self._warn(f"an SVG inside was left out: {failure}")
                return None
            media = "image/svg+xml"
        return f"data:{media};base64,{base64.b64encode(content).decode('ascii')}"


def _content(url: str) -> bytes | None:
    head, comma, data = url.partition(",")
    if not comma:
        return None
    if not head.lower().rstrip().endswith(";base64"):
        return unquote_to_bytes(data)
    try:
        return base64.b64decode("".join(unquote(data).split()))
    except binascii.Error:
        return None
