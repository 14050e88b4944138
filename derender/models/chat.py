"""Talking to models that see: messages with pictures in, texts and what they cost out.

`ChatModel` is all that judges, agents and benchmarks know of a model. Endpoints, caches, ledgers and replays are each
one, and those that add something to another are put around it: ``Metered(Cached(OpenAIModel("m"), store), ledger)``.
"""

import hashlib
import io
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol, Self, runtime_checkable

from derender.core import UserError

from .errors import NoAnswer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAX_SIDE = 2048
"""Pixels of the longer side of a picture made from pixels; larger ones are scaled down."""
_MEDIA_TYPES = {
    b"\x89PNG": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
    b"RIFF": "image/webp",
}
_KEY_FORMAT = "chat/1"


class Role(StrEnum):
    """Who says a message."""

    SYSTEM = "system"
    """Whoever sets the rules."""
    USER = "user"
    """Whoever asks."""
    ASSISTANT = "assistant"
    """The model."""


@dataclass(frozen=True, slots=True)
class ImagePart:
    """A picture in a message, as the bytes of its file.

    Attributes:
        content: PNG, JPEG, WebP or GIF; sent as it is.
        media_type: such as ``image/png``.
    """

    content: bytes = field(repr=False)
    media_type: str = "image/png"

    @classmethod
    def of_file(cls, content: bytes) -> Self:
        """A picture file's bytes; their first ones say what it is.

        Raises:
            UserError: they are none that models take.
        """
        for signature, media_type in _MEDIA_TYPES.items():
            if content.startswith(signature):
                return cls(content, media_type)
        raise UserError("a model takes PNG, JPEG, WebP and GIF files only; bring the picture into one of these")

    @classmethod
    def of_pixels(cls, pixels: "NDArray[np.uint8]") -> Self:
        """Height × width × 3 or 4 bytes as PNG, scaled down where a side is longer than `MAX_SIDE`."""
        from PIL import Image

        picture = Image.fromarray(pixels)
        picture.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
        buffer = io.BytesIO()
        picture.save(buffer, "PNG")
        return cls(buffer.getvalue())


@dataclass(frozen=True, slots=True)
class Message:
    """What one side says: texts and pictures, in order."""

    role: Role
    parts: tuple[str | ImagePart, ...]

    @classmethod
    def system(cls, text: str) -> Self:
        """The rules of the talk."""
        return cls(Role.SYSTEM, (text,))

    @classmethod
    def user(cls, *parts: str | ImagePart) -> Self:
        """A question."""
        return cls(Role.USER, parts)

    @classmethod
    def assistant(cls, text: str) -> Self:
        """What the model said before."""
        return cls(Role.ASSISTANT, (text,))


@dataclass(frozen=True, slots=True)
class Sampling:
    """How to answer. What is None is left to the endpoint.

    Attributes:
        n: answers wanted.
        temperature: 0 is the most likely answer.
        top_p: share of the likeliest tokens drawn from.
        max_tokens: of one answer, its thoughts included.
        seed: makes answers repeatable where the endpoint can; the i-th answer's is ``seed + i`` where each is asked
            for by itself.
        stop: texts that end an answer.
        reasoning_effort: such as ``low``; for endpoints that know it.
        schema: JSON Schema that the answer must follow; for endpoints that know how to.
        extra: further fields of the request's body, such as ``{"chat_template_kwargs": {"enable_thinking": False}}``.
            They are part of the content key, so no place for secrets.

    Raises:
        UserError: ``n`` or ``max_tokens`` is less than one, or temperature or ``top_p`` out of range.
    """

    n: int = 1
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()
    reasoning_effort: str | None = None
    schema: Mapping[str, Any] | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.n < 1:
            raise UserError(f"at least one answer must be asked for, not {self.n}")
        if self.max_tokens is not None and self.max_tokens < 1:
            raise UserError(f"an answer needs at least one token, not {self.max_tokens}")
        if self.temperature is not None and not 0 <= self.temperature < math.inf:
            raise UserError(f"a temperature is 0 or more, not {self.temperature:g}")
        if self.top_p is not None and not 0 <= self.top_p <= 1:
            raise UserError(f"top_p is a share from 0 to 1, not {self.top_p:g}")

    def after(self, done: int) -> "Sampling":
        """What is left to ask for when the first ``done`` answers are there."""
        return replace(self, n=self.n - done, seed=None if self.seed is None else self.seed + done)

    def parameters(self) -> dict[str, Any]:
        """All that shapes one answer, what is left to the endpoint left out, as JSON can hold it."""
        values = {
            "temperature": self.temperature,
            "top_p": self.top_p,
            "max_tokens": self.max_tokens,
            "seed": self.seed,
            "stop": list(self.stop) or None,
            "reasoning_effort": self.reasoning_effort,
            "schema": self.schema,
            "extra": dict(self.extra) or None,
        }
        return {name: value for name, value in values.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens, as the endpoint counted them.

    Attributes:
        input_tokens: all that was sent, pictures included.
        output_tokens: all that was written, thoughts included.
        cached_tokens: those of the input that the endpoint had at hand, for which many ask less.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.cached_tokens + other.cached_tokens,
        )


