"""Checkpoints on this machine, run by transformers: Qwen2.5-VL, Qwen3-VL and whatever else reads pictures there."""

import asyncio
import hashlib
import os
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from derender.core import Missing, UserError
from derender.core.pictures import flatten, read_picture

from .chat import Answer, ImagePart, Message, Sample, Sampling, Usage, one_line
from .errors import ModelError

if TYPE_CHECKING:
    from PIL.Image import Image

DEFAULT_TOKENS = 4096
"""How long an answer may be where nobody says."""
DEVICE = "DERENDER_DEVICE"
"""Environment variable: such as ``cuda:1`` or ``cpu``; by default a GPU if there is one."""
_ENDS_BYTES = 1 << 16
"""How much of both ends of a file of weights tells it from others."""
_INSTALL = "pip install torch torchvision 'derender[perceptual]'"


@dataclass(frozen=True, slots=True)
class _Loaded:
    """A checkpoint in memory."""

    model: Any
    processor: Any
    ends: frozenset[int]


@dataclass(frozen=True)
class TransformersModel:
    """A checkpoint by its folder, or by its name where Hugging Face's cache has it; a `ChatModel`.

    It is loaded when first asked, and answers one request after the other. Of `Sampling`, ``schema`` and
    ``reasoning_effort`` are passed over; of ``extra``, ``chat_template_kwargs`` go to the chat template.

    Raises:
        UserError: there is no such checkpoint here.
    """

    checkpoint: str

    def __post_init__(self) -> None:
        if not (self._folder / "config.json").is_file():
            raise UserError(f"{self._folder}: is no checkpoint: it has no config.json")

    def __getstate__(self) -> dict[str, Any]:
        # What was opened or loaded stays with this process.
        return {each.name: getattr(self, each.name) for each in fields(self)}

    @property
    def name(self) -> str:
        """``hf/`` and the checkpoint's name."""
        given = Path(self.checkpoint)
        return f"hf/{given.name if given.is_dir() else self.checkpoint}"

    @cached_property
    def identity(self) -> str:
        """A hash of the checkpoint's files: the small ones' content, names, sizes and both ends of the others."""
        digest = hashlib.sha256()
        for path in sorted(self._folder.iterdir()):
            if path.suffix in {".json", ".jinja", ".safetensors"}:
                digest.update(f"{path.name} {path.stat().st_size}\n".encode())
                for part in _ends(path):
                    digest.update(part)
        return f"transformers {digest.hexdigest()}"

    async def ask(
        self,
        messages: Sequence[Message],
        sampling: Sampling | None = None,
        *,
        deadline: float | None = None,
        item: str | None = None,
    ) -> Answer:
        """The answer to a talk; broken off at the deadline, or when nobody waits for it any more.

        Raises:
            ModelError: the checkpoint can't answer that, or not in time.
            UserError: it is none of a model that sees.
            Missing: PyTorch or transformers are not installed.
        """
        gone = threading.Event()
        work = asyncio.get_running_loop().run_in_executor(
            self._thread, self._answer, messages, sampling or Sampling(), gone
        )
        try:
            # The loop's clock is `time.monotonic`.
            async with asyncio.timeout_at(deadline):
                return await work
        except TimeoutError:
            raise ModelError(f"{self.name} did not answer before the deadline") from None
        finally:
            gone.set()

    def _answer(self, messages: Sequence[Message], sampling: Sampling, gone: threading.Event) -> Answer:
        started = time.monotonic()
        loaded = self._loaded
        with self._failures():
            inputs = _inputs(loaded, messages, sampling.extra.get("chat_template_kwargs") or {})
            sent = int(inputs["input_ids"].shape[1])
            made = [_sample(loaded, inputs, sampling.after(index), gone) for index in range(sampling.n)]
        usage = Usage(sent * sampling.n, sum(count for _, count in made))
        samples = tuple(sample for sample, _ in made)
        return Answer(samples, self.name, usage, elapsed_s=time.monotonic() - started)

    @contextmanager
    def _failures(self) -> Iterator[None]:
        from jinja2 import TemplateError

        try:
            yield
        except (RuntimeError, ValueError, TypeError, LookupError, TemplateError) as error:
            # What models' own code and templates raise for messages they can't take, and for want of memory.
            raise ModelError(f"{self.name} failed: {type(error).__name__}: {one_line(error)}") from error

    @cached_property
    def _folder(self) -> Path:
        return checkpoint_folder(self.checkpoint)

    @cached_property
    def _thread(self) -> ThreadPoolExecutor:
        # Two at once would share the device's memory and be no quicker.
        return ThreadPoolExecutor(1, thread_name_prefix="derender-transformers")

    @cached_property
    def _loaded(self) -> _Loaded:
        torch, transformers = library("torch"), library("transformers")
        transformers.utils.logging.disable_progress_bar()
        device = os.environ.get(DEVICE) or ("cuda" if torch.cuda.is_available() else "cpu")
        try:
            # Weights of other formats may hold programs.
            model = transformers.AutoModelForImageTextToText.from_pretrained(
                self._folder, dtype="auto", use_safetensors=True, local_files_only=True
            )
            processor = processor_of(self._folder, model)
        except (OSError, ValueError, LookupError, RuntimeError) as error:
            raise UserError(f"{self._folder}: is no checkpoint of a model that sees: {one_line(error)}") from None
        model = model.to(device).eval()
        return _Loaded(model, processor, _ends_of(model))


