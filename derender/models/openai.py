"""Any model behind an OpenAI-compatible endpoint: OpenAI, vLLM, SGLang, Ollama, llama.cpp, gateways."""

import asyncio
import contextlib
import hashlib
import json
import os
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field, fields
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit, urlunsplit

from derender.core import Language, Missing, Program, UserError

from .chat import MAX_SIDE, Answer, Message, Sample, Sampling, Usage, one_line
from .completions import asked_pause, message_of, names_in, reason_of, sample_of, sent, usage_of
from .drafts import conversion, program_in
from .errors import BadKey, ModelError, NoAnswer, Rejected
from .waiting import in_background, wait

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import openai

T = TypeVar("T")

__all__ = ["MAX_SIDE", "ModelError", "NoAnswer", "OpenAIModel"]

LONGEST_PAUSE_S = 30.0
"""The longest pause of our own before a request is repeated."""
LONGEST_ASKED_S = 300.0
"""The longest pause an endpoint may ask for; one that asks for more is given up."""
_PASSING = frozenset({408, 409, 425, 429})
_OWN = frozenset({500, 501})
"""What servers also say where they trip over a request."""
_OPENAI_HOST = "api.openai.com"


class _Passing(ModelError):
    """A failure that may be gone when the request is repeated, with the pause the endpoint asks for.

    ``rejected`` says whether it may also be the request's own.
    """

    def __init__(self, message: str, pause_s: float | None = None, *, rejected: bool = False) -> None:
        super().__init__(message)
        self.pause_s = pause_s
        self.rejected = rejected


