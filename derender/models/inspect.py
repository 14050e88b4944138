"""Any provider of Inspect's as a `ChatModel`: by name from anywhere, or the model that a running task was given."""

import asyncio
import base64
import hashlib
import json
from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from derender.core import DerenderError, Missing, UserError

from .chat import Answer, ChatModel, ImagePart, Message, Role, Sample, Sampling, Usage, one_line
from .errors import ModelError
from .records import read_usage, usage_row
from .waiting import in_background

if TYPE_CHECKING:
    from inspect_ai.model import ChatMessage, Content, GenerateConfig, Model, ModelOutput

TIMEOUT_S = 300
"""Seconds that one try may take."""
RETRIES = 8
"""How often Inspect repeats a request that may succeed later."""
asked_about: ContextVar[str | None] = ContextVar("asked_about", default=None)
"""What the caller calls the thing that is being asked about; Inspect's own messages have no room for it."""
_OURS = frozenset({"max_tokens", "top_p", "temperature", "stop_seqs", "seed", "num_choices"})
_OURS |= {"reasoning_effort", "response_schema", "extra_body"}
_WITHOUT_EFFECT = frozenset({"max_retries", "timeout", "attempt_timeout", "stream_idle_timeout", "cache", "batch"})
_WITHOUT_EFFECT |= {"max_connections", "adaptive_connections", "fail_on_refusal"}


@dataclass(frozen=True)
class InspectModel:
    """A model by Inspect's name for it, such as ``anthropic/NAME`` or ``openai-api/SERVICE/NAME``; a `ChatModel`.

    Keys and places come from the environment as Inspect's documentation has them.

    Attributes:
        name: the model's name.
        base_url: the endpoint; None is the provider's own.

    Raises:
        UserError: there is no such provider, or it wants a key or a package.
        Missing: Inspect is not installed.
    """

    name: str
    base_url: str | None = None
    timeout_s: int = TIMEOUT_S
    retries: int = RETRIES

    def __post_init__(self) -> None:
        # A name that means nothing is said at once.
        _ = self._active

    def __getstate__(self) -> dict[str, Any]:
        # What was opened stays with this process.
        return {each.name: getattr(self, each.name) for each in fields(self)}

    @property
    def identity(self) -> str:
        """Name, place and Inspect's own settings; no secrets."""
        return self._active.identity

    async def ask(
        self,
        messages: Sequence[Message],
        sampling: Sampling | None = None,
        *,
        deadline: float | None = None,
        item: str | None = None,
    ) -> Answer:
        """The answer to a talk.

        Raises:
            ModelError: there is none.
        """
        # Connections belong to one event loop, and callers come from many.
        return await in_background(self._active.ask(messages, sampling, deadline=deadline, item=item))

    @property
    def _active(self) -> "ActiveModel":
        found: ActiveModel | None = self.__dict__.get("_held")
        if found is None:
            found = ActiveModel(inspect_model(self.name, self.base_url), self.timeout_s, self.retries)
            self.__dict__["_held"] = found
        return found


