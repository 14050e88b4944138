"""Where judges are asked, which may be another place than where other models are."""

import os
from dataclasses import replace

from derender.models.chat import ChatModel
from derender.models.loading import load_chat_model
from derender.models.openai import OpenAIModel

BASE_URL = "RATER_BASE_URL"
"""Environment variable, as Vision2Code's rater knows it: the judge's endpoint, where none is named."""
API_KEY = "RATER_API_KEY"
"""Environment variable: its key, before ``OPENAI_API_KEY``."""


def judge_endpoint(name: str, base_url: str | None = None) -> tuple[str | None, str | None]:
    """Address and key of a judge: an ``openai/`` one has its own, where these are set; None is any model's.

    Args:
        name: the judge's.
        base_url: the address that the user names.
    """
    family, _, rest = name.partition("/")
    if family != "openai" or not rest:
        return base_url, None
    return base_url or os.environ.get(BASE_URL) or None, os.environ.get(API_KEY) or None


def load_judge_model(name: str, base_url: str | None = None) -> ChatModel:
    """`load_chat_model` for a judge, at its own endpoint.

    Raises:
        UserError: there is no such model, or it takes no endpoint.
        Missing: it needs a package that is not installed.
    """
    address, key = judge_endpoint(name, base_url)
    model = load_chat_model(name, address)
    return replace(model, api_key=key) if isinstance(model, OpenAIModel) else model
