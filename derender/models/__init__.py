"""Models that see, and what is made with them: programs of pictures and of words, rendered and scored."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .chat import Answer, ChatModel, ImagePart, Message, Role, Sample, Sampling, Usage, request_key
    from .conversion import Conversion, Model, convert, convert_picture, load_model
    from .errors import ModelError, NoAnswer, NotRecorded
    from .openai import OpenAIModel
    from .waiting import wait

_HOMES = {
    "chat": ("Answer", "ChatModel", "ImagePart", "Message", "Role", "Sample", "Sampling", "Usage", "request_key"),
    "conversion": ("Conversion", "Model", "convert", "convert_picture", "load_model"),
    "errors": ("ModelError", "NoAnswer", "NotRecorded"),
    "openai": ("OpenAIModel",),
    "waiting": ("wait",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Answer",
    "ChatModel",
    "Conversion",
    "ImagePart",
    "Message",
    "Model",
    "ModelError",
    "NoAnswer",
    "NotRecorded",
    "OpenAIModel",
    "Role",
    "Sample",
    "Sampling",
    "Usage",
    "convert",
    "convert_picture",
    "load_model",
    "request_key",
    "wait",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the name stands for
    # The models' own modules lie below here, and must not wait for the engine to be imported.
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module 'derender.models' has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{home}"), name)
