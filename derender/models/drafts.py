"""What models are asked for programs with, and the program in what they answer."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

from derender.core import Language, NoProgram, Program, UserError
from derender.core.extract import extract_program

from .chat import ImagePart, Message
from .errors import NoAnswer

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_CALLED = {
    Language.PYTHON: ("a Python program", "program"),
    Language.SVG: ("an SVG document", "document"),
    Language.HTML: ("an HTML page", "page"),
    Language.LATEX: ("a LaTeX document", "document"),
    Language.MERMAID: ("a Mermaid diagram", "diagram"),
    Language.SMILES: ("a line of SMILES", "line"),
    Language.MOLFILE: ("a molfile", "molfile"),
    Language.EXCALIDRAW: ("an Excalidraw scene", "scene"),
}


@dataclass(frozen=True, slots=True)
class Assignment:
    """A program that a model is to write.

    Attributes:
        messages: what it is asked.
        target: the language of the program.
        prompt: SHA-256 of the prompt's files, before anything was filled in.
        item: what the caller calls it; recorded answers are found by it.
    """

    messages: Sequence[Message]
    target: Language
    prompt: str
    item: str | None = None


def conversion(image: "npt.NDArray[np.uint8]", target: Language, item: str | None = None) -> Assignment:
    """A program that draws a picture, given as height × width × 3 or 4."""
    height, width = image.shape[:2]
    (text,), digest = _prompt(f"convert_{target}")
    asked = text.format(width=width, height=height)
    return Assignment([Message.user(ImagePart.of_pixels(image), asked)], target, digest, item)


def conversion_prompt(target: Language) -> str:
    """The `Assignment.prompt` of every conversion into a language."""
    return _prompt(f"convert_{target}")[1]


def generation(request: str, target: Language, item: str | None = None) -> Assignment:
    """A program that draws what is said in words.

    Raises:
        UserError: nothing is said.
    """
    (text, rules), digest = _prompt("generate", f"rules_{target}")
    language, kind = _CALLED[target]
    named = {"language": language, "kind": kind, "tag": target.value, "rules": rules.strip()}
    asked = text.format(**named, request=_said(request), fence=fence(request))
    return Assignment([Message.user(asked)], target, digest, item)


def editing(program: Program, request: str, item: str | None = None) -> Assignment:
    """A program changed as is said in words; in its own language.

    Raises:
        UserError: nothing is said, or there is no program.
    """
    if not program.source.strip():
        raise UserError("the program is empty, so there is nothing to edit")
    (text, rules), digest = _prompt("edit", f"rules_{program.language}")
    language, kind = _CALLED[program.language]
    named = {"language": language, "kind": kind, "tag": program.language.value, "rules": rules.strip()}
    fences = {"fence": fence(request), "program_fence": fence(program.source)}
    asked = text.format(**named, **fences, request=_said(request), program=program.source.strip("\n"))
    return Assignment([Message.user(asked)], program.language, digest, item)


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


def _prompt(*names: str) -> tuple[list[str], str]:
    """The texts of the files in ``prompts``, and their hash."""
    folder = resources.files("derender.models").joinpath("prompts")
    texts = [folder.joinpath(f"{name}.txt").read_text("utf-8") for name in names]
    return texts, hashlib.sha256("\0".join(texts).encode()).hexdigest()


def _said(request: str) -> str:
    if not request.strip():
        raise UserError("say in words what is wanted: the request is empty")
    return request.strip()


def fence(text: str) -> str:
    """Backticks that close nothing inside of a text."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    return "`" * max(3, longest + 1)
