"""Any model behind an OpenAI-compatible endpoint: OpenAI, vLLM, SGLang, Ollama, llama.cpp, gateways.

::

    ModelError(DerenderError)    the endpoint did not answer usefully; one sentence, never the key
    └── NoAnswer                 it answered, but with nothing a program could be in; keeps the reply
"""

import base64
import io
import os
from dataclasses import dataclass, field
from functools import cached_property
from importlib import resources
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from derender.core import DerenderError, Language, Missing, NoProgram, Program, UserError
from derender.core.extract import extract_program

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import openai

MAX_SIDE = 2048
"""Pixels of the longer side of the picture that is sent; larger ones are scaled down."""


class ModelError(DerenderError):
    """The endpoint did not answer usefully."""


class NoAnswer(ModelError, NoProgram):
    """The model answered without a program.

    Attributes:
        reply: what it said instead.
    """

    def __init__(self, message: str, reply: str) -> None:
        super().__init__(message)
        self.reply = reply


@dataclass(frozen=True)
class OpenAIModel:
    """A model by its name at an endpoint. Thread-safe.

    Attributes:
        name: the model's name as the endpoint knows it.
        base_url: the endpoint, such as ``http://localhost:8000/v1``; None is OpenAI's own, or ``OPENAI_BASE_URL``.
        api_key: None is ``OPENAI_API_KEY``, which local servers do without. Never shown in a message.
        timeout_s: seconds one request may take.
        retries: how often a request is repeated after 429, 5xx, a lost connection or a timeout, with growing pauses.

    Raises:
        UserError: the base URL is no address.
    """

    name: str
    base_url: str | None = None
    api_key: str | None = field(default=None, repr=False)
    timeout_s: float = 120.0
    retries: int = 3

    def __post_init__(self) -> None:
        if self._address is not None and not _is_address(self._address):
            raise UserError(f"{self._address!r} is no endpoint's address: it must be like http://localhost:8000/v1")

    def convert(self, image: "npt.NDArray[np.uint8]", target: Language) -> Program:
        """The program of a picture, given as height × width × 3 or 4.

        Raises:
            ModelError: the endpoint can't be reached or refuses.
            NoAnswer: the reply holds no program.
            Missing: the package ``openai`` is not installed.
        """
        reply = self.reply(image, target)
        try:
            return extract_program(reply, target).program
        except NoProgram as error:
            start = " ".join(reply.split())[:120]
            raise NoAnswer(f"{self.name} answered without a program ({error}): {start!r}", reply) from None

    def reply(self, image: "npt.NDArray[np.uint8]", target: Language) -> str:
        """The model's whole answer to the prompt for a target language.

        Raises:
            ModelError: the endpoint can't be reached, refuses, or answers with nothing.
            Missing: the package ``openai`` is not installed.
        """
        height, width = image.shape[:2]
        prompt = _prompt(target).format(width=width, height=height)
        content = [
            {"type": "image_url", "image_url": {"url": _data_url(image), "detail": "high"}},
            {"type": "text", "text": prompt},
        ]
        answer = self._ask([{"role": "user", "content": content}])
        choices = getattr(answer, "choices", None)
        choice: Any = choices[0] if isinstance(choices, list) and choices else None
        message: Any = getattr(choice, "message", None)
        if not hasattr(message, "content"):
            raise ModelError(f"{self.name} answered without a choice: is that an OpenAI-compatible endpoint?")
        text = _text(message.content)
        if text.strip():
            return text
        if refusal := getattr(message, "refusal", None):
            raise NoAnswer(f"{self.name} refused: {_one_line(refusal)}", text)
        reason = getattr(choice, "finish_reason", None)
        why = "it used all its tokens for thinking" if reason == "length" else f"it stopped for {reason!r}"
        raise NoAnswer(f"{self.name} said nothing: {why}", text)

    def _ask(self, messages: list[dict[str, Any]]) -> Any:  # noqa: ANN401 - the client's own answer type
        client = self._client
        import openai

        where = _place(str(client.base_url))
        try:
            return client.chat.completions.create(model=self.name, messages=messages)  # type: ignore[arg-type]
        except openai.APITimeoutError:
            raise ModelError(f"{where} did not answer within {self.timeout_s:g} seconds") from None
        except openai.APIConnectionError as error:
            raise ModelError(f"{where} can't be reached: {_one_line(error.__cause__ or error)}") from None
        except openai.AuthenticationError:
            raise ModelError(f"{where} wants a valid key: set OPENAI_API_KEY") from None
        except openai.NotFoundError:
            raise ModelError(f"{where} knows no model {self.name!r}, or is no OpenAI-compatible endpoint") from None
        except openai.RateLimitError:
            raise ModelError(f"{where} still answered 'too many requests' after {self.retries} retries") from None
        except openai.APIStatusError as error:
            reason = _reason(error).replace(client.api_key, "***") if self._key else _reason(error)
            raise ModelError(f"{where} answered {error.status_code}: {reason}") from None
        except (openai.OpenAIError, ValueError) as error:
            raise ModelError(f"{where} sent an answer that can't be read ({type(error).__name__})") from None

    @cached_property
    def _client(self) -> "openai.OpenAI":
        try:
            import openai
        except ImportError:
            raise Missing("the package openai", "pip install 'derender[openai]'") from None
        # Local servers want no key, the client wants one.
        key = self._key or "none"
        return openai.OpenAI(api_key=key, base_url=self._address, timeout=self.timeout_s, max_retries=self.retries)

    @property
    def _address(self) -> str | None:
        return self.base_url or os.environ.get("OPENAI_BASE_URL") or None

    @property
    def _key(self) -> str | None:
        return self.api_key or os.environ.get("OPENAI_API_KEY") or None


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _text(content: Any) -> str:  # noqa: ANN401 - some endpoints answer in parts
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return "".join(str(part.get("text") or "") for part in parts if isinstance(part, dict))


def _reason(error: "openai.APIStatusError") -> str:
    body = error.body
    message = body.get("message") if isinstance(body, dict) else None
    return _one_line(message or error.response.reason_phrase or "no reason given")


def _one_line(said: object) -> str:
    return " ".join(str(said).split())[:300]


def _place(url: str) -> str:
    """An address without the name and password that may stand in it."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path.rstrip("/"), "", ""))


def _prompt(target: Language) -> str:
    return resources.files("derender.models").joinpath("prompts", f"convert_{target}.txt").read_text("utf-8")


def _data_url(image: "npt.NDArray[np.uint8]") -> str:
    from PIL import Image

    picture = Image.fromarray(image)
    picture.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
