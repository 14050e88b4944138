"""Models by name."""

from derender.core import Language, UnknownName, UserError

from .chat import ChatModel
from .inspect import InspectModel
from .openai import OpenAIModel
from .replay import Replay
from .traced import Traced
from .transformers import TransformersModel

NAMES = ("openai/NAME", "inspect/PROVIDER/NAME", "hf/CHECKPOINT", "replay/PATH")
"""How the models are named that can be asked."""


def load_chat_model(name: str, base_url: str | None = None, *, target: Language | None = None) -> ChatModel:
    """The model of a name: ``openai/NAME`` at an endpoint, ``hf/CHECKPOINT`` on this machine, or ``replay/PATH``.

    ``inspect/PROVIDER/NAME`` is whatever Inspect calls ``PROVIDER/NAME``. A checkpoint is a folder, or a name that
    Hugging Face's cache holds; ``replay/`` gives recorded answers. Where pictures are to be turned into ``target`` and
    nothing else is asked, ``trace`` answers too.

    Raises:
        UserError: there is no such model, checkpoint or recording, or it takes no endpoint.
        Missing: it needs a package that is not installed.
    """
    family, _, rest = name.partition("/")
    if family == "openai" and rest:
        return OpenAIModel(rest, base_url=base_url)
    if family == "inspect" and rest:
        return InspectModel(rest, base_url)
    offline = _offline(name, target)
    if base_url is not None:
        raise UserError(f"the model {name} needs no endpoint: leave out the base URL")
    return offline


def _offline(name: str, target: Language | None) -> ChatModel:
    family, _, rest = name.partition("/")
    if family == "replay" and rest:
        return Replay(rest)
    if family == "hf" and rest:
        return TransformersModel(rest)
    if name == "trace" and target is not None:
        return Traced(target)
    if name == "trace":
        raise UserError("the model trace only turns pictures into programs: name one that can be asked, openai/NAME")
    raise UnknownName("model", name, NAMES)