@dataclass(frozen=True)
class ActiveModel:
    """A model that Inspect made, asked in the event loop that runs: its events, limits and usage are the task's.

    One that is a `ChatModel` behind an Inspect provider, which has it as ``chat_model``, keeps its name and identity.

    Attributes:
        model: Inspect's.
        timeout_s: seconds that one try may take.
        retries: how often a request is repeated.
    """

    model: "Model" = field(repr=False)
    timeout_s: int | None = TIMEOUT_S
    retries: int | None = RETRIES

    @property
    def inner(self) -> ChatModel | None:
        """The `ChatModel` behind the provider, if there is one."""
        found = getattr(self.model.api, "chat_model", None)
        return found if isinstance(found, ChatModel) else None

    @property
    def name(self) -> str:
        """The model's name."""
        return self.inner.name if self.inner else str(self.model)

    @property
    def identity(self) -> str:
        """Name, place and settings that no `Sampling` has; no secrets."""
        if self.inner:
            return self.inner.identity
        place = _place(self.model.api.base_url or self.model.explicit_base_url or "")
        set_to = self.model.config.model_dump(mode="json", exclude_none=True, exclude={*_OURS, *_WITHOUT_EFFECT})
        settings = {"config": set_to, "args": {name: repr(value) for name, value in self.model.model_args.items()}}
        said = json.dumps(settings, sort_keys=True)
        # Settings may hold headers with a key.
        mark = f" {hashlib.sha256(said.encode()).hexdigest()[:16]}" if any(settings.values()) else ""
        return f"inspect {self.name} {place}{mark}".rstrip()

    async def ask(
        self,
        messages: Sequence[Message],
        sampling: Sampling | None = None,
        *,
        deadline: float | None = None,
        item: str | None = None,
    ) -> Answer:
        """The answer to a talk; where the provider gives fewer answers than asked for, the others are asked for anew.

        Raises:
            ModelError: there is none.
        """
        sampling = sampling or Sampling()
        sent = to_inspect(messages)
        samples: list[Sample] = []
        outputs: list[ModelOutput] = []
        about = asked_about.set(item)
        try:
            # The loop's clock is `time.monotonic`.
            async with asyncio.timeout_at(deadline):
                while len(samples) < sampling.n:
                    config = self._config(sampling.after(len(samples)))
                    output = await self._generate(sent, config)
                    samples += self._samples(output)
                    outputs.append(output)
        except TimeoutError:
            raise ModelError(f"{self.name} did not answer before the deadline") from None
        finally:
            asked_about.reset(about)
        usages = [_usage(output) for output in outputs]
        known = [usage for usage in usages if usage is not None]
        spent = sum(known, Usage()) if len(known) == len(usages) else None
        # Inspect's clock starts when a request is sent; before that it may wait its turn for long.
        elapsed_s = sum(output.time or 0.0 for output in outputs)
        answer = Answer(tuple(samples[: sampling.n]), self.name, spent, elapsed_s=elapsed_s)
        return replace(answer, **read_told(outputs)) if self.inner else answer

    async def _generate(self, sent: "list[ChatMessage]", config: "GenerateConfig") -> "ModelOutput":
        from inspect_ai.util import LimitExceededError

        try:
            return await self.model.generate(sent, config=config)
        except (DerenderError, LimitExceededError, TimeoutError):
            raise
        except Exception as error:  # noqa: BLE001 - every provider has exceptions of its own
            raise ModelError(f"{self.name}: {self._told(error)}") from None

    def _told(self, error: Exception) -> str:
        """What an exception says, without the key."""
        # Inspect's retries wrap what the last of them raised.
        last = getattr(error, "last_attempt", None)
        error = (last and last.exception()) or error
        said = str(getattr(error, "message", None) or error) or type(error).__name__
        for key in (self.model.api.api_key, self.model.api.initial_api_key):
            if key and len(key) > 3:
                said = said.replace(key, "***")
        return one_line(said)

    def _config(self, sampling: Sampling) -> "GenerateConfig":
        config = config_of(sampling)
        if self.inner is None:
            config.max_retries, config.attempt_timeout = self.retries, self.timeout_s
        return config

    def _samples(self, output: "ModelOutput") -> list[Sample]:
        if output.error and not any(choice.message.text for choice in output.choices):
            if output.stop_reason == "content_filter":
                return [Sample("", "content_filter", one_line(output.error))]
            raise ModelError(f"{self.name}: {one_line(output.error)}")
        if not output.choices:
            raise ModelError(f"{self.name} answered without a choice")
        return [_sample(choice) for choice in output.choices]


def require_inspect() -> None:
    """Make sure that Inspect is there.

    Raises:
        Missing: it is not installed.
    """
    try:
        import inspect_ai  # noqa: F401 - whether it is there
    except ImportError:
        raise Missing("the package inspect_ai", "pip install 'derender[bench]'") from None


def to_inspect(messages: Sequence[Message]) -> "list[ChatMessage]":
    """Messages in Inspect's form, pictures as data URLs."""
    from inspect_ai.model import ChatMessageAssistant, ChatMessageSystem, ChatMessageUser

    kinds = {Role.SYSTEM: ChatMessageSystem, Role.USER: ChatMessageUser, Role.ASSISTANT: ChatMessageAssistant}
    found: list[ChatMessage] = []
    for message in messages:
        only = message.parts[0] if len(message.parts) == 1 else None
        content = only if isinstance(only, str) else [_part(part) for part in message.parts]
        found.append(kinds[message.role](content=content))
    return found


def from_inspect(messages: "Sequence[ChatMessage]") -> list[Message]:
    """Messages of Inspect's as ours.

    Raises:
        UserError: they hold what is neither text nor a picture, or a picture that is no data URL.
    """
    found = []
    for message in messages:
        if message.role not in set(Role):
            raise UserError(f"a message of the role {message.role} can't be sent: no tools are used here")
        parts = [message.content] if isinstance(message.content, str) else message.content
        found.append(Message(Role(message.role), tuple(_read_part(part) for part in parts)))
    return found


def config_of(sampling: Sampling) -> "GenerateConfig":
    """How to answer, in Inspect's form."""
    from inspect_ai.model import GenerateConfig, ResponseSchema
    from inspect_ai.util import JSONSchema

    values: dict[str, Any] = sampling.parameters()
    if "stop" in values:
        values["stop_seqs"] = values.pop("stop")
    if "extra" in values:
        values["extra_body"] = values.pop("extra")
    if schema := values.pop("schema", None):
        held_to = JSONSchema.model_validate(schema)
        values["response_schema"] = ResponseSchema(name="answer", json_schema=held_to, strict=True)
    if sampling.n > 1:
        values["num_choices"] = sampling.n
    try:
        return GenerateConfig.model_validate(values)
    except ValueError:
        raise UserError(f"Inspect knows no such way to answer: {values.get('reasoning_effort')!r}") from None


