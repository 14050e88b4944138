"""Reading a figure's JSON: bounded, and without the keys by which it could reach into the library that draws it."""

import json
from typing import Any

from .browser_view import PageFailed

MAX_BYTES = 64 << 20
"""The longest figure: some five million numbers, more than a page draws within its memory."""
_PROTOTYPES = frozenset({"constructor", "prototype"})


def read_figure(source: bytes, what: str) -> Any:  # noqa: ANN401 - any JSON value
    """The value of a figure's JSON.

    The page stays for the figures of other programs, so that no key may lead a library that merges objects to the
    prototype that all objects of the page share.

    Args:
        source: the JSON.
        what: what to call it in a failure.

    Raises:
        PageFailed: it is too long, or no JSON.
    """
    if len(source) > MAX_BYTES:
        raise PageFailed("output_too_large", f"{what} takes more than {MAX_BYTES >> 20} MiB of JSON")
    try:
        return json.loads(source, object_pairs_hook=_kept)
    except (ValueError, RecursionError) as error:
        raise PageFailed("syntax", f"{what} is no JSON: {error}") from None


def written(figure: Any) -> str:  # noqa: ANN401 - any JSON value
    """The JSON of a figure's value.

    Raises:
        PageFailed: its objects lie too deep in each other.
    """
    try:
        return json.dumps(figure)
    except RecursionError:
        raise PageFailed("syntax", "the figure's objects lie too deep in each other") from None


def _kept(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return {key: value for key, value in pairs if not _leads_out(key, value)}


def _leads_out(key: str, value: object) -> bool:
    return key == "__proto__" or (key in _PROTOTYPES and isinstance(value, dict))