def library(name: str) -> Any:  # noqa: ANN401 - a module
    """A module that is needed only here.

    Raises:
        Missing: its package is not installed.
    """
    try:
        return import_module(name)
    except ImportError:
        raise Missing(f"the package {name.partition('.')[0]}", _INSTALL) from None


def checkpoint_folder(name: str) -> Path:
    """The folder of a checkpoint: the one that is named, or that in Hugging Face's cache.

    Raises:
        UserError: there is neither.
    """
    if (given := Path(name)).is_dir():
        return given
    hub, errors = library("huggingface_hub"), library("huggingface_hub.errors")
    try:
        return Path(hub.snapshot_download(name, local_files_only=True))
    except errors.HFValidationError:
        raise UserError(f"{name}: there is no such folder") from None
    except errors.LocalEntryNotFoundError:
        raise UserError(f"{name}: is neither a folder nor in Hugging Face's cache; run `hf download {name}`") from None


def _ends(path: Path) -> Iterator[bytes]:
    """A file's content, or both ends of a large one."""
    with path.open("rb") as file:
        if path.suffix != ".safetensors" or path.stat().st_size <= 2 * _ENDS_BYTES:
            yield file.read()
            return
        yield file.read(_ENDS_BYTES)
        file.seek(-_ENDS_BYTES, os.SEEK_END)
        yield file.read()


def processor_of(folder: Path, model: Any) -> Any:  # noqa: ANN401 - transformers' own classes
    """What makes a model's inputs of a talk."""
    transformers = library("transformers")
    if find_spec("torchvision") is not None:
        return transformers.AutoProcessor.from_pretrained(folder, local_files_only=True)
    # Without torchvision no processor of films can be made, and pictures don't need one.
    kind: Any = library("transformers.models.auto.processing_auto").PROCESSOR_MAPPING[type(model.config)]

    class WithoutFilms(kind):  # type: ignore[misc]
        def check_argument_for_proper_class(self, name: str, argument: object) -> Any:  # noqa: ANN401
            if name == "video_processor" and argument is None:
                return type(None)
            return super().check_argument_for_proper_class(name, argument)

    tokenizer = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
    pictures = transformers.AutoImageProcessor.from_pretrained(folder, local_files_only=True)
    return WithoutFilms(image_processor=pictures, tokenizer=tokenizer, chat_template=tokenizer.chat_template)


def _ends_of(model: Any) -> frozenset[int]:  # noqa: ANN401
    """The tokens that end an answer."""
    end = model.generation_config.eos_token_id
    return frozenset(end if isinstance(end, list) else [] if end is None else [end])


def _inputs(loaded: _Loaded, messages: Sequence[Message], options: Mapping[str, Any]) -> Any:  # noqa: ANN401
    """A talk as the model takes it, on the model's device."""
    talk = [{"role": message.role.value, "content": [_part(part) for part in message.parts]} for message in messages]
    inputs = loaded.processor.apply_chat_template(
        talk, add_generation_prompt=True, tokenize=True, return_dict=True, return_tensors="pt", **options
    )
    return inputs.to(loaded.model.device)


def _part(part: str | ImagePart) -> "dict[str, str | Image]":
    if isinstance(part, str):
        return {"type": "text", "text": part}
    from PIL import Image

    return {"type": "image", "image": Image.fromarray(flatten(read_picture(part.content)))}


def _sample(loaded: _Loaded, inputs: Any, sampling: Sampling, gone: threading.Event) -> tuple[Sample, int]:  # noqa: ANN401
    """One answer, and its tokens."""
    torch = library("torch")

    def nobody_waits(tokens: Any, _scores: object) -> Any:  # noqa: ANN401
        return torch.full((tokens.shape[0],), gone.is_set(), device=tokens.device)

    if gone.is_set():
        return Sample("", "cancelled"), 0
    limit = sampling.max_tokens or DEFAULT_TOKENS
    options = {**_chances(sampling), "max_new_tokens": limit, "stopping_criteria": [nobody_waits]}
    if sampling.stop:
        options |= {"stop_strings": list(sampling.stop), "tokenizer": loaded.processor.tokenizer}
    with torch.inference_mode(), _seeded(sampling.seed):
        made = loaded.model.generate(**inputs, **options)[0, inputs["input_ids"].shape[1] :]
    tokens = made.tolist()
    text = loaded.processor.tokenizer.decode(tokens, skip_special_tokens=True)
    ends = [at for at in map(text.find, sampling.stop) if at >= 0]
    ended = bool(ends) or bool(tokens and tokens[-1] in loaded.ends)
    return Sample(text[: min(ends, default=len(text))], "stop" if ended else "length"), len(tokens)


def _chances(sampling: Sampling) -> dict[str, Any]:
    """How tokens are drawn, in transformers' words; what is not said is left to the checkpoint."""
    if sampling.temperature == 0:
        return {"do_sample": False, "temperature": None, "top_p": None, "top_k": None}
    said = {"temperature": sampling.temperature, "top_p": sampling.top_p}
    known = {name: value for name, value in said.items() if value is not None}
    return {"do_sample": True, **known} if known else {}


@contextmanager
def _seeded(seed: int | None) -> Iterator[None]:
    """Within, chance begins with the seed; outside, it goes on as if nothing had been drawn."""
    if seed is None:
        yield
        return
    torch = library("torch")
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        yield