def sampling_of(config: "GenerateConfig") -> Sampling:
    """How Inspect wants to be answered.

    Raises:
        UserError: it wants no answers, or none of any length.
    """
    held_to = config.response_schema
    return Sampling(
        n=config.num_choices or 1,
        temperature=config.temperature,
        top_p=config.top_p,
        max_tokens=config.max_tokens,
        seed=config.seed,
        stop=tuple(config.stop_seqs or ()),
        reasoning_effort=config.reasoning_effort,
        schema=None if held_to is None else held_to.json_schema.model_dump(mode="json", exclude_none=True),
        extra=config.extra_body or {},
    )


def inspect_model(
    name: str, base_url: str | None = None, config: "GenerateConfig | None" = None, *, api_key: str | None = None
) -> "Model":
    """A model of Inspect's by the name that it has there; without a key its provider looks for its own.

    Raises:
        UserError: there is no such provider, or it wants a key or a package.
        Missing: Inspect is not installed.
    """
    require_inspect()
    from inspect_ai._util.error import PrerequisiteError
    from inspect_ai.model import get_model
    from rich.text import Text

    try:
        found = get_model(name, base_url=base_url, api_key=api_key, config=config, memoize=False)
        if base_url:
            # For logs, which must not hold a password or key; the provider has the whole address.
            found._explicit_base_url = _place(base_url)
        return found
    except ImportError as error:
        raise UserError(f"{name} needs a package: {one_line(error)}") from None
    except (PrerequisiteError, ValueError) as error:
        said = Text.from_markup(str(getattr(error, "message", error))).plain.removeprefix("ERROR: ")
        raise UserError(f"Inspect can't ask {name}: {one_line(said)}") from None


def told_of(answer: Answer) -> dict[str, Any]:
    """What a `ChatModel` behind an Inspect provider says of an answer that Inspect's own output has no room for."""
    return {"elapsed_s": answer.elapsed_s, "cached": answer.cached, "saved": usage_row(answer.saved)}


def read_told(outputs: "Sequence[ModelOutput]") -> dict[str, Any]:
    """The same of several outputs together, as fields of an `Answer`."""
    told = [output.metadata or {} for output in outputs]
    saved = [usage for usage in (read_usage({"usage": each["saved"]}) for each in told) if usage is not None]
    return {
        "elapsed_s": sum(each["elapsed_s"] for each in told),
        "cached": sum(each["cached"] for each in told),
        "saved": sum(saved, Usage()) if saved else None,
    }


def _part(part: str | ImagePart) -> "Content":
    from inspect_ai.model import ContentImage, ContentText

    if isinstance(part, str):
        return ContentText(text=part)
    url = f"data:{part.media_type};base64,{base64.b64encode(part.content).decode('ascii')}"
    return ContentImage(image=url, detail="high")


def _read_part(part: Any) -> str | ImagePart:  # noqa: ANN401 - Inspect has a dozen kinds
    if isinstance(part, str):
        return part
    if part.type == "text":
        return str(part.text)
    if part.type != "image":
        raise UserError(f"a message with {part.type} can't be sent: only texts and pictures can")
    head, comma, body = part.image.partition(",")
    media_type = head.removeprefix("data:").partition(";")[0]
    if not comma or not head.startswith("data:") or not head.endswith(";base64"):
        raise UserError("a picture in a message is no data URL")
    return ImagePart(base64.b64decode(body), media_type)


def _sample(choice: Any) -> Sample:  # noqa: ANN401 - Inspect's choice
    parts = choice.message.content if isinstance(choice.message.content, list) else []
    refused = any(part.type == "text" and part.refusal for part in parts)
    thoughts = "".join(part.reasoning for part in parts if part.type == "reasoning" and not part.redacted)
    text = choice.message.text
    if refused:
        return Sample("", choice.stop_reason, text or "no reason given", thoughts)
    finish = "length" if choice.stop_reason in {"max_tokens", "model_length"} else choice.stop_reason
    return Sample(text, finish, None, thoughts)


def _usage(output: "ModelOutput") -> Usage | None:
    said = output.usage
    if said is None:
        return None
    at_hand = said.input_tokens_cache_read or 0
    return Usage(said.input_tokens + at_hand + (said.input_tokens_cache_write or 0), said.output_tokens, at_hand)


def _place(url: str) -> str:
    """An address without name, password and query."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path.rstrip("/"), "", ""))
