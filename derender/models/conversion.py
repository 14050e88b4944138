"""A picture into a program: asked of a model, rendered, and scored against the picture."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, overload, runtime_checkable

from derender.core import BadPicture, Language, Program, Rendering, UnknownName, UserError
from derender.render import Engine, RenderOptions, shared_engine

from .chat import ChatModel
from .drafts import conversion, program_in
from .loading import NAMES, load_chat_model
from .traced import LANGUAGES, shared_trace
from .waiting import wait

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

TARGETS = LANGUAGES
"""Languages that a picture can be turned into offline; models that are asked write the others too."""


class Model(Protocol):
    """Turns pictures into programs. Used from several threads at once."""

    def convert(self, image: "NDArray[np.uint8]", target: Language) -> Program:
        """The program of a picture, given as height x width x 3 or 4.

        Raises:
            NoProgram: the model answered without a program.
            ModelError: the model could not be reached, or refused.
        """
        ...


@runtime_checkable
class TalkingModel(Model, Protocol):
    """A model whose answer says more than the program in it."""

    def reply(self, image: "NDArray[np.uint8]", target: Language) -> str:
        """The whole answer; raises what `convert` raises."""
        ...


@dataclass(frozen=True, slots=True)
class Conversion:
    """What became of a picture, or of a request in words.

    Attributes:
        program: what the model wrote.
        rendering: what running it gave.
        scores: metric → part → how the rendering compares with the picture; empty when there is no rendering, or no
            picture to compare with.
        unscored: metric → why there is no score.
        reply: the model's whole answer; None for a model that writes programs and nothing else.
        model_s: seconds the model took.
    """

    program: Program
    rendering: Rendering
    scores: Mapping[str, Mapping[str, float | None]] = field(default_factory=dict)
    unscored: Mapping[str, str] = field(default_factory=dict)
    reply: str | None = None
    model_s: float = 0.0


def convert(
    image: "str | Path | Image | NDArray[Any]",
    to: Language | str = Language.SVG,
    model: str | Model | ChatModel = "trace",
    *,
    base_url: str | None = None,
) -> Conversion:
    """Turn a picture into a program, render it, and score the rendering against the picture.

    Args:
        image: a file, a PIL image, or an array of height x width (x 3 or 4) bytes.
        to: ``svg``, ``python`` or ``html``; any language where the model is asked.
        model: ``trace``, which works offline; ``openai/NAME`` for a model behind an OpenAI-compatible endpoint;
            ``hf/CHECKPOINT`` on this machine; ``replay/PATH`` for recorded answers; or any object with the
            methods of `Model` or `ChatModel`.
        base_url: the endpoint of an ``openai/`` model.

    Raises:
        UserError: the picture can't be used, or there is no such language or model.
        NoProgram: the model answered without a program.
        ModelError: the model could not be reached, or refused.
        Missing: the model needs a package that is not installed.
    """
    chosen = load_model(model, base_url) if isinstance(model, str) else model
    target = parse_target(to, chosen)
    return convert_picture(chosen, shared_engine(), as_array(image), target)


def convert_picture(
    model: Model | ChatModel,
    engine: Engine,
    image: "NDArray[np.uint8]",
    target: Language,
    *,
    metrics: Sequence[str] | None = None,
    options: RenderOptions | None = None,
    item: str | None = None,
) -> Conversion:
    """`convert` with an engine and a model at hand; ``item`` is what recorded answers are found by."""
    from derender.metrics import score

    started = time.monotonic()
    program, reply = _ask(model, image, target, item)
    model_s = time.monotonic() - started
    rendering = engine.render(program, options or drawing_options(image, target))
    scores = score(image, rendering, metrics)
    return Conversion(program, rendering, scores.scores, scores.unscored, reply, model_s)


def _ask(
    model: Model | ChatModel, image: "NDArray[np.uint8]", target: Language, item: str | None
) -> tuple[Program, str | None]:
    """The model's program, and its whole answer where it gives one."""
    if isinstance(model, ChatModel):
        answer = wait(model.ask(conversion(image, target).messages, item=item))
        return program_in(answer.said(), target, answer.model), answer.said()
    if not isinstance(model, TalkingModel):
        return model.convert(image, target), None
    reply = model.reply(image, target)
    return program_in(reply, target, "the model"), reply


def drawing_options(image: "NDArray[np.uint8]", target: Language) -> RenderOptions:
    """A page is drawn in a viewport as large as the picture; other programs know their size."""
    if target is not Language.HTML:
        return RenderOptions()
    height, width = image.shape[:2]
    return RenderOptions(width=width, height=height)


@overload
def load_model(name: Literal["trace"], base_url: None = None) -> Model: ...
@overload
def load_model(name: str, base_url: str | None = None) -> Model | ChatModel: ...
def load_model(name: str, base_url: str | None = None) -> Model | ChatModel:
    """The model of a name: ``trace``, or one of `NAMES`.

    Raises:
        UserError: there is no such model, or it takes no endpoint.
        Missing: it needs a package that is not installed.
    """
    if name == "trace":
        if base_url is not None:
            raise UserError("the model trace works offline: leave out the base URL")
        return shared_trace()
    if name.partition("/")[0] not in {known.partition("/")[0] for known in NAMES}:
        raise UnknownName("model", name, ("trace", *NAMES))
    return load_chat_model(name, base_url)


def parse_target(name: Language | str, model: Model | ChatModel | None = None) -> Language:
    """The language a picture is to be turned into, by a model.

    Raises:
        UserError: no such language, or none that the model writes.
    """
    language = Language.parse(name)
    if language not in TARGETS and not isinstance(model, ChatModel):
        only = ", ".join(TARGETS)
        raise UserError(f"a picture can't be turned into {language} without asking a model: use one of {only}")
    return language


def as_array(image: "str | Path | Image | NDArray[Any]") -> "NDArray[np.uint8]":
    """A picture as bytes, height x width x 3 or 4.

    Raises:
        BadPicture: it can't be used as one.
    """
    import numpy as np
    from PIL.Image import Image

    from derender.core.pictures import read_picture

    if isinstance(image, str | Path):
        return read_picture(Path(image))
    if isinstance(image, Image):
        transparent = image.has_transparency_data
        return np.asarray(image.convert("RGBA" if transparent else "RGB"))
    if image.dtype != np.uint8 or image.size == 0:
        raise BadPicture(f"a picture must be a non-empty array of uint8, not {image.dtype} {image.shape}")
    if image.ndim == 2:
        return np.repeat(image[:, :, None], 3, axis=2)
    if image.ndim != 3 or image.shape[2] not in {3, 4}:
        raise BadPicture(f"a picture must be height x width x 3 or 4, not {' x '.join(map(str, image.shape))}")
    return image
