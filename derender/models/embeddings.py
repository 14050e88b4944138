"""Pictures with words as vectors: what stands in front of a model that embeds both, at an endpoint or here.

Every encoder is shown a picture and a text that may be empty, and gives one vector of length 1. What can't be embedded
is an error in its place, so that one odd picture costs no other its vector.
"""

import asyncio
import io
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from derender.core import DerenderError, UserError

from .chat import ImagePart, Message, one_line
from .completions import sent
from .errors import ModelError
from .openai import OpenAIModel, place_of
from .transformers import DEVICE, TransformersModel, checkpoint_folder, library, processor_of
from .waiting import wait

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import openai

    Vector: TypeAlias = npt.NDArray[np.float32]

_AT_ONCE = 8


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """What an encoder is shown.

    Attributes:
        pixels: height × width × 3.
        text: beside it; may be empty.
    """

    pixels: "npt.NDArray[np.uint8]"
    text: str = ""


class Encoder(Protocol):
    """Makes vectors of pictures with a text."""

    @property
    def fingerprint(self) -> str:
        """What the vectors depend on beside what is shown."""

    def ready(self) -> None:
        """Load what is needed.

        Raises:
            Missing: weights, or what runs them, are absent.
            UserError: there is no such model.
        """

    def vectors(self, shown: Sequence[Shown]) -> "list[Vector | DerenderError]":
        """A vector of length 1 for each, or why there is none."""


@dataclass(frozen=True)
class OpenAIEncoder(OpenAIModel):
    """A model at an endpoint that takes talks with pictures for embedding, as vLLM's ``/v1/embeddings`` does.

    Attributes:
        instruction: what the system's message says.
    """

    instruction: str = ""

    @property
    def fingerprint(self) -> str:
        """Model, address and instruction."""
        return f"{self.identity} embedding, told: {self.instruction}"

    def ready(self) -> None:
        """Nothing is loaded here."""

    def vectors(self, shown: Sequence[Shown]) -> "list[Vector | DerenderError]":
        """A request for each, some at once."""
        return wait(self._vectors(shown))

    async def _vectors(self, shown: Sequence[Shown]) -> "list[Vector | DerenderError]":
        found = await asyncio.gather(*(self._vector(each) for each in shown), return_exceptions=True)
        for each in found:
            # Whatever is no ModelError concerns all of them.
            if isinstance(each, BaseException) and not isinstance(each, ModelError):
                raise each
        return [each for each in found if not isinstance(each, BaseException) or isinstance(each, ModelError)]

    async def _vector(self, shown: Shown) -> "Vector":
        client, slots = self._line
        where = place_of(str(client.base_url))
        talk = [sent(Message.system(self.instruction)), sent(Message.user(*_parts(shown)))]
        async with slots:
            text = await self._try(partial(self._embedded, client, where, talk), None)
        return unit(_numbers(text, where))

    async def _embedded(self, client: "openai.AsyncOpenAI", where: str, talk: list[dict[str, Any]]) -> str:
        from openai import omit

        async with self._failures(client, where), asyncio.timeout(self.timeout_s):
            raw = await client.embeddings.with_raw_response.create(
                model=self.name,
                # The talk takes its place.
                input=omit,  # type: ignore[arg-type]
                encoding_format="float",
                extra_body={"messages": talk, "add_generation_prompt": True},
            )
        return raw.text


