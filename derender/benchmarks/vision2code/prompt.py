"""What a model is asked: rules, the picture as its file has it, and one sentence. It is told nothing of the sample."""

import hashlib
from dataclasses import replace
from functools import cache
from importlib import resources

from derender.models.chat import ImagePart, Message, Sampling

MAX_TOKENS = 8192
"""Of one answer, thoughts included, as the paper's models had them."""
_FILES = ("system", "user")


def messages(picture: bytes) -> list[Message]:
    """The question about a picture.

    Args:
        picture: its file's content; sent as it is.

    Raises:
        UserError: it is of a kind that models don't take.
    """
    return [Message.system(_file("system")), Message.user(ImagePart.of_file(picture), _file("user"))]


def as_published(wanted: Sampling) -> Sampling:
    """How a model is asked: as the paper has it, unless the user wants it otherwise.

    The temperature is 0, and left out where a reasoning effort is given.
    """
    thinks = wanted.reasoning_effort not in {None, "none"}
    cool = 0.0 if wanted.temperature is None and not thinks else wanted.temperature
    return replace(wanted, temperature=cool, max_tokens=wanted.max_tokens or MAX_TOKENS)


@cache
def question_digest() -> str:
    """SHA-256 of the prompts."""
    return hashlib.sha256("\0".join(_file(name) for name in _FILES).encode()).hexdigest()


@cache
def _file(name: str) -> str:
    folder = resources.files("derender.benchmarks.vision2code").joinpath("prompts")
    return folder.joinpath(f"{name}.txt").read_text("utf-8").strip()
