"""What models are asked for programs with, and the program in what they answer."""

import hashlib
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

from derender.core import Language, NoProgram, Program
from derender.core.extract import extract_program

from .chat import ImagePart, Message
from .errors import NoAnswer

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt's text with places to fill.

    Attributes:
        text: with ``{name}`` where something is filled in.
        sha256: of the text, so that a record says which one was used.
    """

    text: str
    sha256: str

    @classmethod
    def named(cls, name: str) -> "Prompt":
        """One of the files in ``prompts``."""
        text = resources.files("derender.models").joinpath("prompts", f"{name}.txt").read_text("utf-8")
        return cls(text, hashlib.sha256(text.encode()).hexdigest())


def conversion_messages(image: "npt.NDArray[np.uint8]", target: Language) -> list[Message]:
    """What asks for a program of a picture, given as height × width × 3 or 4."""
    height, width = image.shape[:2]
    prompt = Prompt.named(f"convert_{target}").text.format(width=width, height=height)
    return [Message.user(ImagePart.of_pixels(image), prompt)]


def program_in(reply: str, target: Language, model: str) -> Program:
    """The program in a model's reply.

    Raises:
        NoAnswer: it holds none.
    """
    try:
        return extract_program(reply, target).program
    except NoProgram as error:
        start = " ".join(reply.split())[:120]
        raise NoAnswer(f"{model} answered without a program ({error}): {start!r}", reply) from None
