"""Models by name."""

from derender.core import UnknownName, UserError

from .chat import ChatModel
from .openai import OpenAIModel
from .replay import Replay

NAMES = ("openai/NAME", "replay/PATH")
"""How the models are named that can be asked."""


def load_chat_model(name: str, base_url: str | None = None) -> ChatModel:
    """The model of a name: ``openai/NAME`` at an endpoint, or ``replay/PATH`` of recorded answers.

    Raises:
        UserError: there is no such model or recording, or it takes no endpoint.
    """
    family, _, rest = name.partition("/")
    if family == "openai" and rest:
        return OpenAIModel(rest, base_url=base_url)
    if family == "replay" and rest:
        if base_url is not None:
            raise UserError("recorded answers need no endpoint: leave out the base URL")
        return Replay(rest)
    if name == "trace":
        raise UserError("the model trace only turns pictures into programs: name one that can be asked, openai/NAME")
    raise UnknownName("model", name, NAMES)
