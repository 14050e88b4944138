"""Where judges are asked, which may be another place than where other models are."""

import os

from derender.models.chat import ChatModel
from derender.models.loading import load_chat_model
from derender.models.openai import OpenAIModel

BASE_URL = "RATER_BASE_URL"
"""Environment variable, as Vision2Code's rater knows it: the judge's endpoint, where none is named."""
API_KEY = "RATER_API_KEY"
"""Environment variable: its key, before ``OPENAI_API_KEY``."""


def load_judge_model(name: str, base_url: str | None = None) -> ChatModel:
    """`load_chat_model` for a judge: an ``openai/`` one has an endpoint and a key of its own, where these are set.

    Raises:
        UserError: there is no such model, or it takes no endpoint.
        Missing: it needs a package that is not installed.
    """
    family, _, rest = name.partition("/")
    if family != "openai" or not rest:
        return load_chat_model(name, base_url)
    place = base_url or os.environ.get(BASE_URL) or None
    return OpenAIModel(rest, base_url=place, api_key=os.environ.get(API_KEY) or None)