@dataclass(frozen=True)
class OpenAIModel:
    """A model by its name at an endpoint; a `ChatModel`. Thread-safe.

    Attributes:
        name: the model's name as the endpoint knows it.
        base_url: the endpoint, such as ``http://localhost:8000/v1``; None is OpenAI's own, or ``OPENAI_BASE_URL``.
        api_key: None is ``OPENAI_API_KEY``, which local servers do without. Never shown in a message.
        timeout_s: seconds one try may take, however slowly bytes keep coming.
        retries: how often a request is repeated after 408, 409, 425, 429, 5xx, a lost connection or a timeout.
        pause_s: seconds before the first repetition; doubled each time, with some chance in it. Where the endpoint
            says how long to wait, that counts.
        concurrency: requests under way at once; further ones wait their turn.

    Raises:
        UserError: the base URL is no address, or nothing may be asked at once.
    """

    name: str
    base_url: str | None = None
    api_key: str | None = field(default=None, repr=False)
    timeout_s: float = 120.0
    retries: int = 3
    pause_s: float = 0.5
    concurrency: int = 16

    def __post_init__(self) -> None:
        if self._address is not None and not _is_address(self._address):
            said = _shown(self._address)
            raise UserError(f"{said!r} is no endpoint's address: it must be like http://localhost:8000/v1")
        if self.concurrency < 1:
            raise UserError(f"at least one request must be allowed at once, not {self.concurrency}")

    def __getstate__(self) -> dict[str, Any]:
        # What was opened or loaded stays with this process.
        return {each.name: getattr(self, each.name) for each in fields(self)}

    @property
    def identity(self) -> str:
        """The model and the address, without name and password; its query, which may hold a key, as a hash."""
        address = self._address or f"https://{_OPENAI_HOST}/v1"
        query = urlsplit(address).query
        mark = f"?{hashlib.sha256(query.encode()).hexdigest()[:16]}" if query else ""
        return f"openai {self.name} {place_of(address)}{mark}"

    async def ask(
        self,
        messages: Sequence[Message],
        sampling: Sampling | None = None,
        *,
        deadline: float | None = None,
        item: str | None = None,
    ) -> Answer:
        """The answer to a talk; requests that may succeed later are repeated until ``retries`` or the deadline.

        Where the endpoint gives fewer answers than were asked for, the others are asked for anew.

        Raises:
            ModelError: the endpoint can't be reached, refuses, answers with nothing that can be read, or not in time.
            UserError: the key can't be one.
            Missing: the package ``openai`` is not installed.
        """
        return await in_background(self._ask(messages, sampling or Sampling(), deadline))

    def convert(self, image: "npt.NDArray[np.uint8]", target: Language) -> Program:
        """The program of a picture, given as height × width × 3 or 4.

        Raises:
            ModelError: the endpoint can't be reached or refuses.
            NoAnswer: the reply holds no program.
            Missing: the package ``openai`` is not installed.
        """
        return program_in(self.reply(image, target), target, self.name)

    def reply(self, image: "npt.NDArray[np.uint8]", target: Language) -> str:
        """The model's whole answer to the prompt for a target language.

        Raises:
            ModelError: the endpoint can't be reached, refuses, or answers with nothing.
            Missing: the package ``openai`` is not installed.
        """
        return wait(self.ask(conversion(image, target).messages)).said()

    async def served(self, *, deadline: float | None = None) -> list[str] | None:
        """The names of the models that the endpoint says it serves; None where it keeps no such list.

        Raises:
            ModelError: it can't be reached, wants another key, or does not answer in time.
            UserError: the key can't be one.
            Missing: the package ``openai`` is not installed.
        """
        return await in_background(self._served(deadline))

    async def _served(self, deadline: float | None) -> list[str] | None:
        import openai

        client, _ = self._line
        where = place_of(str(client.base_url))
        try:
            async with asyncio.timeout_at(deadline), self._failures(client, where), asyncio.timeout(self.timeout_s):
                try:
                    listed = (await client.models.with_raw_response.list()).text
                except openai.AuthenticationError:
                    raise
                except openai.APIStatusError:
                    return None
        except TimeoutError:
            raise ModelError(f"{where} did not answer before the deadline") from None
        return names_in(listed)

    async def _ask(self, messages: Sequence[Message], sampling: Sampling, deadline: float | None) -> Answer:
        client, slots = self._line
        where = place_of(str(client.base_url))
        talk = [sent(each) for each in messages]
        samples: list[Sample] = []
        usages: list[Usage | None] = []
        try:
            # The loop's clock is `time.monotonic`.
            async with asyncio.timeout_at(deadline), slots:
                started = time.monotonic()
                while len(samples) < sampling.n:
                    body = {"messages": talk, **self._parameters(sampling.after(len(samples)))}
                    more, usage = await self._try(partial(self._request, client, where, body), deadline)
                    samples += more
                    usages.append(usage)
        except TimeoutError:
            raise ModelError(f"{where} did not answer {self.name!r} before the deadline") from None
        elapsed_s = time.monotonic() - started
        known = [usage for usage in usages if usage is not None]
        spent = sum(known, Usage()) if len(known) == len(usages) else None
        return Answer(tuple(samples[: sampling.n]), self.name, spent, elapsed_s=elapsed_s)

    async def _try(self, request: Callable[[], Awaitable[T]], deadline: float | None) -> T:
        """One request, repeated while that may help."""
        tries = 0
        while True:
            try:
                return await request()
            except _Passing as failure:
                if tries >= self.retries:
                    after = f" after {tries} {'retry' if tries == 1 else 'retries'}" if tries else ""
                    kind = Rejected if failure.rejected else ModelError
                    raise kind(f"{failure}{after}") from None
                pause_s = failure.pause_s if failure.pause_s is not None else self._pause(tries)
                if pause_s > LONGEST_ASKED_S:
                    raise ModelError(f"{failure}, and asks for a pause of {pause_s:.0f} seconds") from None
                if deadline is not None and time.monotonic() + pause_s >= deadline:
                    raise ModelError(f"{failure}, and the deadline leaves no time to try again") from None
            await asyncio.sleep(pause_s)
            tries += 1

    def _pause(self, tries: int) -> float:
        # Chance keeps many callers from coming back in the same moment.
        return min(self.pause_s * 2.0**tries, LONGEST_PAUSE_S) * random.uniform(0.75, 1.25)

    async def _request(
        self, client: "openai.AsyncOpenAI", where: str, body: dict[str, Any]
    ) -> tuple[list[Sample], Usage | None]:
        async with self._failures(client, where):
            # The client's own limit is for each piece of an answer, this one for all of it.
            async with asyncio.timeout(self.timeout_s):
                raw = await client.chat.completions.with_raw_response.create(model=self.name, **body)
            kind = raw.headers.get("content-type", "")
            text = raw.text
        return self._read(kind, text, where)

    @contextlib.asynccontextmanager
    async def _failures(self, client: "openai.AsyncOpenAI", where: str) -> AsyncIterator[None]:
        """All that a request may fail of, as one sentence each."""
        import openai

        from .connection import TooLong

        try:
            yield
        except (openai.APITimeoutError, TimeoutError):
            raise _Passing(f"{where} did not answer within {self.timeout_s:g} seconds") from None
        except (TooLong, openai.APIConnectionError) as error:
            # Older clients wrap whatever the connection raises.
            if TooLong in {type(error), type(error.__cause__)}:
                raise ModelError(f"{where} sent an answer that never ends") from None
            raise _Passing(f"{where} can't be reached: {one_line(error.__cause__ or error)}") from None
        except openai.AuthenticationError:
            raise BadKey(f"{where} wants a valid key: set OPENAI_API_KEY") from None
        except openai.NotFoundError:
            raise ModelError(f"{where} knows no model {self.name!r}, or is no OpenAI-compatible endpoint") from None
        except openai.APIStatusError as error:
            raise self._status(where, error) from None
        except (openai.OpenAIError, ValueError) as error:
            raise ModelError(f"{where} sent an answer that can't be read ({type(error).__name__})") from None

    def _status(self, where: str, error: "openai.APIStatusError") -> ModelError:
        said = reason_of(error)
        # Before it is cut: half a key is one too.
        for secret in self._secrets:
            said = said.replace(secret, "***")
        reason = one_line(said)
        if error.status_code == 429:
            return _Passing(f"{where} answered 429, too many requests: {reason}", asked_pause(error.response.headers))
        sentence = f"{where} answered {error.status_code}: {reason}"
        if error.response.is_redirect:
            elsewhere = place_of(error.response.headers.get("location", ""))
            return ModelError(f"{sentence}, and names another place, {one_line(elsewhere)!r}: is that the base URL?")
        if error.status_code in _PASSING or error.status_code >= 500:
            own = error.status_code in _OWN
            return _Passing(sentence, asked_pause(error.response.headers), rejected=own)
        return Rejected(sentence)

    def _read(self, kind: str, text: str, where: str) -> tuple[list[Sample], Usage | None]:
        """The samples of a body."""
        media_type = kind.partition(";")[0].strip()
        if media_type and not media_type.endswith("json"):
            raise ModelError(
                f"{self.name} answered without a choice, with {one_line(media_type)} instead of JSON:"
                " is that an OpenAI-compatible endpoint?"
            )
        try:
            body = json.loads(text)
        except (ValueError, RecursionError):
            raise ModelError(f"{where} sent an answer that can't be read: it is no whole JSON") from None
        choices = body.get("choices") if isinstance(body, dict) else None
        messages = [message_of(choice) for choice in choices] if isinstance(choices, list) else []
        if not messages or None in messages:
            raise ModelError(f"{self.name} answered without a choice: is that an OpenAI-compatible endpoint?")
        samples = [
            sample_of(message, choice) for message, choice in zip(messages, choices or [], strict=True) if message
        ]
        return samples, usage_of(body.get("usage"))

    def _parameters(self, sampling: Sampling) -> dict[str, Any]:
        """The body's fields for how to answer."""
        values = sampling.parameters()
        if sampling.n > 1:
            values["n"] = sampling.n
        if "max_tokens" in values and self._is_openai:
            # OpenAI's own newer models refuse the name that all other servers know.
            values["max_completion_tokens"] = values.pop("max_tokens")
        if schema := values.pop("schema", None):
            form = {"name": "answer", "strict": True, "schema": schema}
            values["response_format"] = {"type": "json_schema", "json_schema": form}
        if extra := values.pop("extra", None):
            values["extra_body"] = extra
        return values

    @property
    def _line(self) -> "tuple[openai.AsyncOpenAI, asyncio.Semaphore]":
        """Client and limit of the running loop; a forked process has another loop."""
        loop = asyncio.get_running_loop()
        held = self.__dict__.get("_held")
        if held is None or held[0] is not loop:
            held = (loop, self._client(), asyncio.Semaphore(self.concurrency))
            self.__dict__["_held"] = held
        return held[1], held[2]

    def _client(self) -> "openai.AsyncOpenAI":
        try:
            from .connection import connect
        except ImportError:
            raise Missing("the package openai", "pip install 'derender[openai]'") from None
        # Local servers want no key, the client wants one.
        key = self._key or "none"
        if not key.isascii() or not key.isprintable():
            # The client would show it in what it says of the header.
            raise UserError("OPENAI_API_KEY holds line breaks or signs that no key has: set it anew")
        # The client would put its paths behind the query.
        parts = urlsplit(self._address) if self._address else None
        address = parts._replace(query="", fragment="").geturl() if parts else None
        query = dict(parse_qsl(parts.query)) if parts else None
        try:
            return connect(key, address, query, self.timeout_s)
        except (ValueError, ImportError) as error:
            raise UserError(f"the proxy that the environment names can't be used: {one_line(error)}") from None

    @property
    def _address(self) -> str | None:
        return self.base_url or os.environ.get("OPENAI_BASE_URL") or None

    @property
    def _is_openai(self) -> bool:
        return self._address is None or urlsplit(self._address).hostname == _OPENAI_HOST

    @property
    def _secrets(self) -> list[str]:
        """What an endpoint may give back and no message may hold: the key, and those that stand in the address."""
        parts = urlsplit(self._address or "")
        values = (value for _, value in parse_qsl(parts.query))
        return [each for each in (self._key, unquote(parts.password or ""), *values) if each and len(each) > 3]

    @property
    def _key(self) -> str | None:
        # Read from a file it ends in a line break, as often as not.
        return (self.api_key or os.environ.get("OPENAI_API_KEY") or "").strip() or None


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _shown(address: str) -> str:
    """What is no address, for a message: without what may be a name and a password, or a query."""
    start, _, rest = address.rpartition("@")
    return one_line(
        (f"{start.partition('://')[0]}://…@" if "://" in start else "…@" if start else "") + rest.partition("?")[0]
    )


def place_of(url: str) -> str:
    """An address without the name and password that may stand in it."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path.rstrip("/"), "", ""))
