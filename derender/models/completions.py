"""Chat completions as they travel: messages in the endpoint's form, and what is in its answer."""

import base64
import contextlib
import json
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, TypeGuard

from .chat import ImagePart, Message, Sample, Usage, one_line

if TYPE_CHECKING:
    import openai

_SAYING = frozenset({"content", "refusal"})
"""One of them is in every message of a model's; some endpoints leave out the other."""

_MOST_TOKENS = 1 << 53
"""No request had so many, and sums of more are no floats."""


def sent(message: Message) -> dict[str, Any]:
    """A message in the endpoint's form; one of a single text as a string, which some servers demand of a system's."""
    if len(message.parts) == 1 and isinstance(message.parts[0], str):
        return {"role": message.role.value, "content": _sendable(message.parts[0])}
    return {"role": message.role.value, "content": [_part(part) for part in message.parts]}


def _part(part: str | ImagePart) -> dict[str, Any]:
    if isinstance(part, str):
        return {"type": "text", "text": _sendable(part)}
    url = f"data:{part.media_type};base64,{base64.b64encode(part.content).decode('ascii')}"
    return {"type": "image_url", "image_url": {"url": url, "detail": "high"}}


def _sendable(text: str) -> str:
    # Lone surrogates, which models do write, have no bytes in UTF-8.
    return text.encode("utf-8", "replace").decode()


def names_in(listed: str) -> list[str] | None:
    """The models in an endpoint's list; None where it is none."""
    try:
        body = json.loads(listed)
    except (ValueError, RecursionError):
        return None
    rows = body.get("data") if isinstance(body, dict) else None
    if not isinstance(rows, list):
        return None
    return [row["id"] for row in rows if isinstance(row, dict) and isinstance(row.get("id"), str)]


def message_of(choice: object) -> dict[str, Any] | None:
    """The message of a choice; None where it has none that says anything."""
    message = choice.get("message") if isinstance(choice, dict) else None
    return message if isinstance(message, dict) and not _SAYING.isdisjoint(message) else None


def sample_of(message: Mapping[str, Any], choice: Mapping[str, Any]) -> Sample:
    """A choice and its message as a sample."""
    refusal = message.get("refusal")
    finish = choice.get("finish_reason")
    return Sample(
        _text(message.get("content")),
        one_line(finish) if finish else None,
        str(refusal) if refusal else None,
        _text(message.get("reasoning_content") or message.get("reasoning")),
    )


def _text(content: Any) -> str:  # noqa: ANN401 - some endpoints answer in parts
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return "".join(str(part.get("text") or "") for part in parts if isinstance(part, dict))


def usage_of(said: object) -> Usage | None:
    """Tokens as far as they were counted; None where they were not."""
    if not isinstance(said, dict) or not _is_count(said.get("prompt_tokens")):
        return None
    details = said.get("prompt_tokens_details")
    cached = details.get("cached_tokens") if isinstance(details, dict) else None
    return Usage(said["prompt_tokens"], _count(said.get("completion_tokens")), _count(cached))


def _count(value: object) -> int:
    return value if _is_count(value) else 0


def _is_count(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _MOST_TOKENS


def asked_pause(headers: Mapping[str, str]) -> float | None:
    """Seconds that the endpoint wants to pass: a number, milliseconds, or a date; None where it doesn't say."""
    with contextlib.suppress(KeyError, ValueError):
        return _not_negative(float(headers["retry-after-ms"]) / 1000)
    said = headers.get("retry-after", "")
    with contextlib.suppress(ValueError):
        return _not_negative(float(said))
    with contextlib.suppress(ValueError, TypeError):
        return max(0.0, parsedate_to_datetime(said).timestamp() - time.time())
    return None


def _not_negative(seconds: float) -> float:
    # "nan" is a float too.
    if not seconds >= 0:
        raise ValueError
    return seconds


def reason_of(error: "openai.APIStatusError") -> str:
    """What an endpoint says of a request that it did not grant."""
    body = error.body
    message = body.get("message") if isinstance(body, dict) else None
    return str(message or error.response.reason_phrase or "no reason given")
