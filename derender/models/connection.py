"""The connection to an endpoint, which may send no more than fits, and may send nobody elsewhere."""

from typing import Any

import openai

LONGEST_BODY = 64 << 20
"""Bytes of an answer, unpacked: a hundred times what any model writes."""


class TooLong(openai.OpenAIError):
    """An answer without an end."""


class _Client(openai.DefaultAsyncHttpxClient):
    # Requests and responses are httpx's or httpx2's, as openai's version has it.
    async def send(self, request: Any, **options: Any) -> Any:  # noqa: ANN401
        # Followed, a redirection would take the pictures to a place that nobody named.
        response = await super().send(request, **{**options, "stream": True, "follow_redirects": False})
        try:
            body = bytearray()
            async for part in response.aiter_bytes():
                body += part
                if len(body) > LONGEST_BODY:
                    raise TooLong
        finally:
            await response.aclose()
        # The body is unpacked, and as long as it is.
        headers = [
            (name, value)
            for name, value in response.headers.multi_items()
            if name not in {"content-encoding", "content-length", "transfer-encoding"}
        ]
        return type(response)(response.status_code, headers=headers, content=bytes(body), request=request)


def connect(key: str, base_url: str | None, query: dict[str, str] | None, timeout_s: float) -> openai.AsyncOpenAI:
    """A client that tries once.

    Raises:
        ValueError: the proxy that the environment names can't be used; without its password.
        ImportError: it needs a package that is not there.
    """
    return openai.AsyncOpenAI(
        api_key=key,
        base_url=base_url,
        default_query=query,
        timeout=timeout_s,
        max_retries=0,
        http_client=_Client(timeout=timeout_s),
    )
