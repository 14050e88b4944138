"""About how many tokens a question has, before it is asked: no endpoint counts alike."""

import io
import math
from collections.abc import Sequence

from .chat import MAX_SIDE, ImagePart, Message

LETTERS_OF_TOKEN = 4
"""Of English text and of programs, on the average."""
PATCH = 28
"""Pixels of a side of what counts as one token of a picture, as the models of the Qwen family have it."""


def tokens_of_text(text: str) -> int:
    """About how many tokens a text has."""
    return math.ceil(len(text) / LETTERS_OF_TOKEN)


def tokens_of_picture(width: int, height: int) -> int:
    """About how many tokens a picture has; one that is too large is scaled down first."""
    scale = min(1.0, MAX_SIDE / max(width, height))
    return math.ceil(width * scale / PATCH) * math.ceil(height * scale / PATCH)


def tokens_of(messages: Sequence[Message]) -> int:
    """About how many tokens a talk has, pictures included."""
    parts = [part for message in messages for part in message.parts]
    return sum(tokens_of_text(part) if isinstance(part, str) else _of_image(part) for part in parts)


def _of_image(part: ImagePart) -> int:
    from PIL import Image

    with Image.open(io.BytesIO(part.content)) as image:
        return tokens_of_picture(*image.size)
