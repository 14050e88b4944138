"""What a page may load: itself, and the files that lie beside the program. Everything else is refused and told.

The page lives at a made-up secure origin; nothing of it ever reaches a network.
"""

import base64
import mimetypes
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

MAX_SERVED = 64 << 20
"""Bytes of files that a page gets, each file as often as it asks; or all its files four times, if that is more."""
ORIGIN = "https://page.invalid"
HOME = f"{ORIGIN}/"
_TYPES = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".css": "text/css",
    ".html": "text/html",
    ".htm": "text/html",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".ttf": "font/ttf",
    ".otf": "font/otf",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".csv": "text/csv",
    ".txt": "text/plain",
    ".md": "text/markdown",
    ".wasm": "application/wasm",
}


@dataclass(slots=True)
class Site:
    """The files of one page.

    Attributes:
        source: the page itself.
        files: what lies beside it, by relative path.
        tell: takes a kind of warning and its text, for what was asked in vain.
    """

    source: bytes
    files: Mapping[str, bytes]
    tell: Callable[[str, str], None]
    _served: bool = field(default=False, init=False)
    _left: int = field(init=False)

    def __post_init__(self) -> None:
        self._left = max(MAX_SERVED, 4 * sum(map(len, self.files.values())))

    def answer(self, paused: Mapping[str, Any], main_frame: str) -> tuple[str, dict[str, Any]]:
        """The protocol method and parameters that answer one request held by the browser."""
        request_id = paused["requestId"]
        url = paused["request"]["url"]
        document = paused.get("resourceType") == "Document"
        if document and paused.get("frameId") == main_frame:
            if url == HOME and not self._served:
                self._served = True
                return "Fetch.fulfillRequest", _fulfilled(request_id, self.source, "text/html; charset=utf-8")
            # No content leaves the page as it stands; a failure would put an error page in its place.
            self.tell("refused navigation", url)
            return "Fetch.fulfillRequest", {"requestId": request_id, "responseCode": 204}
        name = _file_name(url)
        if name is not None and name in self.files and len(self.files[name]) <= self._left:
            self._left -= len(self.files[name])
            return "Fetch.fulfillRequest", _fulfilled(request_id, self.files[name], media_type(name))
        if name is None or name in self.files or document:
            self.tell("refused request", url)
            reason = "Aborted" if document else "BlockedByClient"
            return "Fetch.failRequest", {"requestId": request_id, "errorReason": reason}
        if name != "favicon.ico":
            self.tell("missing file", name)
        return "Fetch.fulfillRequest", {**_fulfilled(request_id, b"", "text/plain"), "responseCode": 404}


def media_type(name: str) -> str:
    """The media type a file is served with."""
    dot = name.rfind(".")
    suffix = name[dot:].lower() if dot >= 0 else ""
    found = _TYPES.get(suffix) or mimetypes.types_map.get(suffix) or "application/octet-stream"
    text = found.startswith("text/") or found in {"application/json", "image/svg+xml"}
    return f"{found}; charset=utf-8" if text else found


def _file_name(url: str) -> str | None:
    """The relative path a URL means, or None when it means no file beside the page."""
    if not url.startswith(HOME):
        return None
    return unquote(urlsplit(url).path).lstrip("/")


def _fulfilled(request_id: str, body: bytes, media: str) -> dict[str, Any]:
    headers = {"Content-Type": media, "Access-Control-Allow-Origin": "*", "Cache-Control": "no-store"}
    return {
        "requestId": request_id,
        "responseCode": 200,
        "responseHeaders": [{"name": name, "value": value} for name, value in headers.items()],
        "body": base64.b64encode(body).decode("ascii"),
    }
