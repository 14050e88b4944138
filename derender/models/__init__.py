"""Models that see, and what is made with them: programs of pictures and of words, rendered and scored."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .cache import Cached, answer_store
    from .chat import Answer, ChatModel, ImagePart, Message, Role, Sample, Sampling, Usage, request_key
    from .conversion import Conversion, Model, convert, convert_picture, load_model
    from .errors import ModelError, NoAnswer, NotRecorded
    from .extended import Extended
    from .health import Health, check
    from .inspect import ActiveModel, InspectModel
    from .ledger import Ledger, Metered, Price, read_prices
    from .loading import load_chat_model
    from .openai import OpenAIModel
    from .replay import Recorded, Replay
    from .traced import Traced
    from .transformers import TransformersModel
    from .waiting import wait
    from .writing import edit, generate

_HOMES = {
    "cache": ("Cached", "answer_store"),
    "chat": ("Answer", "ChatModel", "ImagePart", "Message", "Role", "Sample", "Sampling", "Usage", "request_key"),
    "conversion": ("Conversion", "Model", "convert", "convert_picture", "load_model"),
    "errors": ("ModelError", "NoAnswer", "NotRecorded"),
    "extended": ("Extended",),
    "health": ("Health", "check"),
    "inspect": ("ActiveModel", "InspectModel"),
    "ledger": ("Ledger", "Metered", "Price", "read_prices"),
    "loading": ("load_chat_model",),
    "openai": ("OpenAIModel",),
    "replay": ("Recorded", "Replay"),
    "traced": ("Traced",),
    "transformers": ("TransformersModel",),
    "waiting": ("wait",),
    "writing": ("edit", "generate"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "ActiveModel",
    "Answer",
    "Cached",
    "ChatModel",
    "Conversion",
    "Extended",
    "Health",
    "ImagePart",
    "InspectModel",
    "Ledger",
    "Message",
    "Metered",
    "Model",
    "ModelError",
    "NoAnswer",
    "NotRecorded",
    "OpenAIModel",
    "Price",
    "Recorded",
    "Replay",
    "Role",
    "Sample",
    "Sampling",
    "Traced",
    "TransformersModel",
    "Usage",
    "answer_store",
    "check",
    "convert",
    "convert_picture",
    "edit",
    "generate",
    "load_chat_model",
    "load_model",
    "read_prices",
    "request_key",
    "wait",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the name stands for
    # The models' own modules lie below here, and must not wait for the engine to be imported.
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module 'derender.models' has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{home}"), name)
