"""Models by name."""

from derender.core import UnknownName, UserError

from .chat import ChatModel
from .openai import OpenAIModel
from .replay import Replay
from .transformers import TransformersModel

NAMES = ("openai/NAME", "hf/CHECKPOINT", "replay/PATH")
"""How the models are named that can be asked."""


def load_chat_model(name: str, base_url: str | None = None) -> ChatModel:
    """The model of a name: ``openai/NAME`` at an endpoint, ``hf/CHECKPOINT`` on this machine, or ``replay/PATH``.

    A checkpoint is a folder, or a name that Hugging Face's cache holds; ``replay/`` gives recorded answers.

    Raises:
        UserError: there is no such model, checkpoint or recording, or it takes no endpoint.
        Missing: it needs a package that is not installed.
    """
    family, _, rest = name.partition("/")
    if family == "openai" and rest:
        return OpenAIModel(rest, base_url=base_url)
    if family in {"hf", "replay"} and rest:
        if base_url is not None:
            raise UserError(f"the model {name} needs no endpoint: leave out the base URL")
        return Replay(rest) if family == "replay" else TransformersModel(rest)
    if name == "trace":
        raise UserError("the model trace only turns pictures into programs: name one that can be asked, openai/NAME")
    raise UnknownName("model", name, NAMES)