@dataclass(frozen=True, slots=True)
class Sample:
    """One answer of the model.

    Attributes:
        text: what it wrote; may be empty.
        finish: why it ended, in the endpoint's word: ``stop``, ``length``, ``content_filter`` …
        refusal: what it said where it would not answer.
        thoughts: what it thought, where the endpoint tells that apart.
    """

    text: str
    finish: str | None = "stop"
    refusal: str | None = None
    thoughts: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for one request.

    Attributes:
        samples: one or more, as many as were asked for.
        model: the model's name.
        usage: tokens that were spent on it now; None where the endpoint does not say.
        saved: tokens that were spent on those of the samples that came out of a cache.
        elapsed_s: seconds from its being sent, without the wait for its turn.
        cached: how many of the samples came out of a cache.
    """

    samples: tuple[Sample, ...]
    model: str
    usage: Usage | None = None
    saved: Usage | None = None
    elapsed_s: float = 0.0
    cached: int = 0

    def said(self, index: int = 0) -> str:
        """The text of a sample.

        Raises:
            NoAnswer: the model refused, or wrote nothing; one sentence.
        """
        sample = self.samples[index]
        if sample.text.strip():
            return sample.text
        if sample.refusal:
            raise NoAnswer(f"{self.model} refused: {one_line(sample.refusal)}", sample.text)
        why = (
            "it used all its tokens for thinking" if sample.finish == "length" else f"it stopped for {sample.finish!r}"
        )
        raise NoAnswer(f"{self.model} said nothing: {why}", sample.text)


@runtime_checkable
class ChatModel(Protocol):
    """Answers messages. May be asked from many tasks, event loops and threads at once."""

    @property
    def name(self) -> str:
        """What reports call the model."""
        ...

    @property
    def identity(self) -> str:
        """What its answers depend on besides the request: model and place, no secrets."""
        ...

    async def ask(
        self,
        messages: Sequence[Message],
        sampling: Sampling | None = None,
        *,
        deadline: float | None = None,
        item: str | None = None,
    ) -> Answer:
        """The answer to a talk.

        Args:
            messages: what was said so far.
            sampling: how to answer; by default once, and all else as the endpoint likes it.
            deadline: when to give up, as `time.monotonic` tells time; waiting for others and tries are included.
            item: what the caller calls the thing it asks about. Recorded answers are found by it; no part of the
                content key.

        Raises:
            ModelError: there is no answer; not the model's fault.
        """
        ...


@runtime_checkable
class Forgetful(Protocol):
    """A `ChatModel` that keeps answers, or has one that does inside, and can let go of them."""

    async def forget(self, messages: Sequence[Message], sampling: Sampling | None = None) -> None:
        """Let go of what is kept of a talk, so that it is asked anew the next time."""
        ...


async def forget(model: ChatModel, messages: Sequence[Message], sampling: Sampling | None = None) -> None:
    """Have a model let go of answers that were found to be of no use, if it keeps any."""
    if isinstance(model, Forgetful):
        await model.forget(messages, sampling)


def request_key(messages: Sequence[Message], sampling: Sampling, index: int = 0) -> str:
    """Content key of one answer: 64 hexadecimal digits, equal exactly when messages, parameters and index are.

    Pictures count by their bytes. How many answers are wanted at once, deadlines and keys are no part of it.
    """
    said = [[message.role.value, [_part_key(part) for part in message.parts]] for message in messages]
    parts = [_KEY_FORMAT, said, sampling.parameters(), index]
    # A lone surrogate, which models do write, has no bytes in UTF-8; JSON's escapes keep it.
    return hashlib.sha256(json.dumps(parts, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def _part_key(part: str | ImagePart) -> list[str]:
    if isinstance(part, str):
        return ["text", part]
    return ["image", part.media_type, hashlib.sha256(part.content).hexdigest()]


def one_line(said: object) -> str:
    """What came from elsewhere as one short line."""
    return " ".join(str(said).split())[:300]