@dataclass(frozen=True)
class TransformersEncoder:
    """A checkpoint that transformers can load, embedding by the last token's state, as Qwen3-VL-Embedding does.

    Attributes:
        checkpoint: a folder, or a name in Hugging Face's cache. Nothing is downloaded.
        instruction: what the system's message says.
        batch: how many go through the model at once.
    """

    checkpoint: str
    instruction: str = ""
    batch: int = _AT_ONCE

    @cached_property
    def fingerprint(self) -> str:
        """The checkpoint's files and the instruction."""
        return f"{TransformersModel(self.checkpoint).identity} last token, told: {self.instruction}"

    def ready(self) -> None:
        """Load the checkpoint."""
        _ = self.fingerprint, self._loaded

    def vectors(self, shown: Sequence[Shown]) -> "list[Vector | DerenderError]":
        """Through the model, some at once; those of a batch that fails one by one."""
        found: list[Vector | DerenderError] = []
        for start in range(0, len(shown), self.batch):
            chunk = shown[start : start + self.batch]
            together = self._or_error(chunk)
            if isinstance(together, DerenderError) and len(chunk) > 1:
                for each in chunk:
                    alone = self._or_error([each])
                    found += [alone] if isinstance(alone, DerenderError) else alone
            else:
                found += [together] if isinstance(together, DerenderError) else together
        return found

    def _or_error(self, shown: Sequence[Shown]) -> "list[Vector] | DerenderError":
        try:
            return self._run(shown)
        except (RuntimeError, ValueError, TypeError, LookupError) as error:
            # What models' own code raises for pictures they can't take, and for want of memory.
            return ModelError(f"{self.checkpoint} failed: {type(error).__name__}: {one_line(error)}")

    def _run(self, shown: Sequence[Shown]) -> "list[Vector]":
        model, processor = self._loaded
        torch = library("torch")
        inputs = processor.apply_chat_template(
            [_talk(self.instruction, each) for each in shown],
            add_generation_prompt=True,
            tokenize=True,
            return_dict=True,
            return_tensors="pt",
            processor_kwargs={"padding": True, "padding_side": "left"},
        ).to(model.device)
        with torch.inference_mode():
            # Padded on the left, so that the last token is each one's own.
            states = model(**inputs).last_hidden_state[:, -1].float().cpu().numpy()
        return [unit(state) for state in states]

    @cached_property
    def _loaded(self) -> tuple[Any, Any]:
        torch, transformers = library("torch"), library("transformers")
        transformers.utils.logging.disable_progress_bar()
        # It would tell at length that nobody wants the words' own end of the model.
        transformers.utils.logging.set_verbosity_error()
        folder = checkpoint_folder(self.checkpoint)
        device = os.environ.get(DEVICE) or ("cuda" if torch.cuda.is_available() else "cpu")
        try:
            model = transformers.AutoModel.from_pretrained(
                folder, dtype="auto", use_safetensors=True, local_files_only=True
            )
            processor = processor_of(folder, model)
        except (OSError, ValueError, LookupError, RuntimeError) as error:
            raise UserError(f"{folder}: is no checkpoint of a model that sees: {one_line(error)}") from None
        return model.to(device).eval(), processor


def unit(vector: "npt.ArrayLike") -> "Vector":
    """A vector brought to length 1.

    Raises:
        ModelError: it has no length, or holds what is no number.
    """
    import numpy as np

    numbers = np.asarray(vector, np.float64).ravel()
    length = float(np.linalg.norm(numbers))
    if not 0 < length < float("inf"):
        raise ModelError("the vector has no direction: all of it is 0, or some of it no number")
    return (numbers / length).astype(np.float32)


def _numbers(text: str, where: str) -> list[float]:
    """The vector in an endpoint's answer."""
    try:
        numbers = json.loads(text)["data"][0]["embedding"]
        return [float(number) for number in numbers]
    except (ValueError, TypeError, LookupError, OverflowError, RecursionError):
        raise ModelError(f"{where} answered without a vector: does it embed talks, as vLLM does?") from None


def _parts(shown: Shown) -> tuple[str | ImagePart, ...]:
    from PIL import Image

    buffer = io.BytesIO()
    # As large as it is: how much of it is looked at, the model decides.
    Image.fromarray(shown.pixels).save(buffer, "PNG")
    return (ImagePart(buffer.getvalue()), shown.text) if shown.text else (ImagePart(buffer.getvalue()),)


def _talk(instruction: str, shown: Shown) -> list[dict[str, Any]]:
    """What is shown as chat templates take it."""
    from PIL import Image

    content: list[dict[str, Any]] = [{"type": "image", "image": Image.fromarray(shown.pixels)}]
    content += [{"type": "text", "text": shown.text}] if shown.text else []
    return [
        {"role": "system", "content": [{"type": "text", "text": instruction}]},
        {"role": "user", "content": content},
    ]
